"""The index of a proposal: what was written is found, and what is gone is not."""

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import daisy_kernel as daisy
from daisy_kernel.catalog import (
    Index,
    ScanInfo,
    last_look,
    notify,
    place_of,
    scans,
    understand,
    update,
)
from daisy_kernel.catalog.describing import Describer
from daisy_kernel.catalog.lease import Lease
from daisy_kernel.catalog.snapshot import Draft
from daisy_kernel.cli import main
from daisy_kernel.model.errors import FileMissing, SearchNotUnderstood, WriteFailed

Write = Callable[..., Path]


def names(folder: Path, text: str = "") -> list[str]:
    with Index(folder) as index:
        return [info.name for info in index.search(understand(text)).items]


@pytest.fixture
def three(beamtime: Path, write_scan: Write) -> Path:
    write_scan(
        "scan_0001.nxs",
        title="a tooth, first try",
        definition="NXtomo",
        sample__name="tooth",
        start_time="2026-01-10T08:00:00",
        user__name="Anna",
    )
    write_scan(
        "AgBehenate_228b.h5",
        definition="NXsas",
        sample__name="silver behenate",
        start_time="2026-02-01T08:00:00",
        instrument__name="B7",
    )
    write_scan(
        "day2/scan_0003.nxs",
        definition="NXtomo",
        sample__name="样品一号",
        start_time="2026-03-01T08:00:00",
    )
    update(beamtime)
    return beamtime


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["day2/scan_0003.nxs", "AgBehenate_228b.h5", "scan_0001.nxs"]),
        ("sample:tooth technique:tomography after:2026-01", ["scan_0001.nxs"]),
        ("TOOTH", ["scan_0001.nxs"]),
        ("scan_000", ["day2/scan_0003.nxs", "scan_0001.nxs"]),
        ("behenate", ["AgBehenate_228b.h5"]),
        ("228", ["AgBehenate_228b.h5"]),
        ("user:anna", ["scan_0001.nxs"]),
        ("axis:rotation_angle -tooth scan", ["day2/scan_0003.nxs"]),
        ("品一", ["day2/scan_0003.nxs"]),
        ("before:2026-02", ["scan_0001.nxs"]),
        ("on:2026-02", ["AgBehenate_228b.h5"]),
        ("-technique:tomography", ["AgBehenate_228b.h5"]),
        ('"first try"', ["scan_0001.nxs"]),
        ('"try first"', []),
        ("_", []),
    ],
)
def test_a_search_finds_what_it_says(three: Path, text: str, found: list[str]) -> None:
    assert names(three, text) == found


def test_a_search_goes_through_all_proposals_newest_first(
    three: Path, hdf5: Write
) -> None:
    other = hdf5({"data": np.zeros((2, 3))}, "B8/2026-0100/raw/later.h5")
    update(other.parents[1])
    (three.parent / "2026-0043" / "raw").mkdir(parents=True)

    found = daisy.search("", root=three.parents[1])

    assert [info.proposal for info in found] == ["2026-0100", *["2026-0042"] * 3]
    assert found.without_index == ("B7/2026-0043",)
    assert found.total == 4
    assert [i.name for i in daisy.search("beamline:b8", root=three.parents[1])] == [
        "later.h5"
    ]
    assert "not indexed yet: B7/2026-0043" in repr(found)
    assert "silver behenate" in found._repr_html_()
    with found[0].open() as scan:
        assert scan.signal is not None
    with pytest.raises(SearchNotUnderstood):
        daisy.search("colour:red", root=three.parents[1])


def test_what_stands_in_the_file_is_kept(three: Path) -> None:
    with Index(three) as index:
        info = index.search(understand("tooth")).items[0]

    assert (info.title, info.sample, info.users) == (
        "a tooth, first try",
        "tooth",
        ("Anna",),
    )
    assert info.shape == (3, 4, 5)
    assert info.axes == ("rotation_angle",)
    assert (info.beamline, info.proposal) == ("B7", "2026-0042")


def test_samples_are_counted_and_the_newest_comes_first(three: Path) -> None:
    with Index(three) as index:
        samples = index.samples(understand("technique:tomography"))
        one = index.search(understand(""), sample="tooth")
        techniques = index.techniques()

    assert [(s.name, s.scans) for s in samples] == [("样品一号", 1), ("tooth", 1)]
    assert [info.name for info in one.items] == ["scan_0001.nxs"]
    assert techniques == ["scattering", "tomography"]


def test_neighbours_in_time_stay_in_their_area(three: Path) -> None:
    with Index(three) as index:
        after = index.neighbour("raw", "scan_0001.nxs", 1)
        first = index.neighbour("raw", "scan_0001.nxs", -1)

    assert after is not None
    assert after.name == "AgBehenate_228b.h5"
    assert first is None


