"""Remove generations that nobody uses, and hub environments that nothing runs from."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from daisy_hub import audit
from daisy_hub.generations.record import (
    Generation,
    GenerationError,
    generations_of,
)
from daisy_hub.generations.use import folders_in_use, uses
from daisy_hub.settings import Settings

KEPT = 2  # of the newest, used or not


def to_prune(settings: Settings) -> list[Generation]:
    """List what can go: not in use, not current, not where a rollback would lead."""
    generations = generations_of(settings)
    used = uses(settings)
    chosen = generations.current, generations.before
    return [
        g for g in generations.all()[:-KEPT] if g not in chosen and not used.get(g.name)
    ]


def prune(settings: Settings, actor: str) -> Iterator[str]:
    """Remove what can go; give the name of each.

    Raises
    ------
    GenerationError
        A container has an image that could go otherwise, or docker does not answer.
    """
    for generation in to_prune(settings):
        _remove(settings, generation)
        generations_of(settings).forget(generation.name)
        audit.record(
            settings, "generation.removed", actor=actor, generation=generation.name
        )
        yield generation.name
    if settings.profile == "local":
        yield from _prune_hubs(settings)


def _remove(settings: Settings, generation: Generation) -> None:
    if settings.profile == "docker":
        from daisy_hub.containers import Engine, EngineUnavailable, ImageInUse

        engine = Engine(settings.containers.engine, settings.instance)
        try:
            engine.remove_image(generation.software)
        except (EngineUnavailable, ImageInUse) as error:
            raise GenerationError(str(error)) from error
    else:
        _remove_folder(Path(generation.software))


def _prune_hubs(settings: Settings) -> Iterator[str]:
    """Remove environments of the hub; a container may see files of them, so not there.

    The newest two are kept as well, by when they were made.
    """
    folders = settings.home.glob("envs/hub-*")
    oldest_first = sorted(folders, key=lambda path: path.stat().st_mtime)
    now = (settings.home / "envs" / "hub").resolve()
    old = [folder for folder in oldest_first[:-KEPT] if folder != now]
    used = folders_in_use(settings, old)
    for folder in old:
        if folder not in used:
            _remove_folder(folder)
            yield folder.name


def _remove_folder(folder: Path) -> None:
    """Remove an environment; half of one is never seen under its name."""
    gone = folder.with_name(f".{folder.name}.gone")
    if folder.exists():
        folder.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)
