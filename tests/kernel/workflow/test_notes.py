"""Notes of runs: changed by their owner, seen by all, and no part of what a run is."""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from beamtimes import DARK, quiet
from flows import tomography

import daisy_kernel as daisy
from daisy_kernel import errors
from daisy_kernel.cli import main
from daisy_kernel.workflow.runs import environment
from daisy_kernel.workflow.runs.record import write_json


@pytest.fixture
def run(beamtime: Path) -> daisy.Run:
    scan = beamtime / "raw" / "tooth.nxs"
    return daisy.run(tomography(), scan, dark=DARK, note="at night", show=quiet)


def again(beamtime: Path) -> daisy.Run:
    scan = beamtime / "raw" / "tooth.nxs"
    return daisy.run(tomography(), scan, dark=DARK, show=quiet)


def test_a_note_is_changed_and_whoever_looks_sees_it(
    run: daisy.Run, beamtime: Path
) -> None:
    run.note = "  the axis is at 15.7 µm  "

    assert daisy.Run(run.folder).note == "the axis is at 15.7 µm"
    assert "15.7 µm" in repr(daisy.runs(beamtime))
    assert "15.7 µm" in run._repr_html_()
    assert "note: the axis is at 15.7 µm" in daisy.history(run).text


def test_a_note_changes_nothing_of_what_a_run_is(
    run: daisy.Run, beamtime: Path
) -> None:
    files = [p for p in run.folder.rglob("*") if p.is_file()]
    before = {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in files}

    run.note = "another one"

    assert {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in files} == before
    now = {p for p in run.folder.rglob("*") if p.is_file()}
    assert now - set(files) == {run.folder / "note.txt"}
    assert again(beamtime) == run
    assert daisy.rerun(run, dark=DARK, show=quiet) == run


def test_an_empty_note_takes_it_away(run: daisy.Run) -> None:
    run.note = ""

    assert daisy.Run(run.folder).note == ""
    assert "\nnote" not in run.text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("x" * 1001, "1001 characters, and may have 1000"),
        ("one\ntwo", "several lines"),
        ("one\u2028two", "several lines"),
        ("red \x1b[31m", r"character 5 of the note, U\+001B"),
        ("evil \u202etxt", r"U\+202E"),
        ("half \ud800", r"U\+D800"),
    ],
)
def test_what_is_no_note_is_refused_and_the_one_before_stays(
    run: daisy.Run, beamtime: Path, text: str, said: str
) -> None:
    with pytest.raises(errors.ParameterRefused, match=said):
        run.note = text
    with pytest.raises(errors.ParameterRefused, match=said):
        daisy.run(
            tomography(), beamtime / "raw" / "tooth.nxs",
            dark=DARK, note=text, again=True, show=quiet,
        )  # fmt: skip

    assert run.note == "at night"
    assert [p.name for p in run.folder.parent.iterdir()] == ["run_001"]


def test_letters_of_all_scripts_are_text(run: daisy.Run) -> None:
    for text in ("µ ± Å⁻¹ ½", "测量 二", "שלום", "👩‍🔬 ok"):
        run.note = text
        assert run.note == text


def test_only_the_owner_changes_it_where_accounts_share_a_uid(
    run: daisy.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "user", lambda: "mallory")

    with pytest.raises(errors.WriteFailed, match=r"it is the run of .+ who alone"):
        run.note = "mine"

    assert run.note == "at night"


def test_only_the_owner_changes_it_where_accounts_have_uids(
    run: daisy.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "getuid", lambda: os.stat(run.folder).st_uid + 1)

    with pytest.raises(errors.WriteFailed, match="it is the run of"):
        run.note = "mine"


@pytest.mark.skipif(os.geteuid() != 0, reason="gives a file to another account")
def test_what_another_account_has_put_there_is_no_note(run: daisy.Run) -> None:
    (run.folder / "note.txt").write_text("of a stranger")
    os.chown(run.folder / "note.txt", 12345, -1)

    assert run.note == "at night"


@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "long", "binary"])
def test_what_is_no_plain_text_is_no_note(
    run: daisy.Run, tmp_path: Path, kind: str
) -> None:
    file = run.folder / "note.txt"
    if kind == "link":
        (tmp_path / "secret").write_text("secret")
        file.symlink_to(tmp_path / "secret")
    elif kind == "pipe":
        os.mkfifo(file)
    elif kind == "folder":
        file.mkdir()
    else:
        file.write_bytes(b"x" * 10**6 if kind == "long" else b"\xff\xfe")

    assert run.note == "at night"


def test_a_full_disk_leaves_the_note_before(
    run: daisy.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "full")

    run.note = "kept"
    with monkeypatch.context() as patch:
        patch.setattr("daisy_kernel.workflow.runs.record.os.replace", full)
        with pytest.raises(errors.WriteFailed, match="make room"):
            run.note = "lost"

    assert run.note == "kept"
    assert not list(run.folder.glob(".note*"))


def test_a_run_of_nobody_known_is_noted_by_who_owns_its_folder(run: daisy.Run) -> None:
    write_json(run.folder / "run.json", replace(run.record, user=""))
    found = daisy.Run(run.folder)

    found.note = "ours"

    assert found.note == "ours"
    assert json.loads((run.folder / "run.json").read_text())["note"] == "at night"


def test_the_command_line_changes_a_note(
    run: daisy.Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["note", str(run.folder), "the good one"]) == 0
    assert run.note == "the good one"

    assert main(["note", str(run.folder), "two\nlines"]) == 1
    assert "several lines" in capsys.readouterr().err
    assert run.note == "the good one"
