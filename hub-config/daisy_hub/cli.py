"""Command line of the hub: `daisy-hub up`, `down`, `status`, `check`, accounts."""

import sys
from datetime import datetime

import click

from daisy_hub import check as checks
from daisy_hub import up as installation
from daisy_hub.accounts import AccountError
from daisy_hub.announcements import announce
from daisy_hub.backup import BackupError
from daisy_hub.backup_commands import backup, restore
from daisy_hub.doctor.commands import doctor
from daisy_hub.generations import GenerationError
from daisy_hub.generations.commands import bring, generations, rollback
from daisy_hub.grants.commands import close, grants, reopen, sync
from daisy_hub.homes import accounts_of
from daisy_hub.identity import desk
from daisy_hub.identity.ending import end_processes
from daisy_hub.identity.roles import RoleUnknown
from daisy_hub.proposals import MembersInvalid, TreeInvalid
from daisy_hub.settings import SettingsInvalid, load

EXPECTED = (
    AccountError,
    BackupError,
    GenerationError,
    MembersInvalid,
    RoleUnknown,
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
        click.echo(f"Ready at {settings.public_url}")
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
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    help="the day from which the account is refused",
)
@click.password_option()
def add(name: str, until: datetime | None, password: str) -> None:
    """Make an account."""
    settings = load()
    desk.add(settings, name, password, until.date() if until else None)
    installation.write_up_file(settings)


@main.command()
@click.argument("name")
def remove(name: str) -> None:
    """Remove an account for good; its home stays where it is.

    Its name and uid are not given again. `disable` is what can be undone.
    """
    settings = load()
    desk.remove(settings, name)
    killed = end_processes(settings, name, hub_is_up=installation.answers(settings))
    installation.write_up_file(settings)
    click.echo(f"The account {name} is removed.{_also(killed)}")


@main.command()
@click.argument("name")
@click.option("--reason", required=True, help="its user is told this at the login")
def disable(name: str, reason: str) -> None:
    """Shut an account: no login, no token; its server and clusters end now."""
    settings = load()
    desk.disable(settings, name, reason)
    killed = end_processes(settings, name, hub_is_up=installation.answers(settings))
    click.echo(f"The account {name} is disabled.{_also(killed)}")


@main.command()
@click.argument("name")
def enable(name: str) -> None:
    """Open an account that was disabled."""
    desk.enable(load(), name)
    click.echo(f"The account {name} can log in again.")


@main.command()
@click.argument("name")
@click.option("--add", "added", multiple=True, help="support, operator, staff:BEAMLINE")
@click.option("--remove", "removed", multiple=True, help="the same")
def role(name: str, added: tuple[str, ...], removed: tuple[str, ...]) -> None:
    """Change or show the roles of an account."""
    roles = desk.change_roles(load(), name, set(added), set(removed))
    click.echo(f"{name}: {', '.join(roles)}")


def _also(killed: int) -> str:
    return f" {killed} processes had to be ended." if killed else ""


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
main.add_command(announce)
main.add_command(doctor)
main.add_command(sync)
main.add_command(grants)
main.add_command(close)
main.add_command(reopen)
main.add_command(generations)
main.add_command(rollback)
main.add_command(bring)
