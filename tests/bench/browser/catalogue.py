"""The search in the index of a proposal with a million scans."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

from daisy_kernel.catalog import Index, ScanInfo, place_of, understand
from daisy_kernel.catalog.snapshot import Draft

SEARCHES = (
    "",
    "tooth",
    "sample:tooth technique:tomography after:2022-01",
    "catalyst_0012",
    "anna xrf 样",
    "energy:8..9 battery",
    "-tooth technique:xrf",
    "before:2020-10 leaf",
    "nothing like it",
)
_PAGE, _ROUNDS, _SEED = 200, 7, 0
_SAMPLES = ("tooth", "bone", "catalyst", "battery cell", "fe2o3", "样品一号", "leaf")
_TECHNIQUES = ("tomography", "xrf", "xafs", "scattering", "")


def search_times(folder: Path, scans: int) -> tuple[list[float], str]:
    """Give the seconds of the slowest of some searches, and which one it is."""
    proposal = folder / f"index-{scans}" / "B7" / "2026-0001"
    _make(proposal, scans)
    times: dict[str, list[float]] = {text: [] for text in SEARCHES}
    for _ in range(_ROUNDS):
        for text, found in times.items():
            start = time.perf_counter()
            with Index(proposal) as index:
                index.search(understand(text), limit=_PAGE)
            found.append(time.perf_counter() - start)
    slowest = max(SEARCHES, key=lambda text: statistics.median(times[text]))
    said = f"the slowest of {len(SEARCHES)} searches is `{slowest}`"
    return times[slowest], said


def _make(proposal: Path, scans: int) -> None:
    place = place_of(proposal)
    try:
        Index(proposal).close()
        return
    except LookupError:
        pass  # there is none, or one of another version
    (proposal / "raw").mkdir(parents=True, exist_ok=True)
    (proposal / "processed").mkdir(exist_ok=True)
    place = place_of(proposal)
    place.make()
    with Draft(place.index) as draft:
        draft.put(_infos(scans), described=True)
        draft.publish()


def _infos(scans: int) -> Iterator[ScanInfo]:
    chosen = random.Random(_SEED)
    for number in range(scans):
        sample = chosen.choice(_SAMPLES)
        name = f"day{number // 2000}/{sample.replace(' ', '_')}_{number:07d}.nxs"
        yield ScanInfo(
            name,
            "",
            "raw",
            "hdf5",
            size=10**9,
            mtime=1.6e9 + 100.0 * number,
            title=f"{sample} at {chosen.randint(10, 900)} K, run {number}",
            sample=f"{sample} {number % 5000}",
            technique=chosen.choice(_TECHNIQUES),
            users=(chosen.choice(("anna", "ben", "chen")),),
            instrument="B7",
            detectors=("eiger2",),
            shape=(1800, 2048, 2048),
            axes=("rotation_angle",),
            energy_kev=chosen.choice((8.0, 12.4, 20.0)),
            identity=str(number),
        )
