"""Commands on watching: follow proposals here, or have the hub keep that going."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from daisy_kernel.model.errors import WatchRefused

if TYPE_CHECKING:
    from daisy_kernel.catalog.watches import KeptWatch

_BACKGROUND = 15  # lower priority: whoever looks at data comes first


def add_to(commands: Any) -> None:
    """Add the command to a parser."""
    watch = commands.add_parser(
        "watch",
        help="keep indexes up to date and carry out rules",
        description="Follow proposals and carry out their rules, until stopped; or "
        "have the hub keep your server running, which does the same.",
    )
    watch.add_argument(
        "folder", nargs="?", help="with a folder per beamline, or one proposal"
    )
    what = watch.add_mutually_exclusive_group()
    what.add_argument(
        "--keep", action="store_true",
        help="let the hub keep your server for this proposal, also when you are away",
    )  # fmt: skip
    what.add_argument(
        "--no-keep", action="store_true", help="end that; the choices of others stay"
    )
    what.add_argument(
        "--list", action="store_true", help="say who watches, and since when"
    )
    watch.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from daisy_kernel.catalog import watches

    if options.list:
        proposal = _proposal(options.folder) if options.folder else ""
        _print(watches.kept_watches().kept, proposal)
        return 0
    if not options.folder:
        print("daisy watch: name a proposal, like B7/2026-0042", file=sys.stderr)
        return 2
    if options.keep:
        proposal = _proposal(options.folder)
        _print(watches.keep_watch(proposal).kept, proposal)
        print(
            "Your server is kept running for it. If you stop it by hand, it is started "
            f"again after some minutes; to end that: daisy watch {proposal} --no-keep"
        )
        return 0
    if options.no_keep:
        proposal = _proposal(options.folder)
        _print(watches.end_watch(proposal).kept, proposal)
        return 0
    return _watch(options.folder)


def _proposal(text: str) -> str:
    """Name the proposal that a path leads to as the hub does."""
    from daisy_kernel.io.open import locate

    path = Path(text)
    if not path.is_absolute() and len(path.parts) == 2:  # noqa: PLR2004
        return path.as_posix()  # also one that is not mounted here: it can be left
    folder = locate(text)
    if not ((folder / "raw").is_dir() or (folder / "processed").is_dir()):
        raise WatchRefused(
            f"{folder} is no proposal: it has neither raw nor processed. Name one like "
            "B7/2026-0042"
        )
    return "/".join(folder.parts[-2:])


def _print(found: Iterable[KeptWatch], proposal: str) -> None:
    """Print who watches a proposal, or all of them."""
    shown = [watch for watch in found if proposal in ("", watch.proposal)]
    for watch in shown:
        since = time.strftime("%Y-%m-%d %H:%M", time.localtime(watch.since))
        you = " (you)" if watch.yours else ""
        print(
            f"{watch.proposal}  watched by {watch.user}{you} since {since}: "
            f"{watch.state}"
        )
    if not shown:
        what = proposal or "any of your proposals"
        print(f"Nobody has chosen to watch {what} also when nobody is logged in.")


def _watch(text: str) -> int:
    """Print each proposal whose index is new, and `feed` with one whose feed is.

    `proposals` with the folder is printed when proposals have come or gone.

    Proposals to look at now are read from the input.
    """
    import queue
    import threading

    from daisy_kernel.apps.previews import PREVIEWS
    from daisy_kernel.catalog.watch import Watch
    from daisy_kernel.io.open import locate
    from daisy_kernel.workflow.feed.keeping import FeedThread

    root = locate(text)
    os.nice(_BACKGROUND)
    asked: queue.SimpleQueue[str | None] = queue.SimpleQueue()

    def listen() -> None:
        for line in sys.stdin:
            asked.put(line.rstrip("\n"))
        asked.put(None)  # whoever started this has gone

    threading.Thread(target=listen, daemon=True).start()
    with FeedThread(root, PREVIEWS, lambda path: _say(f"feed {path}")):
        Watch(root, _say, asked, lambda: _say(f"proposals {root}")).run()
    return 0


def _say(text: str) -> None:
    print(text, flush=True)
