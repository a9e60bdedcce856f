"""Measure: `python -m bench.browser [FOLDER]`, below tests/.

Writes build/bench/browser.json, and its part of docs/benchmarks.md. All single
values, and which request took how long, are in build/bench/browser-details.json.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

from bench.browser import data, measure, report, servers
from bench.browser.table import ROWS, Found, entries
from bench.machine import about
from bench.pages import write_part
from labs import ROOT, chromium_path

_TARGET = ROOT / "build" / "bench"


def main() -> int:
    """Measure, and write what was found."""
    options = _options()
    # whoever ends it also ends the servers
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    print(f"files in {options.folder}", flush=True)
    try:
        data.make(options.folder, data.FULL)
    except data.NoRoom as error:
        print(error, file=sys.stderr)
        return 1
    with_peer = measure.peer_is_there()
    if not with_peer:
        print("the peer is not installed: make bench-browser does that")
    machine = _machine(with_peer)
    effort = measure.Effort(options.rounds, measure.FULL.idle, measure.FULL.patience)
    ours, peer = measure.measure(options.folder, data.FULL, effort, with_peer, _say)
    found = entries(ours, peer)
    _write("browser.json", found)
    _write("browser-details.json", {"ours": _details(ours), "peer": _details(peer)})
    write_part("browser", report.part(found, machine, ours, peer))
    print(report.plain(found))
    print(f"{_TARGET / 'browser.json'}, and docs/benchmarks.md from it")
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.browser")
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=Path(tempfile.gettempdir(), "daisy-bench-browser"),
    )
    parser.add_argument("--rounds", type=int, default=measure.FULL.rounds)
    return parser.parse_args()


def _machine(with_peer: bool) -> dict[str, Any]:
    machine = about(("jupyterlab", "jupyter_server", "h5py", "playwright"))
    machine["line"] = measure.kind_of_line()
    machine["versions"]["Chromium"] = measure.chromium_version(chromium_path())
    if with_peer:
        names = ("jupyterlab-h5web", "h5grove")
        machine["versions"] |= servers.versions(servers.Peer.python, names)
    return machine


def _details(found: Found | None) -> dict[str, Any] | None:
    if found is None:
        return None
    values = {ROWS[row].action: times for row, times in sorted(found.values.items())}
    return {
        "values": values,
        "aside": found.aside,
        "requests of the last": found.asked,
        "notes": found.notes,
    }


def _write(name: str, content: Any) -> None:
    _TARGET.mkdir(parents=True, exist_ok=True)
    (_TARGET / name).write_text(json.dumps(content, indent=1) + "\n")


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
