"""Commands of an operator: what would a sync change, and who sees what."""

import sys

import click

from daisy_hub import audit
from daisy_hub.grants.granted import EVERYBODY, granted
from daisy_hub.homes import accounts_of
from daisy_hub.proposals import Membership, all_proposals, person_of
from daisy_hub.settings import load


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
            settings, "members.accepted", actor="operator at a shell",
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
