"""The demo beamtime: whole or not at all, readable, and nobody else's folder."""

import time
import tomllib
from pathlib import Path

import numpy as np
import pytest

import daisy_kernel as daisy
from daisy_kernel import cli, errors
from daisy_kernel.catalog import describe, proposals, scans
from daisy_kernel.demo import make_beamtime


@pytest.fixture(scope="module")
def beamtime(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "beamtime"
    start = time.perf_counter()
    make_beamtime(folder, ("anna", "ben"), lambda _: None)
    assert time.perf_counter() - start < 45
    return folder


def test_demo_is_small_enough(beamtime: Path) -> None:
    size = sum(path.stat().st_size for path in beamtime.rglob("*") if path.is_file())

    assert size < 300e6


def test_each_account_has_a_private_proposal_and_one_is_shared(beamtime: Path) -> None:
    table = tomllib.loads((beamtime / "members.toml").read_text())

    assert {name: entry["members"] for name, entry in table.items()} == {
        "B7/2026-0042": ["anna"],
        "B2/2026-0107": ["ben"],
        "B4/2026-0100": ["anna", "ben"],
    }
    assert all((beamtime / name / "raw").is_dir() for name in table)


def test_every_scan_of_the_demo_opens_with_a_plot(beamtime: Path) -> None:
    for proposal in proposals(beamtime):
        assert not proposal.problem
        assert proposal.title
        for info in scans(proposal.path):
            assert not describe(info.path).problem
            with daisy.open(info.path) as scan:
                assert scan.signal is not None
                assert not scan.missing


def test_tomography_scan_is_an_nxtomo_with_noise_and_hot_pixels(beamtime: Path) -> None:
    with daisy.open(beamtime / "B7/2026-0042/raw/tooth_0001.nxs") as scan:
        frames = scan.signal
        key = scan["entry/instrument/detector/image_key"].read()

        assert frames.path == "entry/data/data"
        assert frames.filters == ("bitshuffle-lz4",)
        assert frames.axes[0] == "rotation_angle"
        assert [(key == kind).sum() for kind in (0, 1, 2)] == [361, 20, 10]
        assert scan["entry/demo/rotation_axis"][()] == 250.3
        assert (frames[200] > 39_000).sum() == 60
    described = describe(beamtime / "B7/2026-0042/raw/tooth_0001.nxs")
    assert described.technique == "tomography"


def test_map_runs_in_snake_rows_with_a_live_time_for_each_pixel(beamtime: Path) -> None:
    with daisy.open(beamtime / "B4/2026-0100/raw/map_0001.nxs") as scan:
        x = scan["entry/data/x"].read()
        live = scan["entry/instrument/fluorescence/live_time"].read()

        assert (np.diff(x[0]) > 0).all()
        assert (np.diff(x[1]) < 0).all()
        assert live.shape == x.shape == scan.signal.shape[:2]
        assert live.std() > 0


def test_diffraction_frames_mark_gaps_and_have_a_poni_file(beamtime: Path) -> None:
    path = beamtime / "B2/2026-0107/raw/lab6_0001.nxs"

    with daisy.open(path) as scan:
        assert (scan.signal[0][195:212] == -1).all()
    assert "poni_version: 2" in path.with_suffix(".poni").read_text()


def test_same_seed_gives_the_same_scan(tmp_path: Path) -> None:
    from daisy_kernel.demo import tomography

    small = tomography.Setup(9, 8, 64, 30.2, flats=2, darks=2)
    for name in ("a", "b"):
        tomography.write_nxtomo(tmp_path / f"{name}.nxs", small, 7, "twice")

    with daisy.open(tmp_path / "a.nxs") as a, daisy.open(tmp_path / "b.nxs") as b:
        assert np.array_equal(a.signal.read(), b.signal.read())


def test_second_run_only_renews_the_members(
    beamtime: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (beamtime / "B7/2026-0042/raw/tooth_0001.nxs").stat().st_mtime

    code = cli.main(["demo", str(beamtime), "--accounts", "carl"])

    assert code == 0
    assert "there already" in capsys.readouterr().out
    assert (beamtime / "B7/2026-0042/raw/tooth_0001.nxs").stat().st_mtime == before
    table = tomllib.loads((beamtime / "members.toml").read_text())
    assert all(entry["members"] == ["carl"] for entry in table.values())
    make_beamtime(beamtime, ("anna", "ben"), lambda _: None)


def test_somebody_elses_folder_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.txt").write_text("mine")

    code = cli.main(["demo", str(tmp_path)])

    assert code == 1
    assert str(tmp_path) in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_run_that_was_killed_half_way_leaves_no_demo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from daisy_kernel.demo import beamtime as module

    def fail(path: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "PARTS", (module.Part("B7/2026-0042", "x", fail),))
    with pytest.raises(KeyboardInterrupt):
        make_beamtime(tmp_path / "demo", ("anna",), lambda _: None)

    assert not (tmp_path / "demo").exists()


def test_writing_never_replaces_a_file(tmp_path: Path) -> None:
    from daisy_kernel.io.writing import Branch, write_nexus

    write_nexus(tmp_path / "a.h5", Branch("NXroot", {"x": 1}))

    with pytest.raises(errors.ResultExists):
        write_nexus(tmp_path / "a.h5", Branch("NXroot", {"x": 2}))
    with daisy.open(tmp_path / "a.h5") as scan:
        assert scan["x"][()] == 1
    assert [path.name for path in tmp_path.iterdir()] == ["a.h5"]
