"""The command: print what an examination finds; 1 if something is wrong."""

import sys

import click

from daisy_hub.doctor.findings import examine
from daisy_hub.homes import accounts_of
from daisy_hub.settings import load


@click.command()
@click.argument("name")
def doctor(name: str) -> None:
    """Say why an account has no data, server or worker; 1 if something is wrong."""
    settings, wrong = load(), 0
    accounts_of(settings).get(name)
    for examined in examine(settings, name):
        click.echo(click.style(examined.title, bold=True))
        for finding in examined.findings:
            wrong += not finding.is_right
            click.echo(f"  {'ok ' if finding.is_right else '!! '} {finding.what}")
            if finding.advice:
                click.echo(f"      {finding.advice}")
    sys.exit(1 if wrong else 0)
