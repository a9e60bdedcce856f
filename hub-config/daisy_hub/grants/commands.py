"""Commands of an operator: who sees what, what a sync would change, what is closed."""

import sys
from collections.abc import Iterator
from contextlib import suppress

import click
import psutil

from daisy_hub import audit
from daisy_hub.grants.daemon import WAKE
from daisy_hub.grants.granted import EVERYBODY, GrantedFile, granted
from daisy_hub.homes import accounts_of
from daisy_hub.processes import wait_until
from daisy_hub.proposals import (
    Membership,
    Template,
    all_proposals,
    closed_of,
    folders_of,
    person_of,
)
from daisy_hub.settings import Settings, load
from daisy_hub.up import running_parts

CLOSING_SECONDS = 60


@click.command()
@click.option("--dry-run", "dry", is_flag=True, help="change nothing")
@click.option("--accept", is_flag=True, help="also if very many lose their access")
def sync(dry: bool, accept: bool) -> None:
    """Ask who belongs to what, and show what changes; 1 if it is not put in force."""
    settings = load()
    outcome = Membership(settings, accounts_of(settings)).sync(dry=dry, accept=accept)
    for account, proposal in sorted(outcome.change.added):
        click.echo(f"+ {proposal}  {account}")
    for account, proposal in sorted(outcome.change.removed):
        click.echo(f"- {proposal}  {account}")
    if accept and not outcome.problem:
        audit.record(
            settings, "members.accepted", actor=audit.at_a_shell(),
            removed=len(outcome.change.removed),
        )  # fmt: skip
    if outcome.problem:
        sys.exit(outcome.problem)
    if not outcome.change.added and not outcome.change.removed:
        click.echo("Nobody comes and nobody goes.")
    elif not dry:
        click.echo(f"In force within {settings.sync_seconds:.0f} s.")


@click.command()
@click.argument("name", required=False)
def grants(name: str | None) -> None:
    """Show what an account, or everybody, may do with each proposal today."""
    settings = load()
    accounts = accounts_of(settings)
    chosen = [accounts.get(name)] if name else accounts.all()
    people = {a.name: person_of(a) for a in chosen}
    found = granted(people, all_proposals(settings, accounts))
    for (account, proposal), grant in sorted(found.items()):
        who = "everybody" if account == EVERYBODY else account
        raw, processed = grant.raw or "-", grant.processed or "-"
        click.echo(f"{who:<16} {proposal:<24} raw {raw:<6} processed {processed}")
    if problem := Membership(settings, accounts).problem():
        click.echo(f"The last known memberships are in force: {problem}", err=True)


@click.command()
@click.argument("proposal")
@click.option("--reason", required=True, help="doctor and audit log tell it")
def close(proposal: str, reason: str) -> None:
    """Close a proposal (<beamline>/<name>) to everybody, staff included, now.

    Whoever has a server in which it can be seen is ended with it, as at a revocation.
    """
    settings = load()
    known = {f.identifier for f in folders_of(settings.data, Template(settings.tree))}
    if proposal not in known:
        sys.exit(f"There is no proposal {proposal} in {settings.data}.")
    closed_of(settings.state).close(proposal, reason)
    _record(settings, "proposal.closed", proposal, reason=reason)
    if not _is_in_force(settings, proposal):
        sys.exit(
            f"{proposal} is closed for servers that start from now on. Those that run "
            f"may still see it: see {settings.logs / 'grants.log'}, and make up."
        )
    click.echo(
        f"Nobody sees {proposal} any more. daisy-hub reopen {proposal} undoes it."
    )


@click.command()
@click.argument("proposal")
def reopen(proposal: str) -> None:
    """Open a proposal that was closed, to those who belong to it."""
    settings = load()
    closed = closed_of(settings.state)
    if proposal not in closed.reasons():
        sys.exit(f"{proposal} is not closed. {_closed(settings)}")
    closed.reopen(proposal)
    _record(settings, "proposal.reopened", proposal)
    _wake(settings)
    click.echo(f"{proposal} is open again, within {settings.sync_seconds:.0f} s.")


def _closed(settings: Settings) -> str:
    names = ", ".join(sorted(closed_of(settings.state).reasons()))
    return f"These are: {names}." if names else "None is."


def _record(settings: Settings, event: str, proposal: str, **details: str) -> None:
    actor = audit.at_a_shell()
    audit.record(settings, event, actor=actor, proposal=proposal, **details)


def _is_in_force(settings: Settings, proposal: str) -> bool:
    """Let the daemon look at once, and wait until nobody has the proposal."""
    if not _wake(settings):
        return False
    file = GrantedFile(settings.state / "grants.json")

    def forgotten() -> Iterator[bool]:
        while True:
            yield all(name != proposal for _, name in file.read())

    return wait_until(forgotten(), CLOSING_SECONDS)


def _wake(settings: Settings) -> bool:
    """Ask the daemon to look now; False where it does not run."""
    with suppress(KeyError, psutil.NoSuchProcess):
        running_parts(settings)["grants"].send_signal(WAKE)
        return True
    return False
