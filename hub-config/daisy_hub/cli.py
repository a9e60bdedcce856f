"""Command line of the hub: `daisy-hub up`, `down`, `status`, `check`, accounts."""

import sys

import click

from daisy_hub import check as checks
from daisy_hub import up as installation
from daisy_hub.accounts import AccountError
from daisy_hub.backup import BackupError
from daisy_hub.backup_commands import backup, restore
from daisy_hub.doctor.commands import doctor
from daisy_hub.grants.commands import grants, sync
from daisy_hub.homes import accounts_of
from daisy_hub.proposals import MembersInvalid, TreeInvalid
from daisy_hub.settings import SettingsInvalid, load

EXPECTED = (
    AccountError,
    BackupError,
    MembersInvalid,
    TreeInvalid,
    SettingsInvalid,
    installation.NotStarted,
)


class Commands(click.Group):
    """Commands whose expected errors are one sentence, not a traceback."""

    def invoke(self, ctx: click.Context) -> None:
        """Run a command."""
        try:
            super().invoke(ctx)
        except EXPECTED as error:
            sys.exit(str(error))


@click.group(cls=Commands)
def main() -> None:
    """Run DAISY's hub."""


@main.command()
@click.option("--account", "names", multiple=True, help="make this account if missing")
def up(names: tuple[str, ...]) -> None:
    """Start the hub; what runs already is left alone."""
    installation.up(load(), list(names), click.echo)


@main.command()
def down() -> None:
    """End everything that this installation started."""
    installation.down(load(), click.echo)


@main.command()
def status() -> None:
    """Show what runs; exit with 3 if nothing does, 4 if it does not answer."""
    settings = load()
    rows = installation.status(settings)
    for part, pid in rows:
        click.echo(f"{pid:>8}  {part}")
    if installation.answers(settings):
        click.echo(f"Ready at {settings.url('public')}")
    elif rows:
        click.echo("Not ready; see make logs. make up starts what is missing.")
        sys.exit(4)
    else:
        click.echo("Not running.")
        sys.exit(3)


@main.command()
def check() -> None:
    """Say what would prevent a start."""
    problems = checks.problems(load())
    for problem in problems:
        click.echo(problem)
    sys.exit(1 if problems else 0)


@main.command()
@click.argument("name")
@click.password_option()
def add(name: str, password: str) -> None:
    """Make an account."""
    settings = load()
    accounts_of(settings).add(name, password)
    installation.write_up_file(settings)


@main.command()
@click.argument("name")
@click.password_option()
def passwd(name: str, password: str) -> None:
    """Change the password of an account."""
    settings = load()
    accounts_of(settings).set_password(name, password)
    installation.remember_password(settings, name, None)
    installation.write_up_file(settings)
    click.echo(f"The password of {name} is changed.")


main.add_command(backup)
main.add_command(restore)
main.add_command(doctor)
main.add_command(sync)
main.add_command(grants)
