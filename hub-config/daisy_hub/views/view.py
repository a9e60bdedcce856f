"""Bring the mounts of one account's view to what the account may see now.

Requirements: never more than wanted is seen, also in between; a view that is right
already is not touched; several processes may do it at once.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from daisy_hub.views import mounts

SIZE = "4m"  # mount points only


@dataclass(frozen=True)
class Viewed:
    """A folder of the machine, and where it is seen below `~/data`.

    Attributes
    ----------
    target
        Relative: `B7/2026-0042/processed`.
    """

    source: Path
    target: Path
    writable: bool = False


def views_below(folder: Path) -> set[str]:
    """Name the views that are mounted in a folder."""
    mounted = mounts.mounted_below(folder)
    return {m.target.name for m in mounted if m.target.parent == folder}


class View:
    """The view of one account.

    Parameters
    ----------
    path
        Its folder on the machine; the hub's own, closed to accounts.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def is_there(self) -> bool:
        """Whether it is mounted; after a restart of the machine it is not."""
        return any(m.target == self.path for m in mounts.mounted_below(self.path))

    def show(self, wanted: Iterable[Viewed]) -> list[str]:
        """Show exactly what is wanted, and make the view if it is not there.

        Returns
        -------
        :
            A sentence for each folder that could not be shown.
        """
        by_target = {self.path / v.target: v for v in wanted}
        with self._changing():
            if not self.is_there:
                self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
                mounts.make_shared(self.path, SIZE)
            kept = self._take_away(by_target)
            missing = sorted(t for t in by_target if t not in kept)
            return [
                problem
                for target in missing
                if (problem := self._add(target, by_target[target]))
            ]

    def end(self) -> None:
        """Take the whole view away."""
        with self._changing():
            if self.is_there:
                mounts.unmount(self.path)
            with suppress(OSError):  # not there, or another process is making it
                self.path.rmdir()

    def _take_away(self, wanted: dict[Path, Viewed]) -> set[Path]:
        """Take away what is not wanted, outermost first; return what stays."""
        kept: dict[Path, mounts.Mounted] = {}
        gone: list[Path] = []
        # of mounts at one place the last one is the one that is seen
        seen = {m.target: m for m in mounts.mounted_below(self.path)}
        for target, mounted in sorted(seen.items()):
            if target == self.path or any(target.is_relative_to(g) for g in gone):
                continue
            if _is_as_wanted(mounted, wanted.get(target)):
                kept[target] = mounted
            elif target in wanted or not _came_with(mounted, kept):
                mounts.unmount(target)
                self._remove_points(target)
                gone.append(target)
        return set(kept)

    def _add(self, target: Path, viewed: Viewed) -> str:
        try:
            self._make_points(target)
            mounts.bind(viewed.source, target, writable=viewed.writable)
        except OSError as error:
            return f"{viewed.source} cannot be shown at {viewed.target}: {error}"
        return ""

    def _make_points(self, target: Path) -> None:
        """Make the folders that lead to a mount, open to look through."""
        for folder in (*reversed(target.parents), target):
            if folder.is_relative_to(self.path) and not folder.is_dir():
                folder.mkdir()
                folder.chmod(0o755)  # whatever the umask is

    def _remove_points(self, target: Path) -> None:
        """Remove mount points that are empty now; those on a file server stay."""
        device = self.path.stat().st_dev
        while target != self.path and target.stat().st_dev == device:
            try:
                target.rmdir()
            except OSError:
                return
            target = target.parent

    @contextmanager
    def _changing(self) -> Iterator[None]:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = self.path.parent / f".{self.path.name}.lock"
        with lock.open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def may_make_views() -> bool:
    """Whether this process may mount; an ordinary user may not."""
    return os.geteuid() == 0


def _is_as_wanted(mounted: mounts.Mounted, wanted: Viewed | None) -> bool:
    if wanted is None or mounted.writable != wanted.writable:
        return False
    try:
        return os.path.samestat(mounted.target.stat(), wanted.source.stat())
    except OSError:
        return False  # the source was replaced or is away


def _came_with(mounted: mounts.Mounted, kept: dict[Path, mounts.Mounted]) -> bool:
    """Whether a mount is a file system that lies below one that is shown.

    Such a one is never more writable than what it came with; `processed` is.
    """
    return any(
        mounted.target.is_relative_to(target) and mounted.writable <= above.writable
        for target, above in kept.items()
    )
