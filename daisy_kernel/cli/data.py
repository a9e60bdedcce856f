"""Commands on data: the demo beamtime, indexes, the catalogue."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any


def add_to(commands: Any) -> None:
    """Add the commands to a parser."""
    demo = commands.add_parser("demo", help="make a beamtime to try DAISY with")
    demo.add_argument("folder", type=Path, help="absent, empty, or an earlier demo")
    demo.add_argument(
        "--accounts", default="anna,ben", help="who sees it, separated by commas"
    )
    demo.add_argument(
        "--public", action="store_true", help="only a few examples, for everybody"
    )
    demo.set_defaults(run=_demo)
    index = commands.add_parser(
        "index", help="make sinograms of bitshuffle files fast before they are needed"
    )
    index.add_argument(
        "paths", type=Path, nargs="+", metavar="PATH", help="HDF5 files, or folders"
    )
    index.set_defaults(run=_index)
    notify = commands.add_parser(
        "notify", help="tell that scans are new, have changed, or are gone"
    )
    notify.add_argument(
        "paths", type=Path, nargs="+", metavar="PATH", help="below raw or processed"
    )
    notify.set_defaults(run=_notify)
    search = commands.add_parser("search", help="find scans in all proposals one sees")
    search.add_argument(
        "words", nargs="*", help="like: sample:tooth technique:tomography after:2026-01"
    )
    search.add_argument("--limit", type=int, default=30, help="most scans to list")
    search.set_defaults(run=_search)


def _demo(options: argparse.Namespace) -> int:
    from daisy_kernel.demo import make_beamtime, make_public

    accounts = tuple(name for name in options.accounts.split(",") if name)
    if not accounts:
        print("daisy: --accounts needs at least one name", file=sys.stderr)
        return 2
    start = time.perf_counter()
    folder = options.folder.absolute()
    if options.public:
        make_public(folder, _say)
    else:
        make_beamtime(folder, accounts, _say)
    print(f"{options.folder}: ready after {time.perf_counter() - start:.0f} s")
    return 0


def _index(options: argparse.Namespace) -> int:
    from daisy_kernel.io.indexing import index

    failed = False
    for found in index([path.absolute() for path in options.paths]):
        print(found, file=sys.stderr if found.failed else sys.stdout, flush=True)
        failed |= found.failed
    return int(failed)


def _notify(options: argparse.Namespace) -> int:
    from daisy_kernel.catalog import notify

    notify(*options.paths)
    return 0


def _search(options: argparse.Namespace) -> int:
    from daisy_kernel.catalog import search

    print(search(" ".join(options.words), limit=options.limit))
    return 0


def _say(text: str) -> None:
    print(text, flush=True)
