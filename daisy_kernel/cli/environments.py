"""Commands on named environments: make, list, install into, remove."""

from __future__ import annotations

import argparse
import subprocess
from typing import Any


def add_to(commands: Any) -> None:
    """Add the command to a parser."""
    env = commands.add_parser(
        "env",
        help="named environments with packages of one's own",
        description="A named environment has packages of one's own over those of "
        "DAISY, is a kernel, and is the same on the workers of one's cluster.",
    )
    what = env.add_subparsers(title="commands", required=True)
    create = what.add_parser("create", help="make one")
    install = what.add_parser("install", help="install packages into one, with pip")
    remove = what.add_parser("remove", help="delete one, with all in it")
    for parser in (create, install, remove):
        parser.add_argument("name")
        parser.add_argument(
            "--proposal", default="", help="that of all members of B7/2026-0042"
        )
    install.add_argument(
        "packages", nargs=argparse.REMAINDER, help="as for pip install"
    )
    create.set_defaults(run=_create)
    install.set_defaults(run=_install)
    remove.set_defaults(run=_remove)
    what.add_parser("list", help="show all").set_defaults(run=_list)


def _create(options: argparse.Namespace) -> int:
    from daisy_kernel.jupyter.environments import create

    made = create(options.name, options.proposal)
    where = f" --proposal {made.proposal}" if made.proposal else ""
    print(
        f"The environment {made.name} is a kernel now (reload the page if it is not "
        f"listed).\nInstall into it: daisy env install {made.name}{where} PACKAGE, "
        "or in a notebook with that kernel: %pip install PACKAGE"
    )
    return 0


def _install(options: argparse.Namespace) -> int:
    from daisy_kernel.jupyter.environments import find

    python = find(options.name, options.proposal).python
    return subprocess.call([python, "-m", "pip", "install", *options.packages])


def _remove(options: argparse.Namespace) -> int:
    from daisy_kernel.jupyter.environments import find, remove

    remove(find(options.name, options.proposal))
    print(f"The environment {options.name} is gone.")
    return 0


def _list(options: argparse.Namespace) -> int:
    from daisy_kernel.jupyter.environments import environments

    for each in environments():
        print(f"{each.name:<24} {each.proposal or 'your own':<20} {each.folder}")
    return 0
