"""What was done for each scan: one small file per scan and rule, in the proposal."""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Literal

from daisy_kernel.catalog import place_of
from daisy_kernel.model.errors import WriteFailed

ItemState = Literal["waiting", "running", "done", "failed", "passed"]
_FOLDER = "feed"


@dataclass(frozen=True)
class Item:
    """What a rule does for a scan.

    Attributes
    ----------
    scan
        Its name below `raw`.
    identity
        Of the scan as it was looked at; another one is looked at anew.
    run
        Folder of the run, relative to the proposal.
    problem
        Why it failed, in words.
    tries
        How often it was begun.
    """

    scan: str
    identity: str
    rule: str
    state: ItemState = "waiting"
    run: str = ""
    problem: str = ""
    tries: int = 0
    seen: float = 0.0
    begun: float = 0.0
    ended: float = 0.0

    @property
    def key(self) -> str:
        """Name of its file."""
        digest = hashlib.sha256(f"{self.scan}\0{self.rule}".encode()).hexdigest()
        return f"{digest[:24]}.json"

    def with_(self, **changes: object) -> Item:
        """Give the item with changes."""
        return replace(self, **changes)  # type: ignore[arg-type]


def items(proposal: str | os.PathLike[str]) -> dict[tuple[str, str], Item]:
    """Give all items of a proposal by scan and rule; broken files are left out."""
    found: dict[tuple[str, str], Item] = {}
    folder = place_of(proposal).folder / _FOLDER
    try:
        # any member may have put something there: a pipe would keep us waiting
        with os.scandir(folder) as entries:
            names = [
                entry.name
                for entry in entries
                if entry.name.endswith(".json") and entry.is_file(follow_symlinks=False)
            ]
    except OSError:
        return found
    known = {entry.name for entry in fields(Item)}
    for name in names:
        try:
            given = json.loads((folder / name).read_bytes())
            item = Item(**{k: v for k, v in given.items() if k in known})
            found[item.scan, item.rule] = item
        except (OSError, ValueError, TypeError, AttributeError):
            continue
    return found


def write_item(proposal: str | os.PathLike[str], item: Item) -> None:
    """Write an item in the place of the one before.

    Raises
    ------
    WriteFailed
    """
    folder = place_of(proposal).folder / _FOLDER
    path = folder / item.key
    temporary = folder / f".{uuid.uuid4().hex}.part"
    try:
        _make(folder)
        temporary.write_text(json.dumps(asdict(item)))
        temporary.replace(path)
    except OSError as error:
        raise WriteFailed(str(path), str(error.strerror)) from error
    finally:
        temporary.unlink(missing_ok=True)


def _make(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(folder.parent.stat().st_mode & 0o7777)