def test_an_update_opens_only_what_is_new(three: Path, write_scan: Write) -> None:
    (three / "raw/scan_0001.nxs").unlink()
    write_scan("scan_0004.nxs", sample__name="bone")

    done = update(three)

    assert (done.put, done.removed, done.described) == (1, 1, 1)
    assert "scan_0004.nxs" in names(three)
    assert "scan_0001.nxs" not in names(three)
    assert not update(three).changed
    assert last_look(three) is not None


def test_a_file_that_was_replaced_is_described_again(
    three: Path, write_scan: Write
) -> None:
    (three / "raw/scan_0001.nxs").unlink()
    write_scan("scan_0001.nxs", sample__name="bone")

    update(three)

    assert names(three, "sample:bone") == ["scan_0001.nxs"]
    assert names(three, "tooth") == []


def test_a_reader_keeps_the_snapshot_it_has_opened(
    three: Path, write_scan: Write
) -> None:
    with Index(three) as before:
        write_scan("scan_0004.nxs")
        update(three)

        assert before.search(understand("")).total == 3
    assert len(names(three)) == 4


def test_a_snapshot_is_only_ever_replaced(three: Path, write_scan: Write) -> None:
    index = place_of(three).index
    before = index.stat().st_ino, index.read_bytes()
    kept = index.open("rb")
    write_scan("scan_0004.nxs")

    update(three)

    assert index.stat().st_ino != before[0]
    assert kept.read() == before[1]
    kept.close()
    assert sorted(p.name for p in index.parent.iterdir()) == [
        "catalog.looked",
        "catalog.sqlite",
        "inbox",
        "thumbnails",
    ]


def test_a_result_is_of_the_sample_of_its_scan(three: Path, hdf5: Write) -> None:
    folder = three.relative_to(three.parents[1])
    for name in ("scan_0001/run_001/volume.h5", "scan_000/run_001/other.h5"):
        hdf5({"volume": np.zeros((2, 2, 2))}, f"{folder}/processed/{name}")

    update(three)

    with Index(three) as index:
        results = index.search(understand("area:processed")).items
        found = {info.name: info.sample for info in results}
        assert found["scan_0001/run_001/volume.h5"] == "tooth"
        assert found["scan_000/run_001/other.h5"] == ""
        assert index.search(understand("volume sample:tooth")).total == 1


def test_a_writer_at_work_is_not_disturbed(three: Path, write_scan: Write) -> None:
    write_scan("scan_0004.nxs")
    lease = Lease(place_of(three).lease)
    assert lease.take()

    assert not update(three).writer
    assert len(names(three)) == 3

    lease.release()
    assert update(three).put == 1


def test_the_lease_of_a_writer_that_was_killed_is_taken_over(three: Path) -> None:
    path = place_of(three).lease
    killed, other = Lease(path), Lease(path)
    assert killed.take()
    assert not other.take()
    old = time.time() - 3600
    os.utime(path, (old, old))

    assert other.take()
    assert not killed.held
    killed.release()
    assert other.held, "the one that was too slow may not end the other's lease"


@pytest.mark.parametrize("damage", [b"", b"no SQLite here", None])
def test_a_damaged_index_is_made_anew(three: Path, damage: bytes | None) -> None:
    index = place_of(three).index
    whole = index.read_bytes()
    index.write_bytes(whole[:4096] + b"\xff" * 8192 if damage is None else damage)

    update(three)

    assert len(names(three)) == 3


def test_an_index_of_another_version_is_made_anew(three: Path) -> None:
    index = place_of(three).index
    with sqlite3.connect(index) as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()

    with pytest.raises(LookupError, match="has no index"):
        Index(three)
    update(three)
    assert len(names(three)) == 3


