"""Bring the index of a proposal up to date: what is new, changed, gone.

Names, sizes and times come first and are put in place at once, so that a scan is
seen within moments; what stands inside the files follows, newest first.
"""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path

from daisy_kernel.catalog.describing import Describer
from daisy_kernel.catalog.info import ScanInfo
from daisy_kernel.catalog.lease import Lease
from daisy_kernel.catalog.place import Place, place_of, proposal_of
from daisy_kernel.catalog.scans import AREAS, sized, walk_below
from daisy_kernel.catalog.snapshot import Draft
from daisy_kernel.catalog.thumbnails import Thumbnails
from daisy_kernel.model.errors import FileMissing, WriteFailed

PUBLISH_SECONDS = 5.0  # between two snapshots while files are described
_WAIT = 0.05
_AT_ONCE = 20  # scans that are described between two looks at what else to do
_TOUCH_EVERY = 200  # scans

Key = tuple[str, str]  # area and name


@dataclass(frozen=True)
class Updated:
    """What an update has done to an index.

    Attributes
    ----------
    put, removed, described
        Numbers of scans.
    left
        Whether there are scans that nobody has opened yet.
    writer
        Whether we were the one that may write.
    """

    put: int = 0
    removed: int = 0
    described: int = 0
    left: bool = False
    writer: bool = True

    @property
    def changed(self) -> bool:
        """Whether there is a new snapshot."""
        return bool(self.put or self.removed or self.described)


