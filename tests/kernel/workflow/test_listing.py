"""Lists of runs: nothing is read twice, nothing is stale, and words find runs."""

import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from beamtimes import DARK, quiet
from flows import brightest, scaled, tomography

import daisy_kernel as daisy
from daisy_kernel import errors
from daisy_kernel.cli import main
from daisy_kernel.workflow.runs import index
from daisy_kernel.workflow.runs.index import RunIndex, index_of
from daisy_kernel.workflow.runs.notes import write_note
from daisy_kernel.workflow.runs.record import Progress, read_record, write_json

_opened: list[str] | None = None


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and _opened is not None:
        _opened.append(str(arguments[0]))


sys.addaudithook(_hear)


@contextmanager
def opened(below: Path) -> Iterator[list[str]]:
    """Hear which files are opened below a folder."""
    global _opened  # noqa: PLW0603 - a hook cannot be taken away again
    found: list[str] = []
    _opened = []
    try:
        yield found
    finally:
        found += [path for path in _opened if path.startswith(str(below))]
        _opened = None


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep a cache of our own; nothing is too young to be known."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(index, "_SETTLED", 0)
    index_of.cache_clear()
    return tmp_path / "cache"


def make_runs(processed: Path, scans: int, each: int) -> None:
    """Write as many runs as that: only what a list reads."""
    for number in range(scans * each):
        scan, run = divmod(number, each)
        folder = processed / f"scan_{scan:04d}" / f"run_{run:03d}"
        folder.mkdir(parents=True)
        created = datetime(2026, 1, 1) + timedelta(seconds=number)
        about = {
            "id": f"{number}", "identity": "x", "title": "Reconstruct",
            "workflow": "xrf" if run % 5 == 4 else "tomography",
            "scan": f"/data/B7/1/raw/scan_{scan:04d}.nxs",
            "user": ("anna", "ben")[run % 2],
            "created": created.isoformat(),
        }  # fmt: skip
        (folder / "run.json").write_text(json.dumps(about))
        state = {"state": "failed" if run % 7 == 0 else "done"}
        (folder / "state.json").write_text(json.dumps(state))


@pytest.fixture
def processed(tmp_path: Path) -> Path:
    """60 runs: 3 scans of 20."""
    folder = tmp_path / "B7" / "1" / "processed"
    make_runs(folder, 3, 20)
    (folder.parent / "raw").mkdir()
    return folder


@pytest.mark.timeout(120)
def test_of_ten_thousand_runs_none_is_opened_a_second_time(tmp_path: Path) -> None:
    root = tmp_path / "B7" / "1" / "processed"
    make_runs(root, 500, 20)
    with opened(root) as first:
        found = index_of(root).look()
    assert len(found) == 10_000
    assert len(first) >= 20_000

    with opened(root) as second:
        again = index_of(root).look()
    with opened(root) as third:
        other_process = RunIndex(root).look()

    assert [second, third] == [[], []]
    assert again == other_process == found
    assert found[0].path.endswith("scan_0499/run_019")


def test_a_list_reads_only_the_runs_that_it_is_asked_for(processed: Path) -> None:
    runs = daisy.runs(processed.parent)

    with opened(processed) as read:
        assert "scan_0002/run_019" in repr(runs)
        assert [run.name for run in runs[:2]] == ["run_019", "run_018"]

    assert len(read) == 2
    assert len(runs) == 60


@pytest.mark.parametrize("state", ["failed", "stopped", "done"])
def test_a_state_that_has_changed_is_told_at_the_next_look(
    processed: Path, state: Any
) -> None:
    folder = processed / "scan_0001" / "run_003"
    index_of(processed).look()
    before = (folder / "state.json").stat()

    write_json(folder / "state.json", Progress(state))
    # as a copy or a coarse clock leaves it
    os.utime(folder / "state.json", ns=(before.st_atime_ns, before.st_mtime_ns))
    with opened(processed) as read:
        found = index_of(processed).look()

    (run,) = [run for run in found if run.path == str(folder)]
    assert run.state == state
    assert {Path(path).parent for path in read} == {folder}


def test_a_state_that_is_written_in_place_is_told(processed: Path) -> None:
    folder = processed / "scan_0001" / "run_003"
    index_of(processed).look()

    (folder / "state.json").write_text('{"state": "stopped"}')

    runs = {run.path: run.state for run in index_of(processed).look()}
    assert runs[str(folder)] == "stopped"


def test_what_changes_while_it_is_young_is_read_again(
    processed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "_SETTLED", 60 * 10**9)
    index_of(processed).look()

    with opened(processed) as read:
        index_of(processed).look()

    assert len(read) >= 2 * 60


def test_a_run_that_comes_goes_or_is_noted_is_told(processed: Path) -> None:
    index_of(processed).look()
    shutil.rmtree(processed / "scan_0000")
    new = processed / "scan_0001" / "run_100"
    shutil.copytree(processed / "scan_0001" / "run_000", new)
    noted = processed / "scan_0001" / "run_001"
    index_of(processed).look()
    write_note(noted, replace(read_record(noted), user=""), "x")

    found = {run.path: run for run in index_of(processed).look()}

    assert len(found) == 41
    assert str(new) in found
    assert found[str(noted)].note == "x"