def test_notify_makes_a_scan_known_at_once(
    three: Path, write_scan: Write, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_scan("day3/scan_0009.nxs", sample__name="bone")

    assert main(["notify", str(path)]) == 0

    assert names(three, "bone") == ["day3/scan_0009.nxs"]
    path.unlink()
    notify(path)
    assert names(three, "bone") == []
    assert main(["notify", str(three.parents[1] / "x.h5")]) == 1
    assert "in no proposal" in capsys.readouterr().err


def test_notify_of_a_frame_is_about_its_folder(beamtime: Path) -> None:
    folder = beamtime / "raw" / "tiff"
    folder.mkdir()
    for number in range(3):
        path = folder / f"frame_{number}.tif"
        tifffile.imwrite(path, np.zeros((4, 4), "u2"))

    notify(path)

    (name,) = names(beamtime)
    assert name == "tiff"


def test_notify_waits_for_the_writer_at_work(three: Path, write_scan: Write) -> None:
    path = write_scan("scan_0009.nxs")
    lease = Lease(place_of(three).lease)
    assert lease.take()
    told = subprocess.Popen(
        [sys.executable, "-m", "daisy_kernel.cli", "notify", str(path)]
    )
    inbox = place_of(three).inbox
    while not any(not p.suffix for p in inbox.iterdir()):
        assert told.poll() is None
        time.sleep(0.01)

    lease.release()

    assert told.wait(20) == 0
    assert "scan_0009.nxs" in names(three)
    assert not list(inbox.iterdir())


def test_a_letter_cannot_lead_out_of_the_proposal(three: Path, hdf5: Write) -> None:
    hdf5({"data": [1.0, 2.0]}, "B7/secret/raw/theirs.h5")
    (place_of(three).inbox / "letter").write_text("raw/../../secret/raw/theirs.h5")

    update(three)

    assert len(names(three)) == 3


@pytest.mark.parametrize("letter", [b"\xff\xfe", b"raw/a\0b", b"", b"x" * 5000])
def test_a_letter_that_says_nothing_stops_nobody(
    three: Path, write_scan: Write, letter: bytes
) -> None:
    (place_of(three).inbox / "letter").write_bytes(letter)
    path = write_scan("scan_0004.nxs", sample__name="bone")

    notify(path)

    assert names(three, "bone") == ["scan_0004.nxs"]
    assert not list(place_of(three).inbox.iterdir())


def test_links_out_of_the_proposal_are_neither_walked_nor_read(
    three: Path, hdf5: Write, write_scan: Write
) -> None:
    import h5py

    theirs = hdf5({"name": "secret sample"}, "B7/secret/raw/theirs.h5")
    (three / "raw/linked.h5").symlink_to(theirs)
    (three / "raw/folder").symlink_to(theirs.parent)
    path = write_scan("scan_0005.nxs", sample__name="x")
    with h5py.File(path, "a") as file:
        del file["entry/sample/name"]
        file["entry/sample/name"] = h5py.ExternalLink(str(theirs), "/name")

    update(three)

    assert names(three, "secret") == []
    assert "scan_0005.nxs" in names(three)
    assert not [n for n in names(three) if n.startswith(("linked", "folder"))]


def test_a_file_that_kills_its_reader_is_a_line_with_a_reason(
    three: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "broken" / "sitecustomize.py"
    broken.parent.mkdir()
    broken.write_text(
        "import os, sys\n"
        "if 'describe_loop' in ' '.join(sys.orig_argv):\n    os._exit(11)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(broken.parent))
    info = scans(three).items[0]

    with Describer(three) as describer:
        found = describer.describe(info)

    assert "crashed" in found.problem


def test_a_file_that_takes_too_long_is_a_line_with_a_reason(three: Path) -> None:
    with Describer(three, deadline=0.001) as describer:
        found = describer.describe(scans(three).items[0])

    assert "longer than" in found.problem


def test_without_write_access_the_index_is_the_users_own(
    three: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    place_of(three).index.unlink()
    monkeypatch.setattr(os, "access", lambda path, mode: False)

    update(three)

    assert place_of(three).index.is_relative_to(tmp_path / "cache")
    assert len(names(three)) == 3
    with pytest.raises(WriteFailed, match="only who may write"):
        notify(three / "raw/scan_0001.nxs")


def test_notify_names_a_path_outside_every_proposal(tmp_path: Path) -> None:
    with pytest.raises(FileMissing, match="in no proposal"):
        notify(tmp_path / "x.h5")


LINE = st.builds(
    ScanInfo,
    name=st.text(min_size=1, max_size=20),
    path=st.just(""),
    area=st.sampled_from(["raw", "processed"]),
    kind=st.just("hdf5"),
    size=st.integers(0, 2**60),
    mtime=st.floats(0, 4e9),
    title=st.text(max_size=20),
    sample=st.text(max_size=20),
    start_time=st.sampled_from(["", "2026-01-02T03:04:05", "never"]),
    shape=st.lists(st.integers(0, 10**6), max_size=4).map(tuple),
    energy_kev=st.none() | st.floats(0.1, 100),
    identity=st.text(max_size=5),
)


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(lines=st.lists(LINE, max_size=8, unique_by=lambda i: (i.area, i.name)))
def test_every_line_comes_back_as_it_was_put(
    beamtime: Path, lines: list[ScanInfo]
) -> None:
    place = place_of(beamtime)
    place.make()
    place.index.unlink(missing_ok=True)
    with Draft(place.index) as draft:
        draft.put(lines, described=True)
        draft.publish()

    with Index(beamtime) as index:
        found = index.search(understand(""), limit=100).items

    back = [replace(info, path="", beamline="", proposal="") for info in found]
    assert sorted(back, key=repr) == sorted(lines, key=repr)
