"""What others write is in the index within seconds, without a call from us."""

import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from daisy_kernel.catalog import Index, last_look, place_of, understand, watch
from daisy_kernel.catalog.update import update

Write = Callable[..., Path]

WRITER = """
import sys, time, h5py
with h5py.File(sys.argv[1], "w") as file:
    file.attrs["default"] = "entry"
    entry = file.create_group("entry")
    entry.attrs["NX_class"] = "NXentry"
    entry["sample/name"] = sys.argv[2]
    frames = file.create_dataset(
        "entry/data", (0, 8, 8), "u2", maxshape=(None, 8, 8), chunks=(1, 8, 8)
    )
    for number in range(5):
        frames.resize(number + 1, 0)
        file.flush()
        time.sleep(0.1)
"""


class Watched:
    """A watch that runs in a thread, and what it has told."""

    def __init__(self, root: Path) -> None:
        self.told: list[str] = []
        self.asked: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self.lists = 0
        self._watch = watch.Watch(root, self.told.append, self.asked, self._listed)
        self._thread = threading.Thread(target=self._watch.run)

    def _listed(self) -> None:
        self.lists += 1

    def __enter__(self) -> "Watched":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.asked.put(None)
        self._thread.join(20)
        assert not self._thread.is_alive()


@pytest.fixture
def watched(beamtime: Path) -> Iterator[Watched]:
    with Watched(beamtime.parents[1]) as found:
        wait_for(lambda: last_look(beamtime) is not None)
        yield found


def wait_for(condition: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


def samples(folder: Path) -> list[str]:
    try:
        with Index(folder) as index:
            return [s.name for s in index.samples(understand(""))]
    except LookupError:
        return []


def run_writer(path: Path, sample: str) -> None:
    subprocess.run([sys.executable, "-c", WRITER, str(path), sample], check=True)


def test_a_scan_that_another_process_writes_is_seen(
    watched: Watched, beamtime: Path
) -> None:
    run_writer(beamtime / "raw/scan_0001.nxs", "tooth")

    wait_for(lambda: samples(beamtime) == ["tooth"])
    wait_for(lambda: str(beamtime) in watched.told)


def test_where_the_system_tells_nothing_a_look_now_and_then_does(
    beamtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "_watched", lambda folders: watch._ticks())
    monkeypatch.setattr(watch, "LOOK_EVERY", 1.0)

    with Watched(beamtime.parents[1]):
        run_writer(beamtime / "raw/scan_0001.nxs", "tooth")

        wait_for(lambda: samples(beamtime) == ["tooth"])


def test_a_look_that_is_asked_for_comes_at_once(
    beamtime: Path, monkeypatch: pytest.MonkeyPatch, write_scan: Write
) -> None:
    monkeypatch.setattr(watch, "_watched", lambda folders: watch._ticks())

    with Watched(beamtime.parents[1]) as watched:
        wait_for(lambda: last_look(beamtime) is not None)
        write_scan("scan_0001.nxs", sample__name="bone")
        watched.asked.put(str(beamtime))

        wait_for(lambda: samples(beamtime) == ["bone"])


def test_a_snapshot_that_somebody_else_has_written_is_told(
    watched: Watched, beamtime: Path
) -> None:
    wait_for(lambda: watched.told == [str(beamtime)])  # ours
    index = place_of(beamtime).index
    other = index.with_name("other")
    other.write_bytes(index.read_bytes())

    other.replace(index)

    wait_for(lambda: watched.told == [str(beamtime)] * 2)


def test_scans_that_somebody_left_unopened_are_described(
    beamtime: Path, write_scan: Write
) -> None:
    for number in range(3):
        write_scan(f"scan_{number}.nxs", sample__name=f"s{number}")

    assert update(beamtime, stop=lambda: True).left
    assert samples(beamtime) == [""]
    with Watched(beamtime.parents[1]):
        wait_for(lambda: sorted(samples(beamtime)) == ["s0", "s1", "s2"])


def test_a_proposal_that_comes_later_is_watched(
    beamtime: Path, monkeypatch: pytest.MonkeyPatch, hdf5: Write
) -> None:
    monkeypatch.setattr(watch, "_PROPOSALS_EVERY", 0.5)
    with Watched(beamtime.parents[1]) as watched:
        wait_for(lambda: last_look(beamtime) is not None)
        assert watched.lists == 0
        (beamtime.parent / "2026-0043" / "processed").mkdir(parents=True)
        later = hdf5({"data": [1.0, 2.0]}, "B7/2026-0043/raw/later.h5").parents[1]

        wait_for(lambda: samples(later) == [""])
        assert watched.lists >= 1


def test_a_proposal_that_is_named_is_watched_alone(beamtime: Path, hdf5: Write) -> None:
    other = hdf5({"data": [1.0]}, "B7/2026-0043/raw/other.h5").parents[1]
    (other / "processed").mkdir()

    with Watched(beamtime) as watched:
        wait_for(lambda: str(beamtime) in watched.told)

    assert last_look(other) is None


def test_the_command_ends_with_whoever_has_started_it(beamtime: Path) -> None:
    command = [sys.executable, "-m", "daisy_kernel.cli", "watch"]
    process = subprocess.Popen(
        [*command, str(beamtime.parents[1])], stdin=subprocess.PIPE
    )
    wait_for(lambda: last_look(beamtime) is not None)

    assert process.stdin is not None
    process.stdin.close()

    assert process.wait(20) == 0


def test_paths_that_changed_are_looked_at_alone(
    beamtime: Path, write_scan: Write
) -> None:
    update(beamtime)
    one, _ = write_scan("scan_0001.nxs"), write_scan("scan_0002.nxs")

    assert update(beamtime, [one]).put == 1
    assert update(beamtime).put == 1
