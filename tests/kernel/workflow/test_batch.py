"""Many scans: some at once, the failed ones again, nothing twice."""

from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from beamtimes import DARK, write_scan
from flows import tomography

import daisy_kernel as daisy
from daisy_kernel import errors
from daisy_kernel.workflow.batch import Batch

pytestmark = pytest.mark.slow
TESTS = str(Path(__file__).parents[2])


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", TESTS)


def quiet(_: Batch) -> None:
    """Show nothing."""


@pytest.fixture
def scans(beamtime: Path) -> list[Path]:
    (beamtime / "raw" / "tooth.nxs").unlink()
    for number in range(3):
        write_scan(beamtime / "raw" / f"scan_{number}.nxs", seed=number)
    return sorted((beamtime / "raw").iterdir())


def test_all_scans_are_done_and_shown_on_a_page(
    scans: list[Path], tmp_path: Path
) -> None:
    busiest = []

    def show(batch: Batch) -> None:
        busiest.append(batch.states["running"])

    found = daisy.batch(
        tomography(), scans, at_once=2, dark=DARK, show=show, page=tmp_path / "s.html"
    )

    assert [entry.state for entry in found] == ["done"] * 3
    assert max(busiest) <= 2
    page = (tmp_path / "s.html").read_text()
    assert page.count("data:image/png;base64,") == 3
    assert "scan_2.nxs" in repr(found)
    assert np.isfinite(found[2].run["scaled"].read()).all()


def test_a_second_batch_does_only_what_is_left(scans: list[Path]) -> None:
    daisy.batch(tomography(), scans[:2], dark=DARK, show=quiet)
    before = [run.folder for run in daisy.runs(scans[0].parents[1])]

    found = daisy.batch(tomography(), scans, dark=DARK, show=quiet)

    after = [run.folder for run in daisy.runs(scans[0].parents[1])]
    assert [entry.state for entry in found] == ["done"] * 3
    assert set(after) - set(before) == {found[2].run.folder}


def test_one_that_cannot_be_done_is_told_and_the_others_go_on(
    scans: list[Path],
) -> None:
    scans[1].write_bytes(b"not a file of any kind")

    found = daisy.batch(tomography(), scans, dark=DARK, show=quiet)

    assert [entry.state for entry in found] == ["done", "refused", "done"]
    assert found.failed == [found[1]]
    assert "scan_1.nxs" in found[1].problem


def test_a_missing_scan_is_told_before_anything_begins(scans: list[Path]) -> None:
    with pytest.raises(errors.FileMissing, match="nowhere"):
        daisy.batch(tomography(), [*scans, scans[0].parent / "nowhere.nxs"], dark=DARK)

    assert len(daisy.runs(scans[0].parents[1])) == 0


def notebook(path: Path, *cells: str) -> Path:
    made = nbformat.v4.new_notebook()
    made.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
    made.cells[0].metadata["tags"] = ["parameters"]
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "x"}
    nbformat.write(made, path)
    return path


def test_a_notebook_is_executed_for_each_scan(
    scans: list[Path], tmp_path: Path
) -> None:
    book = notebook(
        tmp_path / "look.ipynb",
        'scan_path = ""\nfactor = 1',
        "import h5py",
        "with h5py.File(scan_path) as f: total = int(f['entry/data/data'][:].sum())",
        "print(total * factor)",
    )

    found = daisy.batch(
        str(book), scans[:2], at_once=2, parameters={"factor": 2}, show=quiet
    )

    assert [entry.state for entry in found] == ["done", "done"]
    texts = [_printed(entry.run.files["notebook"]) for entry in found]
    import h5py

    for scan, text in zip(scans, texts, strict=False):
        with h5py.File(scan) as file:
            assert int(text) == 2 * int(file["entry/data/data"][:].sum())


def test_a_failing_notebook_is_kept_as_far_as_it_came(
    scans: list[Path], tmp_path: Path
) -> None:
    book = notebook(tmp_path / "bad.ipynb", 'scan_path = ""', "1 / 0")

    found = daisy.batch(str(book), scans[:1], retry=0, show=quiet)

    (entry,) = found
    assert entry.state == "failed"
    assert "ZeroDivisionError" in entry.run.error
    assert (entry.run.folder / "failed.ipynb").exists()
    assert not (entry.run.folder / "notebook.ipynb").exists()


def _printed(path: Path) -> str:
    cells: Any = nbformat.read(path, 4).cells
    return "".join(o.get("text", "") for c in cells for o in c.get("outputs", ()))
