"""How long a new scan takes to be seen: a real `daisy watch`, a real file."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench.framework.data import tomogram

from daisy_kernel.apps.previews import PREVIEWS
from daisy_kernel.catalog import Index, place_of, understand
from daisy_kernel.workflow.feed import default_rules, items
from daisy_kernel.workflow.feed.rules import write_rules

_LONGEST = 120.0


def feed_times(folder: Path) -> tuple[float, float]:
    """Give seconds from the last frame to the scan in the catalogue with its picture,
    and to the result of its preview.
    """
    proposal = tomogram(folder).parents[1]
    shutil.rmtree(proposal / "processed", ignore_errors=True)
    (proposal / "processed").mkdir()
    write_rules(proposal, default_rules(PREVIEWS))
    new = proposal / "raw" / "new.nxs"
    new.unlink(missing_ok=True)
    watch = subprocess.Popen(
        [sys.executable, "-m", "daisy_kernel.cli", "watch", str(proposal.parents[1])],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait(lambda: _state(proposal, "tooth.nxs") == "done")
        part = new.with_name(".new.part")
        shutil.copyfile(tomogram(folder), part)
        part.rename(new)
        start = time.monotonic()
        _wait(lambda: _is_described(proposal))
        seen = time.monotonic() - start
        _wait(lambda: _state(proposal, "new.nxs") == "done")
        return seen, time.monotonic() - start
    finally:
        watch.communicate()
        new.unlink(missing_ok=True)


def _is_described(proposal: Path) -> bool:
    try:
        with Index(proposal) as index:
            found = index.search(understand("name:new technique:tomography"))
            return len(found) > 0
    except LookupError:
        return False


def _state(proposal: Path, scan: str) -> str:
    place_of(proposal)
    states = [i.state for i in items(proposal).values() if i.scan == scan]
    return states[0] if states else ""


def _wait(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + _LONGEST
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError("the scan was not seen")
        time.sleep(0.02)