def update(
    proposal: str | os.PathLike[str],
    paths: Sequence[str | os.PathLike[str]] | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Updated:
    """Look at scans of a proposal, and write its index where it is out of date.

    Parameters
    ----------
    proposal
        Folder of the proposal.
    paths
        Files and folders to look at; all by default.
    stop
        Asked between files; what was found so far is kept.

    Returns
    -------
    :
        `writer` is False if somebody else is at it, and nothing was done.

    Raises
    ------
    WriteFailed
        The index can be written nowhere.
    """
    whole = AREAS if paths is None else paths
    place = place_of(proposal)
    return _write(place, [place.proposal / path for path in whole], stop)


def notify(*paths: str | os.PathLike[str]) -> None:
    """Tell that files or folders are new, have changed or are gone.

    Comes back when the index knows their names and what stands in them; also if
    somebody else writes it at the moment.

    Parameters
    ----------
    paths
        Each below `raw` or `processed` of a proposal.

    Raises
    ------
    FileMissing
        A path lies in no proposal.
    WriteFailed
        The index of the proposal can be written nowhere.
    """
    told: dict[Path, list[Path]] = {}
    for path in paths:
        full = Path(os.path.abspath(path))
        proposal = proposal_of(full / "x")
        if proposal is None:
            reason = "it lies in no proposal: in no folder raw or processed"
            raise FileMissing(str(path), reason)
        told.setdefault(proposal, []).append(full)
    for proposal, found in told.items():
        place = place_of(proposal)
        if not place.shared:
            reason = "permission denied: only who may write there can notify"
            raise WriteFailed(str(proposal / "processed" / ".daisy"), reason)
        letters = _put_into_inbox(place, found)
        while any(letter.exists() for letter in letters):
            if not _write(place, [], lambda: False).writer:
                time.sleep(_WAIT)


def _put_into_inbox(place: Place, paths: Iterable[Path]) -> list[Path]:
    letters = []
    try:
        place.make()
        for path in paths:
            letter = place.inbox / uuid.uuid4().hex
            part = letter.with_suffix(".part")
            part.write_text(str(path.relative_to(place.proposal)))
            part.replace(letter)
            letters.append(letter)
    except OSError as error:
        raise WriteFailed(str(place.inbox), str(error)) from error
    return letters


def _write(place: Place, paths: Sequence[Path], stop: Callable[[], bool]) -> Updated:
    lease = Lease(place.lease)
    try:
        place.make()
        if not lease.take():
            return Updated(writer=False)
        with lease, Draft(place.index) as draft, Describer(place.proposal) as describer:
            writer = _Writer(place, lease, draft, describer)
            writer.look(paths)
            writer.read_inbox()
            writer.describe_waiting(stop)
            return writer.done
    except OSError as error:
        raise WriteFailed(str(place.index), str(error)) from error


class _Writer:
    """The one that holds the lease."""

    def __init__(
        self, place: Place, lease: Lease, draft: Draft, describer: Describer
    ) -> None:
        self._place, self._lease, self._draft = place, lease, draft
        self._describer = describer
        self._thumbnails = Thumbnails(place.proposal)
        self._published = time.monotonic()
        self.done = Updated()

    def look(self, paths: Sequence[Path]) -> None:
        """Compare files and folders with what is known; names are in place at once."""
        if not paths:
            return
        found, gone = self._compare(paths)
        known = self._draft.identities()
        self._put([i for key, i in found.items() if known.get(key) != i.identity], gone)
        self._publish()
        if [path.name for path in paths] == list(AREAS):
            self._place.looked.touch()

    def read_inbox(self) -> None:
        """Look at what somebody has told about, and answer."""
        letters = [p for p in self._place.inbox.iterdir() if not p.suffix]
        if not letters:
            return
        found, gone = self._compare([self._told(letter) for letter in letters])
        # also what looks the same: whoever tells knows better
        self._put(list(found.values()), gone)
        self._publish()
        for area, name in found:
            self._describe(area, name)
        self._publish()
        for letter in letters:
            letter.unlink(missing_ok=True)

    def _told(self, letter: Path) -> Path:
        """Read a path; what another member wrote may be anything, and stops nobody."""
        text = letter.read_text(errors="replace").replace("\0", "")
        return Path(os.path.normpath(self._place.proposal / text))

    def _compare(self, paths: Sequence[Path]) -> tuple[dict[Key, ScanInfo], set[Key]]:
        """Give the scans at paths or below, and those that are known but gone."""
        proposal = self._place.proposal
        found: dict[Key, ScanInfo] = {}
        for path in paths:
            for info in walk_below(proposal, path):
                found[info.area, info.name] = info
                if not len(found) % _TOUCH_EVERY:
                    self._lease.touch()
        known = self._draft.identities()
        below = {
            key
            for key in known
            if any(proposal.joinpath(*key).is_relative_to(path) for path in paths)
        }
        return found, below - found.keys()

    def describe_waiting(self, stop: Callable[[], bool]) -> None:
        """Open the scans that nobody has opened yet, newest first."""
        while not stop() and (waiting := self._draft.not_described(_AT_ONCE)):
            for area, name in waiting:
                self._describe(area, name)
            if time.monotonic() - self._published > PUBLISH_SECONDS:
                self._publish()
            self.read_inbox()
        self._publish()
        self.done = replace(self.done, left=bool(self._draft.not_described(1)))

    def _describe(self, area: str, name: str) -> None:
        info = self._draft.info(area, name, self._place.proposal)
        if info is not None:
            found = self._describer.describe(info)
            if area == "processed" and not found.sample:
                # a result is of what was measured: processed/<scan>/<run>/...
                sample = self._draft.sample_of(name.partition("/")[0])
                found = replace(found, sample=sample)
            self._draft.put([found], described=True)
            self.done = replace(self.done, described=self.done.described + 1)
        self._lease.touch()

    def _put(self, fresh: Sequence[ScanInfo], gone: Set[Key]) -> None:
        self._draft.put(map(sized, fresh), described=False)
        self._draft.remove(gone)
        for key in gone:
            self._thumbnails.forget(*key)
        self.done = replace(
            self.done,
            put=self.done.put + len(fresh),
            removed=self.done.removed + len(gone),
        )

    def _publish(self) -> None:
        if not self._lease.held:
            raise OSError("another writer has taken over, since this one was too slow")
        self._draft.publish()
        self._lease.touch()
        self._published = time.monotonic()


def last_look(proposal: str | os.PathLike[str]) -> float | None:
    """Say when the folders were last gone through, seconds since 1970."""
    try:
        return place_of(proposal).looked.stat().st_mtime
    except OSError:
        return None
