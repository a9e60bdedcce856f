"""What is wrong is said before anything is started, with what to do."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from daisy_hub import check
from daisy_hub.generations import Generation, Generations
from daisy_hub.identity.roles import HUB_SCOPES
from daisy_hub.settings import Settings
from daisy_hub.views import mounts
from installations import free_ports


@pytest.fixture
def found(new_settings: Callable[..., Settings], tmp_path: Path) -> Callable[..., str]:
    """Say what is wrong with settings: found(tree="...")."""
    for name in ("jupyterhub-singleuser", "dask", "python"):
        (tmp_path / "env" / "bin").mkdir(parents=True, exist_ok=True)
        (tmp_path / "env" / "bin" / name).touch()

    def look(**entries: object) -> str:
        tmp_path.chmod(0o700)
        usual = {"user_environment": str(tmp_path / "env"), "port": free_ports()[0]}
        settings = new_settings(**{**usual, **entries})
        settings.state.chmod(0o700)
        assert settings.instance
        return "\n".join(check.problems(settings))

    return look


def test_what_is_right_is_no_problem(found):
    assert found() == ""


def test_a_generation_that_is_missing_is_said_with_how_to_choose_another(
    found, tmp_path
):
    kept = Generations(tmp_path / "state" / "generations")
    kept.bring(Generation("user-1", str(tmp_path / "envs" / "user-1")))

    said = found()

    assert "envs/user-1 is missing" in said
    assert "daisy-hub rollback NAME" in said


def test_a_template_that_is_none_is_refused(found):
    assert "no template of folders" in found(tree="{proposal}")


def test_two_proposals_at_one_place_are_refused(found, tmp_path):
    for cycle in ("1", "2"):
        (tmp_path / "data" / "B7" / cycle / "P1" / "v1").mkdir(parents=True)

    assert "would both be B7/P1-v1" in found(
        tree="{beamline}/{cycle}/{proposal}/{visit}"
    )


def test_a_source_of_members_that_there_is_not_is_refused(found):
    assert "there is no source 'ldap', but: table" in found(members_from=["ldap"])


def test_a_name_of_groups_with_other_fields_is_refused(found):
    assert "{beamline} and {proposal}" in found(group_of_proposal="{cycle}-{proposal}")


def test_a_table_that_names_strangers_is_refused_with_what_to_do(found, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "members.toml").write_text('["B7/P1"]\nmembers = ["zoe"]\n')

    assert "zoe, who have no account: daisy-hub add NAME" in found()


def test_a_port_that_is_taken_is_named(found):
    port = free_ports()[0]
    with socket.create_server(("127.0.0.1", port + 4)):
        assert f"Port {port + 4} (gateway) is in use" in found(port=port)


@pytest.mark.parametrize("name", ["instance", "gateway-token", "cookie-secret"])
def test_a_secret_that_others_can_read_is_named(found, tmp_path, name):
    (tmp_path / "state").mkdir(exist_ok=True)
    (tmp_path / "state" / name).write_text("secret")
    os.chmod(tmp_path / "state" / name, 0o644)

    assert f"{name} can be read by others. Run: chmod 600" in found()


def test_a_missing_program_is_named(found, tmp_path):
    (tmp_path / "env" / "bin" / "dask").unlink()

    assert "dask is missing. Run make up again" in found()


def test_a_right_that_jupyterhub_does_not_know_is_said(found, monkeypatch):
    monkeypatch.setitem(HUB_SCOPES, "support", ("list:users", "read:everything"))

    assert "does not know the scopes read:everything, which support has" in found()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
def test_a_machine_that_mounts_nothing_is_refused_and_nothing_is_left(
    found, monkeypatch
):
    assert found() == ""

    def refused(*_: object, **__: object) -> None:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(mounts, "bind", refused)
    said = found()

    assert "Views of proposals cannot be mounted" in said
    assert "Function not implemented" in said
    assert "/check/view" not in Path("/proc/self/mountinfo").read_text()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
def test_a_view_that_could_be_written_is_said(found, monkeypatch):
    really = mounts.bind
    monkeypatch.setattr(
        mounts, "bind", lambda s, t, writable: really(s, t, writable=True)
    )

    assert "is writable where it has to be read-only" in found()
