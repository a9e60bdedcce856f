"""Examples for everybody: small, readable, and each opens with a plot."""

from pathlib import Path

import pytest

import daisy_kernel as daisy
from daisy_kernel import cli, errors
from daisy_kernel.catalog import describe, proposals, scans
from daisy_kernel.demo import make_public


def test_every_example_opens_and_may_be_read_by_all(tmp_path: Path) -> None:
    tree = tmp_path / "public"
    make_public(tree, lambda _: None)

    (proposal,) = proposals(tree)
    assert (proposal.beamline, proposal.name) == ("Public", "examples")
    assert proposal.title
    assert not proposal.problem
    found = scans(proposal.path)
    assert found.total == 8
    techniques = set()
    for info in found:
        techniques.add(describe(info.path).technique)
        with daisy.open(info.path) as scan:
            assert scan.signal is not None
    assert "tomography" in techniques
    files = [path for path in tree.rglob("*") if path.is_file()]
    assert sum(file.stat().st_size for file in files) < 20e6
    assert all(file.stat().st_mode & 0o777 == 0o444 for file in files)
    assert all(p.stat().st_mode & 0o005 == 0o005 for p in tree.rglob("*") if p.is_dir())


def test_the_command_makes_them_once_and_nowhere_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tree = tmp_path / "public"
    assert cli.main(["demo", str(tree), "--public"]) == 0
    before = {path: path.stat().st_mtime_ns for path in tree.rglob("*")}
    assert cli.main(["demo", str(tree), "--public"]) == 0
    assert {path: path.stat().st_mtime_ns for path in tree.rglob("*")} == before
    assert "there already" in capsys.readouterr().out
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").write_text("")
    with pytest.raises(errors.ResultExists):
        make_public(tmp_path / "mine", lambda _: None)
