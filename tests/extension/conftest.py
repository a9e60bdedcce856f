"""A server with the extension, and a small data folder."""

import pytest


@pytest.fixture
def jp_server_config():
    return {
        "ServerApp": {
            "jpserver_extensions": {"daisy_lab": True},
            "allow_unauthenticated_access": False,
        }
    }


@pytest.fixture
def data(tmp_path, monkeypatch):
    """The data folder of the server: `<beamline>/<proposal>/{raw,processed}`."""
    folder = tmp_path / "data"
    proposal = folder / "B7" / "2026-0042"
    (proposal / "raw").mkdir(parents=True)
    (proposal / "processed").mkdir()
    monkeypatch.setenv("DAISY_DATA", str(folder))
    return folder
