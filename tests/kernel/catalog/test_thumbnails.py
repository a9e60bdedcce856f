"""Small pictures beside the index."""

import os
from pathlib import Path

import pytest

from daisy_kernel.catalog import Thumbnails, place_of, update
from daisy_kernel.catalog.thumbnails import LARGEST

PNG = b"\x89PNG\r\n\x1a\n and so on"


@pytest.fixture
def proposal(tmp_path: Path) -> Path:
    folder = tmp_path / "B7" / "2026-0042"
    for area in ("raw", "processed"):
        (folder / area).mkdir(parents=True)
    (folder / "raw" / "scan.h5").write_bytes(b"one")
    return folder


def kept(proposal: Path) -> list[Path]:
    return sorted(place_of(proposal).thumbnails.iterdir())


def test_a_picture_is_kept_in_the_proposal_until_the_file_changes(
    proposal: Path,
) -> None:
    scan = proposal / "raw" / "scan.h5"
    thumbnails = Thumbnails(proposal)
    assert thumbnails.get(scan) is None

    thumbnails.put(scan, PNG)
    assert Thumbnails(proposal).get(scan) == PNG
    assert kept(proposal)[0].is_relative_to(proposal / "processed" / ".daisy")

    scan.write_bytes(b"another")
    assert thumbnails.get(scan) is None
    thumbnails.put(scan, b"")
    assert thumbnails.get(scan) == b""
    assert len(kept(proposal)) == 1, "the picture of the old file is still there"


def test_the_picture_of_a_scan_that_is_gone_is_removed(proposal: Path) -> None:
    scan = proposal / "raw" / "scan.h5"
    update(proposal)
    Thumbnails(proposal).put(scan, PNG)
    assert len(kept(proposal)) == 1

    scan.unlink()
    update(proposal)

    assert not kept(proposal)


def test_what_is_no_picture_is_made_anew(proposal: Path) -> None:
    scan = proposal / "raw" / "scan.h5"
    thumbnails = Thumbnails(proposal)
    for wrong in (b"<script>", PNG + bytes(LARGEST)):
        thumbnails.put(scan, PNG)
        kept(proposal)[0].write_bytes(wrong)
        assert thumbnails.get(scan) is None


def test_a_path_out_of_the_proposal_has_none(proposal: Path, tmp_path: Path) -> None:
    thumbnails = Thumbnails(proposal)
    (proposal / "other.h5").write_bytes(b"")
    assert thumbnails.get(proposal / "other.h5") is None
    with pytest.raises(ValueError, match="subpath"):
        thumbnails.get(tmp_path / "elsewhere.h5")


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_in_a_proposal_that_is_only_read_it_is_kept_in_the_cache(
    proposal: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (proposal / "processed").chmod(0o555)
    thumbnails = Thumbnails(proposal)
    thumbnails.put(proposal / "raw" / "scan.h5", PNG)
    assert thumbnails.get(proposal / "raw" / "scan.h5") == PNG
    assert not list((proposal / "processed").iterdir())
