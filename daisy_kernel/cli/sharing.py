"""Commands on shared notebooks: publish, list, take, update."""

from __future__ import annotations

import argparse
from typing import Any


def add_to(commands: Any) -> None:
    """Add the command to a parser."""
    share = commands.add_parser(
        "share",
        help="notebooks that members of a proposal share",
        description="Publish a notebook for all members of a proposal, take a copy, "
        "bring a copy up to date. No edit of one's own is ever lost.",
    )
    what = share.add_subparsers(title="commands", required=True)
    publish = what.add_parser("publish", help="share a notebook, as its next version")
    publish.add_argument("notebook")
    publish.add_argument("proposal", help="like B7/2026-0042")
    publish.add_argument("--name", default="", help="what it is called there")
    publish.add_argument("--note", default="", help="what is new, in a line")
    publish.add_argument(
        "--no-outputs", action="store_true", help="as a template, without results"
    )
    publish.set_defaults(run=_publish)
    listed = what.add_parser("list", help="show what is shared")
    listed.add_argument("proposal", nargs="?", default="")
    listed.set_defaults(run=_list)
    take = what.add_parser("take", help="take a copy of one's own")
    take.add_argument("proposal")
    take.add_argument("name")
    take.add_argument("--version", type=int, default=0, help="the newest without it")
    take.set_defaults(run=_take)
    update = what.add_parser("update", help="bring a copy up to date")
    update.add_argument("notebook")
    update.set_defaults(run=_update)


def _publish(options: argparse.Namespace) -> int:
    from daisy_kernel.jupyter.gallery import publish

    made = publish(
        options.notebook,
        options.proposal,
        name=options.name,
        note=options.note,
        outputs=not options.no_outputs,
    )
    print(f"{made.proposal} shares {made.name}, version {made.version}: {made.title}")
    return 0


def _list(options: argparse.Namespace) -> int:
    from daisy_kernel.jupyter.gallery import shared

    for each in shared(options.proposal):
        print(
            f"{each.proposal:<20} {each.name:<28} version {each.version} by {each.by}, "
            f"{each.when[:16].replace('T', ' ')}  {each.note}"
        )
    return 0


def _take(options: argparse.Namespace) -> int:
    from daisy_kernel.jupyter.gallery import take

    print(take(options.proposal, options.name, version=options.version))
    return 0


def _update(options: argparse.Namespace) -> int:
    from daisy_kernel.jupyter.gallery import update

    updated = update(options.notebook)
    if str(updated) == options.notebook:
        print(f"{updated} is up to date.")
    else:
        print(f"Your changes stay in {options.notebook}; the newest is in {updated}.")
    return 0
