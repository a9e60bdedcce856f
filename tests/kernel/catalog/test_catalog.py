"""Proposals and scans are listed without opening them."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import dask.array
import numpy as np
import pytest
import tifffile
from rights import ORDINARY

import daisy_kernel as daisy
from daisy_kernel.catalog import describe, proposals, scans

Write = Callable[..., Path]


@pytest.fixture
def proposal(hdf5: Write, tmp_path: Path) -> Path:
    content = {
        "entry@NX_class": "NXentry",
        "entry/title": "a tooth",
        "entry/definition": "NXtomo",
        "entry/sample/name": "molar",
        "entry/data": np.zeros((3, 4, 5)),
    }
    content = {"entry": None} | content
    top = "B7/2026-0042"
    hdf5(content, f"{top}/raw/day1/scan_0001.nxs")
    hdf5(
        {"volume": np.zeros((2, 2, 2))}, f"{top}/processed/scan_0001/run_001/volume.h5"
    )
    folder = tmp_path / top
    (folder / "raw/frames").mkdir()
    for i in range(3):
        tifffile.imwrite(folder / f"raw/frames/f{i}.tif", np.zeros((4, 4), "u2"))
    tifffile.imwrite(folder / "raw/single.tiff", np.zeros((4, 4), "u2"))
    (folder / "raw/empty.h5").touch()
    for name in ("processed/notebooks/n.h5", "processed/.daisy/i.h5", "raw/.x.h5"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    (folder / "raw/notes.txt").write_text("x")
    (folder / "proposal.toml").write_text('title = "Teeth"')
    return folder


def test_proposals_carry_title_and_problem(proposal: Path) -> None:
    (proposal.parent / "2026-0001").mkdir()

    bare, found = proposals(proposal.parents[1])

    assert (found.beamline, found.name, found.title) == ("B7", "2026-0042", "Teeth")
    assert not found.problem
    assert "neither" in bare.problem


def test_no_data_folder_is_an_empty_list(tmp_path: Path) -> None:
    assert proposals(tmp_path / "absent") == ()


def test_scans_are_files_and_folders_without_the_hidden_ones(proposal: Path) -> None:
    found = {info.name: info for info in scans(proposal)}

    assert {name: info.kind for name, info in found.items()} == {
        "day1/scan_0001.nxs": "hdf5",
        "frames": "tiff-folder",
        "single.tiff": "tiff",
        "empty.h5": "hdf5",
        "scan_0001/run_001/volume.h5": "hdf5",
    }
    assert found["scan_0001/run_001/volume.h5"].area == "processed"
    assert "empty" in found["empty.h5"].problem
    assert found["frames"].size > 0


def test_a_closed_folder_says_so_and_hides_no_other_scan(proposal: Path) -> None:
    closed = proposal / "raw" / "closed"
    closed.mkdir()
    (closed / "inside.h5").write_bytes(b"")
    closed.chmod(0)
    code = (
        "import sys; from daisy_kernel.catalog import scans; "
        "print(*((s.name, s.problem) for s in scans(sys.argv[1]).items), sep='\\n')"
    )
    command = [*ORDINARY, sys.executable, "-c", code, str(proposal)]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    closed.chmod(0o700)

    lines = found.stdout.splitlines()
    assert "('closed', 'you may not read this folder')" in lines
    assert len(lines) == len(scans(proposal).items)


def test_stores_detector_frames_and_parts_are_not_walked_into(proposal: Path) -> None:
    raw = proposal / "raw"
    daisy.write(raw / "a.zarr", np.zeros((3, 4, 5)))
    daisy.write(raw / "joined.h5", dask.array.zeros((3, 4, 5), chunks=(1, 4, 5)))
    (raw / "pilatus").mkdir()
    for name in ("pilatus/f_1.cbf", "pilatus/f_2.cbf", "one.edf", "table.spec"):
        (raw / name).write_bytes(b"x" * 10)

    found = {info.name: info for info in scans(proposal)}

    assert found["a.zarr"].kind == "zarr"
    assert found["joined.h5"].kind == "hdf5"
    assert found["pilatus"].kind == "cbf-folder"
    assert found["pilatus"].size == 20
    assert found["one.edf"].kind == "edf"
    assert found["table.spec"].kind == "spec"
    inside = ("a.zarr/", "joined.h5.parts", "pilatus/")
    assert not [name for name in found if name.startswith(inside)]


def test_newest_scan_comes_first_and_pages_add_up(proposal: Path) -> None:
    os.utime(proposal / "raw/single.tiff", (4e9, 4e9))

    whole = scans(proposal)
    pages = [info for at in range(0, 5, 2) for info in scans(proposal, at, 2)]

    assert whole.items[0].name == "single.tiff"
    assert tuple(pages) == whole.items
    assert scans(proposal, filter="SCAN_0001").total == 2


def test_describe_reads_what_the_file_says(proposal: Path) -> None:
    info = describe(proposal / "raw/day1/scan_0001.nxs")

    assert (info.title, info.technique, info.sample) == (
        "a tooth",
        "tomography",
        "molar",
    )


def test_describe_names_the_problem_of_a_broken_file(proposal: Path) -> None:
    (proposal / "raw/text.h5").write_text("no")

    assert "no HDF5" in describe(proposal / "raw/text.h5").problem


def test_describe_names_the_package_that_is_missing(
    proposal: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = daisy.write(proposal / "raw/a.zarr", np.zeros((3, 4, 5)))
    monkeypatch.delitem(sys.modules, "daisy_kernel.io.zarr.scan", raising=False)
    monkeypatch.setitem(sys.modules, "daisy_kernel.io.zarr.scan", None)

    assert "daisy-kernel[zarr]" in describe(path).problem
