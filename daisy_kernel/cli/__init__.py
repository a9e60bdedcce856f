"""Command line of the kernel library: `daisy demo DIR`, `daisy run FLOW SCAN`, ..."""

from __future__ import annotations

import argparse
import sys

from daisy_kernel.cli import data, environments, runs, sharing, watching
from daisy_kernel.model.errors import DaisyError


def main(arguments: list[str] | None = None) -> int:
    """Run the `daisy` command."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except (DaisyError, OSError) as error:
        print(f"daisy: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="daisy", description="DAISY's own tools.")
    commands = parser.add_subparsers(title="commands", required=True)
    data.add_to(commands)
    runs.add_to(commands)
    watching.add_to(commands)
    environments.add_to(commands)
    sharing.add_to(commands)
    return parser
