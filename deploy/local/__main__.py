"""`make up` and its companions: install, start, end, on one machine.

Runs on a bare Debian: the standard library only, and nothing of DAISY.
"""

import argparse
import sys
from pathlib import Path

if sys.version_info < (3, 11):
    sys.exit("DAISY needs Python 3.11 or newer as python3 (Debian 12 has it).")

# images and containers: same tools, a folder of their own
sys.path.append(str(Path(__file__).resolve().parent.parent / "docker"))

import commands
from steps import Failed


def main() -> None:
    """Run the command that is named on the command line."""
    parser = argparse.ArgumentParser(prog="make", description=__doc__)
    subparsers = parser.add_subparsers(dest="command", required=True)
    up = subparsers.add_parser("up", help="install what is missing and start")
    up.add_argument("--port", type=int, help="first of eight ports (8000)")
    up.add_argument("--data", help="a tree of proposals (a demo is made without)")
    up.add_argument("--accounts", help="accounts to make, with commas (anna,ben)")
    up.add_argument("--wheels", help="folder of finished wheels: nothing is built")
    up.add_argument("--profile", choices=["local", "docker"], help="(local)")
    for name in ("down", "status", "logs", "purge", "setup", "check", "test", "build"):
        subparsers.add_parser(name)
    images = subparsers.add_parser("images", help="build the container images")
    images.add_argument("--base", help="image to build on (debian:12)")
    images.add_argument("--wheels", help="folder of finished wheels: nothing is built")
    arguments = vars(parser.parse_args())
    command = arguments.pop("command")
    try:
        getattr(commands, command)(**arguments)
    except Failed as error:
        sys.exit(f"\nmake {command}: {error}")
    except KeyboardInterrupt:
        sys.exit(f"\nmake {command}: stopped. Run it again to go on from here.")


if __name__ == "__main__":
    main()
