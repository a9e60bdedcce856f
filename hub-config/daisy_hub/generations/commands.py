"""Commands: list generations, bring one, go back to one, remove what nobody uses."""

import click

from daisy_hub import audit
from daisy_hub.generations.choosing import current, is_there
from daisy_hub.generations.pruning import prune
from daisy_hub.generations.record import (
    Generation,
    GenerationError,
    Generations,
    generations_of,
)
from daisy_hub.generations.use import Use, uses
from daisy_hub.settings import Settings, load

NOTHING = Use()


@click.command()
@click.option("--prune", "pruned", is_flag=True, help="remove what nobody uses")
def generations(pruned: bool) -> None:
    """List the generations of the users' software, or remove old ones.

    Kept are those in use, the current one, the one before it, and the newest two.
    """
    settings = load()
    if pruned:
        removed = list(prune(settings, audit.at_a_shell()))
        click.echo(f"Removed: {', '.join(removed) or 'nothing'}.")
    used = uses(settings)
    for generation in generations_of(settings).all():
        click.echo(_row(settings, generation, used.get(generation.name, NOTHING)))


def _row(settings: Settings, generation: Generation, use: Use) -> str:
    mark = "*" if generation == current(settings) else " "
    there = "" if is_there(settings, generation) else "  MISSING"
    return (
        f"{mark} {generation.name:<18} {generation.made:<25} "
        f"DAISY {generation.version:<9} "
        f"servers {len(use.servers):<4} clusters {len(use.clusters)}{there}"
    )


@click.command()
@click.argument("name", required=False)
def rollback(name: str | None) -> None:
    """Let new servers start with the generation NAME, or with the one before.

    What runs goes on with what it has.
    """
    settings = load()
    kept = generations_of(settings)
    chosen = kept.get(name) if name else _before(kept)
    if not is_there(settings, chosen):
        raise GenerationError(
            f"{chosen.software} of the generation {chosen.name} is missing. Choose "
            "another one: daisy-hub generations lists them."
        )
    before = current(settings)
    if chosen == before:
        click.echo(f"{chosen.name} is what new servers get already.")
        return
    kept.choose(chosen.name)
    _note(settings, chosen, before.name)
    click.echo(
        f"New servers get {chosen.name}. Those that run go on with what they have; "
        f"back again: daisy-hub rollback {before.name}"
    )


def _before(kept: Generations) -> Generation:
    if kept.before is None:
        raise GenerationError(
            "There is no generation before the current one: daisy-hub generations "
            "lists what there is."
        )
    return kept.before


@click.command(hidden=True)
@click.argument("name")
@click.argument("software")
@click.option("--version", default="", help="of DAISY")
def bring(name: str, software: str, version: str) -> None:
    """Add what an installation has made; new servers get it if it is new."""
    settings = load()
    kept = generations_of(settings)
    before = kept.current
    # a rollback holds as long as what was chosen is there
    lost = before is not None and not is_there(settings, before)
    changed = kept.bring(Generation(name, software, version), again=lost)
    now = current(settings)
    if changed:
        _note(settings, now, before.name if before else "")
        click.echo(f"New servers get the generation {name}.")
    elif now.name != name:
        click.echo(
            f"New servers get the generation {now.name}, which was chosen instead of "
            f"{name}. To end that: daisy-hub rollback {name}"
        )


def _note(settings: Settings, chosen: Generation, before: str) -> None:
    audit.record(
        settings,
        "generation.chosen",
        actor=audit.at_a_shell(),
        generation=chosen.name,
        before=before,
        version=chosen.version,
    )
