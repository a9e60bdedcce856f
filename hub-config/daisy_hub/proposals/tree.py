"""Where proposals lie on disk: a path template, as `{beamline}/{cycle}/{proposal}`.

Accounts see every proposal at `~/data/<beamline>/<name>`, however deep it lies on
disk. The name is made of the template's other fields; the cycle is left out where a
visit tells the folders of a proposal apart.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

FIELDS = "beamline", "cycle", "proposal", "visit"
REQUIRED = "beamline", "proposal"
_FIELD = re.compile(r"\{(\w*)\}")


class TreeInvalid(Exception):
    """The template or the tree does not tell the proposals apart; says where."""


@dataclass(frozen=True)
class Folder:
    """One proposal's folder on disk."""

    beamline: str
    name: str
    path: Path

    @property
    def identifier(self) -> str:
        """Name that is unique in the tree: `<beamline>/<name>`."""
        return f"{self.beamline}/{self.name}"


@dataclass(frozen=True)
class Template:
    """Levels of folders below the tree, each with one field.

    Parameters
    ----------
    text
        `{beamline}/{proposal}` or with `{cycle}` and `{visit}`; text beside a field
        is literal, as in `{beamline}/p{proposal}`.

    Raises
    ------
    TreeInvalid
        A field is unknown, twice there, or missing.
    """

    text: str

    def __post_init__(self) -> None:
        """Refuse what is no template."""
        fields = _FIELD.findall(self.text)
        unknown = [f for f in fields if f not in FIELDS]
        missing = [f for f in REQUIRED if f not in fields]
        levels = self.text.split("/")
        if unknown or missing or len(set(fields)) != len(levels) != 0:
            raise TreeInvalid(
                f"tree = {self.text!r} is no template of folders: each level has one "
                f"of {', '.join(f'{{{f}}}' for f in FIELDS)}, none twice, and "
                "{beamline} and {proposal} are there. Example: "
                "{beamline}/{cycle}/{proposal}"
            )
        if not all(_FIELD.search(level) for level in levels):
            raise TreeInvalid(f"tree = {self.text!r}: each level needs a field.")

    @cached_property
    def levels(self) -> tuple[re.Pattern[str], ...]:
        """A pattern for the folders of each level."""
        return tuple(_pattern(level) for level in self.text.split("/"))

    @property
    def is_plain(self) -> bool:
        """Whether folders lie on disk as accounts see them: `<beamline>/<proposal>`."""
        return self.text == "{beamline}/{proposal}"

    def name(self, fields: dict[str, str]) -> str:
        """Return the name below the beamline by which accounts see a folder."""
        left_out = {"beamline"} | ({"cycle"} if "visit" in fields else set())
        order = _FIELD.findall(self.text)
        return "-".join(fields[f] for f in order if f not in left_out)


def folders_of(tree: Path, template: Template) -> tuple[Folder, ...]:
    """Find the proposals of a tree, by beamline and name.

    A symbolic link is not a proposal: it could lead anywhere.

    Raises
    ------
    TreeInvalid
        Two folders would be seen at one place.
    OSError
        The tree cannot be read.
    """
    found: dict[str, Folder] = {}
    for path, fields in _walk(tree, template.levels, {}):
        folder = Folder(fields["beamline"], template.name(fields), path)
        if folder.identifier in found:
            raise TreeInvalid(
                f"{folder.path} and {found[folder.identifier].path} would both be "
                f"{folder.identifier}. Name the level that tells them apart in the "
                f"template (tree = {template.text!r})."
            )
        found[folder.identifier] = folder
    return tuple(found[i] for i in sorted(found))


def _walk(
    folder: Path, levels: tuple[re.Pattern[str], ...], fields: dict[str, str]
) -> Iterator[tuple[Path, dict[str, str]]]:
    if not levels:
        yield folder, fields
        return
    with os.scandir(folder) as entries:
        names = sorted(
            e.name
            for e in entries
            if not e.name.startswith(".") and e.is_dir(follow_symlinks=False)
        )
    for name in names:
        if matched := levels[0].fullmatch(name):
            yield from _walk(
                folder / name, levels[1:], {**fields, **matched.groupdict()}
            )


def _pattern(level: str) -> re.Pattern[str]:
    parts = _FIELD.split(level)
    words = [
        f"(?P<{part}>.+)" if number % 2 else re.escape(part)
        for number, part in enumerate(parts)
    ]
    return re.compile("".join(words))