def test_a_running_run_that_is_gone_is_lost_though_no_file_has_changed(
    processed: Path,
) -> None:
    folder = processed / "scan_0001" / "run_003"
    write_json(folder / "state.json", Progress("running", place="elsewhere", pid=1))
    (folder / ".lease").touch()
    assert "running" in {run.state for run in index_of(processed).look()}

    old = time.time() - 60
    os.utime(folder / ".lease", (old, old))

    states = {run.path: run.state for run in index_of(processed).look()}
    assert states[str(folder)] == "lost"


def test_a_cache_that_is_broken_or_of_another_place_is_read_anew(
    processed: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "_WORTH", 1)
    RunIndex(processed).look()
    (file,) = (cache / "daisy" / "runs").iterdir()
    good = json.loads(file.read_text())

    for bad in ("", "[]", "{", json.dumps(good | {"runs": [[1, 2]]}),
                json.dumps(good | {"root": "/elsewhere"})):  # fmt: skip
        file.write_text(bad)
        assert len(RunIndex(processed).look()) == 60


def test_a_cache_that_cannot_be_written_stops_nobody(
    processed: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "_WORTH", 1)
    cache.mkdir(exist_ok=True)
    (cache / "daisy").write_text("no folder")

    assert len(index_of(processed).look()) == 60


def test_links_and_what_is_no_run_are_not_listed(
    processed: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside" / "run_001"
    shutil.copytree(processed / "scan_0000" / "run_000", outside)
    (processed / "linked").symlink_to(outside.parent)
    (processed / "scan_0000" / "run_900").symlink_to(outside)
    (processed / "scan_0000" / "run_901").mkdir()
    os.mkfifo(processed / "scan_0000" / "run_901" / "run.json")

    assert len(index_of(processed).look()) == 60


def test_a_record_that_is_broken_is_listed_and_hides_no_other(processed: Path) -> None:
    (processed / "scan_0000" / "run_000" / "run.json").write_text("{")

    runs = daisy.runs(processed.parent)

    assert len(runs) == 60
    assert "its record cannot be read" in repr(runs[-1:])
    with pytest.raises(errors.FileDamaged):
        runs[-1]


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("", 60),
        ("TOMOGRAPHY", 48),
        ("workflow:xrf", 12),
        ("by:anna", 30),
        ("by:anna state:failed", 6),
        ("-state:failed by:anna", 24),
        ("scan_0001", 20),
        ("scan:0001 run_003", 1),
        ('"scan_0001 scan"', 0),
        ("nobody", 0),
    ],
)
def test_words_find_runs(processed: Path, words: str, count: int) -> None:
    assert len(daisy.runs(processed.parent).find(words)) == count


def test_a_field_that_there_is_not_is_refused_with_those_there_are(
    processed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(errors.SearchNotUnderstood, match="workflow, scan, by, state"):
        daisy.runs(processed.parent).find("colour:red")

    assert main(["runs", str(processed.parent), "--find", "run_003 by:ben"]) == 0
    assert capsys.readouterr().out.count("run_003") == 3


def test_runs_of_one_scan_are_looked_for_only_there(
    beamtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scan = beamtime / "raw" / "tooth.nxs"
    daisy.run(tomography(), scan, dark=DARK, show=quiet)
    make_runs(beamtime / "processed", 2, 5)

    with opened(beamtime / "processed" / "scan_0000") as read:
        found = daisy.runs(scan)

    assert [run.folder.parent.name for run in found] == ["tooth"]
    assert read == []


def test_a_notebook_shows_a_small_picture_of_each_run(tmp_path: Path) -> None:
    frames = np.random.default_rng(0).random((3, 900, 700)).astype("f4")
    made = daisy.run(scaled, folder=tmp_path, show=quiet, values=frames)
    daisy.run(brightest, folder=tmp_path, show=quiet, values=frames)

    shown = daisy.runs(tmp_path)._repr_html_()

    rows = shown.split("<tr>")[2:]
    pictures = [row.count("data:image/png;base64,") for row in rows]
    assert pictures == [0, 1], "a number cannot be drawn"
    assert made.picture.startswith(b"\x89PNG")
    assert len(made.thumbnail) < 12_000 < len(made.picture)


def test_a_picture_that_leads_elsewhere_is_not_shown(tmp_path: Path) -> None:
    made = daisy.run(
        scaled, folder=tmp_path / "runs", show=quiet, values=np.ones((8, 8), "f4")
    )
    (tmp_path / "secret").write_bytes(b"secret")
    for name in ("picture.png", "thumbnail.png"):
        (made.folder / name).unlink()
        (made.folder / name).symlink_to(tmp_path / "secret")

    assert made.thumbnail == made.picture == b""
