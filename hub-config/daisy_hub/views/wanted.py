"""What an account's view shows: its proposals, beamlines, what everybody may see."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from daisy_hub.proposals import (
    Person,
    Proposal,
    Template,
    closed_of,
    folders_of,
)
from daisy_hub.settings import Settings
from daisy_hub.views.view import Viewed

PUBLIC_TREE = Template("{beamline}/{proposal}")


def wanted(
    settings: Settings, person: Person, proposals: Iterable[Proposal]
) -> list[Viewed]:
    """List the folders that an account may see today, and where.

    Raw data are read-only; `processed` is writable for who may write. Staff have their
    beamline as one mount where the tree lies on disk as accounts see it, so that a new
    proposal is there by itself; with a closed proposal in it, each of the others is a
    mount of its own. What everybody may see comes last: a proposal of one's own with
    the same name goes before.
    """
    shown = {v.target: v for v in _beamlines(settings, person)}
    whole = set(shown)
    for proposal in proposals:
        for viewed in _areas(proposal, person):
            if viewed.writable or not whole & set(viewed.target.parents):
                shown[viewed.target] = viewed
    for viewed in _public(settings):
        below = {*viewed.target.parents, viewed.target}
        if not below & shown.keys() and not any(
            t.is_relative_to(viewed.target) for t in shown
        ):
            shown[viewed.target] = viewed
    return list(shown.values())


def _beamlines(settings: Settings, person: Person) -> Iterator[Viewed]:
    closed = {name.split("/")[0] for name in closed_of(settings.state).reasons()}
    if Template(settings.tree).is_plain:
        # by what is there, not by what a role names: that could lead elsewhere
        for folder in sorted(settings.data.iterdir()):
            hidden = folder.name.startswith(".")
            whole = folder.name in person.beamlines - closed
            if whole and _is_folder(folder) and not hidden:
                yield Viewed(folder, Path(folder.name))


def _areas(proposal: Proposal, person: Person) -> Iterator[Viewed]:
    """Give the mounts of a proposal: the whole, or the area that is open."""
    target = Path(proposal.beamline, proposal.name)
    raw, processed = proposal.raw(person), proposal.processed(person)
    folders = {name: proposal.path / name for name in ("raw", "processed")}
    if raw and processed:
        yield Viewed(proposal.path, target)
    elif raw and folders["raw"].is_dir():
        yield Viewed(folders["raw"], target / "raw")
    elif processed == "read" and _is_folder(folders["processed"]):
        yield Viewed(folders["processed"], target / "processed")
    if processed == "write" and _is_folder(folders["processed"]):
        yield Viewed(folders["processed"], target / "processed", writable=True)


def _is_folder(path: Path) -> bool:
    """Whether it is a folder itself: members of the proposal may not choose another."""
    return path.is_dir() and not path.is_symlink()


def _public(settings: Settings) -> Iterator[Viewed]:
    if settings.public is not None and settings.public.is_dir():
        for folder in folders_of(settings.public, PUBLIC_TREE):
            yield Viewed(folder.path, Path(folder.beamline, folder.name))
