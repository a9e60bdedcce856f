"""Where the index of a proposal lies.

For everybody in `processed/.daisy` of the proposal, so that it obeys the same mounts;
where that may not be written, in the user's cache.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

_FILE = "catalog.sqlite"


@dataclass(frozen=True)
class Place:
    """The folder that holds the index of one proposal."""

    proposal: Path
    folder: Path

    @property
    def shared(self) -> bool:
        """Whether it lies in the proposal, for everybody who sees that."""
        return self.folder.is_relative_to(self.proposal)

    @property
    def index(self) -> Path:
        """Snapshot: one SQLite file that is only ever replaced."""
        return self.folder / _FILE

    @property
    def lease(self) -> Path:
        """File of the one writer."""
        return self.folder / "catalog.lease"

    @property
    def looked(self) -> Path:
        """File whose time tells when the folders were last gone through."""
        return self.folder / "catalog.looked"

    @property
    def inbox(self) -> Path:
        """Folder of paths that somebody has told about, one small file each."""
        return self.folder / "inbox"

    @property
    def thumbnails(self) -> Path:
        """Folder of small pictures."""
        return self.folder / "thumbnails"

    def make(self) -> None:
        """Make the folders, writable for whom `processed` is."""
        for folder in (self.folder, self.inbox, self.thumbnails):
            if not folder.exists():
                folder.mkdir(parents=True, exist_ok=True)
                _as_parent(folder)


def place_of(proposal: str | os.PathLike[str]) -> Place:
    """Say where the index of a proposal lies, and may be written."""
    path = Path(proposal).absolute()
    shared = path / "processed" / ".daisy"
    may = os.access(shared if shared.is_dir() else shared.parent, os.W_OK | os.X_OK)
    if may or (shared / _FILE).is_file():
        return Place(path, shared)
    key = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]
    own = platformdirs.user_cache_path("daisy") / "catalog" / f"{path.name}-{key}"
    return Place(path, own)


def proposal_of(path: str | os.PathLike[str]) -> Path | None:
    """Give the proposal a file lies in: what holds the `raw` or `processed` above."""
    return next(
        (p.parent for p in Path(path).parents if p.name in ("raw", "processed")),
        None,
    )


def submitted_folder() -> Path:
    """Give the folder that notes the user's own submitted runs, there or not."""
    return platformdirs.user_state_path("daisy") / "submitted"


def _as_parent(folder: Path) -> None:
    """Give a folder the mode of its parent: members of the proposal write there."""
    try:
        folder.chmod(folder.parent.stat().st_mode & 0o7777)
    except OSError:  # somebody else of the proposal made it in this moment
        return
