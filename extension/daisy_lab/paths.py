"""Which files a request may name, and how a page names them.

A path from a page is either relative to the server's root folder (as everywhere
in Jupyter) or absolute. It is resolved, links included, and must then lie below
one of the roots. Mounts are the first wall; this is the second.
"""

import os
import time
from dataclasses import dataclass
from pathlib import Path

from tornado.web import HTTPError

STILL_WRITTEN = 10.0  # seconds after a change in which the next one is waited for


@dataclass(frozen=True)
class Places:
    """The folders a user's server reads from.

    Parameters
    ----------
    data
        Holds `<beamline>/<proposal>`.
    home
        The server's root folder.
    """

    data: Path
    home: Path

    @classmethod
    def of_server(cls, root_dir: str) -> "Places":
        """Read the places from the environment of a server."""
        data = os.environ.get("DAISY_DATA") or "~/data"
        return cls(data=Path(data).expanduser(), home=Path(root_dir).expanduser())

    @property
    def roots(self) -> tuple[Path, ...]:
        """Return every allowed root, without links."""
        places = (self.data, self.home)
        return tuple(dict.fromkeys(place.resolve() for place in places))

    def resolve(self, text: str) -> Path:
        """Return the file a page means; 403 where it may not be read."""
        if not text or "\0" in text:
            raise HTTPError(400, "a path is missing")
        named = Path(text)
        full = named if named.is_absolute() else self.home / named
        try:
            found = full.resolve()
        except (OSError, RuntimeError) as error:  # a loop of links
            raise HTTPError(403, f"{text} cannot be followed: {error}") from error
        inside = any(found.is_relative_to(root) for root in self.roots)
        if ".." in named.parts or not inside:
            raise HTTPError(403, f"{text} is outside your data and your home folder")
        if not found.exists():
            raise HTTPError(404, f"{text} does not exist")
        return found

    def page_path(self, file: Path) -> str:
        """Return how a page names *file*: relative to its root where possible."""
        for home in (self.home, self.home.resolve()):
            if file.is_relative_to(home):
                return file.relative_to(home).as_posix()
        data, base = self.data.resolve(), self.data
        if file.is_relative_to(data) and base.is_relative_to(self.home):
            return (base / file.relative_to(data)).relative_to(self.home).as_posix()
        return file.as_posix()

    def code_path(self, file: Path) -> str:
        """Return how a line of code names *file*: short below the data folder."""
        for data in (self.data, self.data.resolve()):
            if file.is_relative_to(data):
                return file.relative_to(data).as_posix()
        return file.as_posix()

    def proposal_of(self, file: Path) -> Path | None:
        """Return the folder of the proposal *file* belongs to."""
        parts = Path(self.code_path(file)).parts
        deep = 3  # beamline / proposal / something
        if file.is_absolute() and Path(self.code_path(file)).is_absolute():
            return None
        return self.data.joinpath(*parts[:2]) if len(parts) >= deep else None


def is_growing(file: Path) -> bool:
    """Say whether a file or folder has changed in the last seconds."""
    return is_recent(file.stat().st_mtime)


def is_recent(mtime: float, seconds: float = STILL_WRITTEN) -> bool:
    """Say whether a time of change lies within the last seconds."""
    # on both sides: the clock of a file server may be ahead of ours
    return abs(time.time() - mtime) < seconds


def identity(file: Path) -> str:
    """Return what changes when a file is replaced or written, without reading."""
    stat = file.stat()
    return f"{stat.st_dev}-{stat.st_ino}-{stat.st_mtime_ns}-{stat.st_size}"
