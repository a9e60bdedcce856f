"""Commands: back the state up, put it back."""

from pathlib import Path

import click

from daisy_hub import backup as archive
from daisy_hub.settings import default_home, load


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Write the hub's state (accounts, secrets, databases, audit log) into FILE.

    Homes and data are not in it. It may be taken while the hub runs.
    """
    settings = load()
    count = archive.back_up(settings, file)
    click.echo(f"{count} files of the hub's state are in {file}. Keep it closed.")
    if settings.database is not None:
        click.echo(
            "The databases are not in it. Back them up where they are:\n"
            f"  pg_dump --format=custom {settings.database.hub} > hub.dump\n"
            f"  pg_dump --format=custom {settings.database.gateway} > gateway.dump"
        )


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True))
def restore(file: Path) -> None:
    """Put FILE back into an installation whose state is empty, before it is started."""
    count = archive.restore(file, default_home() / "state")
    click.echo(f"{count} files are put back. Start it: make up")
