"""A demo beamtime of one small scan, and the DAISY kernel without an install."""

from pathlib import Path

import pytest

from daisy_kernel.demo import tomography

ROOT = Path(__file__).parents[2]


@pytest.fixture
def templates() -> Path:
    return ROOT / "notebooks-templates"


@pytest.fixture
def daisy_kernelspec(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let Jupyter find the kernelspec that the wheel installs."""
    share = ROOT / "daisy_kernel/jupyter/wheel/data/share/jupyter"
    monkeypatch.setenv("JUPYTER_PATH", str(share))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.delenv("DASK_GATEWAY__ADDRESS", raising=False)


@pytest.fixture
def small_beamtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    raw = tmp_path / "data/B7/2026-0042/raw"
    raw.mkdir(parents=True)
    setup = tomography.Setup(91, 24, 128, 61.7)
    tomography.write_nxtomo(raw / "tooth_0001.nxs", setup, 1, "small")
    monkeypatch.setenv("DAISY_DATA", str(tmp_path / "data"))
    return tmp_path / "data"
