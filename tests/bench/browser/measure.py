"""One run: both applications take turns on the same files, in one browser."""

from __future__ import annotations

import contextlib
import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.browser import actions, catalogue, data, table
from bench.browser.apps import App, Daisy, H5web
from bench.browser.pinger import Pinger, p99
from bench.browser.relay import slow_line
from bench.browser.servers import PEER, Ours, Peer
from bench.browser.table import Found
from labs import CHROMIUM_FLAGS, Lab, chromium_path

Say = Callable[[str], None]


@dataclass(frozen=True)
class Effort:
    """How often, and how long something is waited for.

    Attributes
    ----------
    idle
        Seconds for which the server is asked while nothing happens.
    patience
        Seconds after which a list of the peer is not waited for any more.
    """

    rounds: int
    idle: float
    patience: float


FULL = Effort(rounds=5, idle=15, patience=300)
SMALL = Effort(rounds=1, idle=1, patience=20)


@dataclass
class Side:
    """One application with its server, and what was found of it."""

    app_class: type[App]
    lab: Lab
    pinger: Pinger
    found: Found = field(default_factory=Found)
    idle: float = 0.0
    app: Any = None
    late: list[float] = field(default_factory=list)
    late_loading: list[float] = field(default_factory=list)

    def begin(self) -> None:
        """Forget what the server answered while the other application was used."""
        self.pinger.told()

    def loading(self, begins: bool) -> None:
        """Keep what the server did to load JupyterLab apart from all else."""
        (self.late if begins else self.late_loading).extend(self.pinger.told())

    def end(self) -> None:
        """Keep what it answered since its last page was loaded."""
        self.late.extend(self.pinger.told())

    def stall(self) -> None:
        """Note by how much the server's answers were late."""
        self.end()
        all_late = self.late + self.late_loading
        self.found.add(table.STALL, p99(all_late) - self.idle)
        name = "stall of /api/status while JupyterLab loads no page, p99 above idle"
        self.found.aside[name].append(p99(self.late) - self.idle)


def measure(
    folder: Path, size: data.Size, effort: Effort, with_peer: bool, say: Say
) -> tuple[Found, Found | None]:
    """Measure all rows; the peer's are None without it."""
    with contextlib.ExitStack() as stack:
        browser = stack.enter_context(_chromium())
        sides = [_side(stack, Daisy, Ours, folder)]
        if with_peer:
            sides.append(_side(stack, H5web, Peer, folder))
        _idle(sides, effort)
        for side in sides:
            side.app = side.app_class(browser, side.lab)
            side.app.loading = side.loading
        for number in range(effort.rounds):
            for side in sides:
                say(f"round {number + 1} of {effort.rounds}, {side.app.name}")
                side.begin()
                actions.one_round(side.app, side.found, number, size)
                side.end()
        for side in sides:
            say(f"large group, {side.app.name}")
            side.begin()
            _group(side, effort)
            side.stall()
            side.app.close()
        for side in sides:
            say(f"slow line, {side.app.name}")
            _far_away(side, browser)
    ours = sides[0].found
    times, word = catalogue.search_times(folder, size.scans)
    ours.values[table.SEARCH] = times
    if word:
        ours.note(word)
    return ours, sides[1].found if with_peer else None


def peer_is_there() -> bool:
    """Say whether the peer's environment was made."""
    return (PEER / "bin" / "python").exists()


def chromium_version(path: str) -> str:
    """Give the version of the browser."""
    told = subprocess.run(
        [path, "--version"], capture_output=True, text=True, check=True
    )
    found = re.search(r"\d[\d.]+", told.stdout)
    return found.group() if found else "unknown"


def kind_of_line() -> str:
    """Say how the slow line is made, and why not by the kernel."""
    device = ["lo", "root", "netem", "delay", "75ms"]
    command = ["unshare", "--net", "tc", "qdisc", "add", "dev", *device]
    try:
        tried = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        return f"a relay on loopback (netem: {error.strerror})"
    why = tried.stderr.strip().splitlines()
    reason = why[0] if tried.returncode else "is there, but not used"
    return f"a relay on loopback (netem: {reason})"


@contextlib.contextmanager
def _chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=CHROMIUM_FLAGS
        )
        yield browser
        browser.close()


def _side(
    stack: contextlib.ExitStack, app: type[App], lab: type[Any], folder: Path
) -> Side:
    home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    started = lab(home, folder).start()
    stack.callback(started.stop)
    pinger = Pinger(started.port, started.token)
    stack.callback(pinger.close)
    return Side(app, started, pinger)


def _idle(sides: list[Side], effort: Effort) -> None:
    """Ask the servers while nobody uses them."""
    time.sleep(effort.idle)  # starting up is not idle
    for side in sides:
        side.pinger.told()
    time.sleep(effort.idle)
    for side in sides:
        side.idle = p99(side.pinger.told())


def _group(side: Side, effort: Effort) -> None:
    """Ours several times; the peer once, as far as patience goes."""
    if side.app_class is Daisy:
        for _ in range(effort.rounds):
            actions.group(side.app, side.found, effort.patience)
        return
    try:
        actions.group(side.app, side.found, effort.patience)
    except Exception as error:  # the page may be lost altogether
        reason = str(error).splitlines()[0]
        side.found.note(f"jupyterlab-h5web, large group: {reason}")


def _far_away(side: Side, browser: Any) -> None:
    with slow_line(side.lab.port) as port:
        app = side.app_class(browser, side.lab, port)
        try:
            actions.far_away(app, side.found)
        finally:
            app.close()
