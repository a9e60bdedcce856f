"""Command line of the hub."""


def main() -> None:
    """Run the `daisy-hub` command."""
