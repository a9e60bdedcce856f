"""Command line of the kernel library."""


def main() -> None:
    """Run the `daisy` command."""
