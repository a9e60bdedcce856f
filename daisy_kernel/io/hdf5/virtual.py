"""Look behind a dataset: where its numbers are, and which of them are absent.

HDF5 fills absent sources with zeros without a word. So each one is followed to the
numbers before anything is read: the file, the way inside it (which may lead over a
broken link), and the sources of the source. What is found is read by the core as
if it were one file.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import h5py

from daisy_kernel.io.hdf5.chunks import Stored, stored
from daisy_kernel.io.hdf5.files import Files
from daisy_kernel.io.hdf5.mapping import (
    Mapping,
    Span,
    are_disjoint,
    mapping,
    meets,
    span_of,
    targets,
)
from daisy_kernel.io.hdf5.walk import Place, find_file, root_place, walk
from daisy_kernel.io.reading import Part, Stamps
from daisy_kernel.model.errors import DataError, OutsideData, SourceMissing
from daisy_kernel.model.nodes import Array, Kind
from daisy_kernel.model.selection import Positions

_DEEPEST = 8


@dataclass(frozen=True)
class Hole:
    """A part of a dataset that has no data behind it: positions per axis."""

    kind: Kind
    reason: str
    span: Span

    def meets(self, axes: Sequence[Positions]) -> bool:
        """Whether a selection touches the hole."""
        return meets(self.span, axes)

    def mark(self, axes: Sequence[Positions], mask: Array) -> None:
        """Set what a selection has of the hole."""
        for target in targets(self.span, axes):
            mask[target] = True


@dataclass(frozen=True)
class Source:
    """A part of a virtual dataset, and what is behind it."""

    mapping: Mapping
    behind: Behind

    @property
    def whole(self) -> tuple[int, ...] | None:
        """Shape of chunks that can only be decoded whole, in the virtual dataset."""
        chunk = self.behind.whole
        if chunk is None:
            return None
        found = [1] * len(self.mapping.span)
        for (axis, at), size in zip(self.mapping.source, chunk, strict=True):
            if axis is not None:
                found[axis] = -(-size // at.step)
        return tuple(found)


@dataclass(frozen=True)
class Behind:
    """Where the numbers of a dataset are.

    Attributes
    ----------
    where
        File and dataset, for the messages.
    stored
        The table of its chunks, or the reason why HDF5 has to read it.
    sources
        Of a virtual dataset.
    """

    where: str
    stored: Stored
    sources: tuple[Source, ...] = ()
    holes: tuple[Hole, ...] = ()

    @cached_property
    def stamps(self) -> Stamps:
        """The files that hold the numbers, when they were looked at."""
        found = dict(self.stored.stamps)
        for source in self.sources:
            found |= source.behind.stamps
        return found

    @cached_property
    def whole(self) -> tuple[int, ...] | None:
        """Shape of chunks that can only be decoded whole, None if there are others."""
        if not self.sources:
            return self.stored.whole
        found = {source.whole for source in self.sources}
        return found.pop() if len(found) == 1 else None

    @cached_property
    def has_gaps(self) -> bool:
        """Whether chunks are missing before the last one."""
        inside = (source.behind.has_gaps for source in self.sources)
        return self.stored.has_gaps or any(inside)

    @cached_property
    def is_known(self) -> bool:
        """Whether the core can read it all."""
        return self.stored.table is not None or (
            bool(self.sources) and all(s.behind.is_known for s in self.sources)
        )

    def parts(self, axes: Sequence[Positions], out: Array) -> list[Part]:
        """Give what the core has to read for a selection."""
        own = self.stored
        if own.table is not None:
            return [Part(own.table, axes, out, self.where, own.strategy, own.blocks)]
        return [
            part
            for source in self.sources
            for inner, view in source.mapping.wanted(axes, out)
            for part in source.behind.parts(inner, view)
        ]


def behind(files: Files, place: Place, depth: int = 0) -> Behind:
    """Find where the numbers of a dataset are."""
    dataset = h5py.Dataset(place.object)
    where = f"{place.file}: {place.inner or place.path}"
    span = tuple(range(size) for size in dataset.shape or ())
    holes = [Hole(kind, reason, span) for kind, reason in _raw_files(files, place)]
    if not dataset.is_virtual:
        return Behind(where, stored(dataset, place.file), (), tuple(holes))
    sources: list[Source] = []
    reasons: list[str] = []
    for entry in dataset.virtual_sources():
        found, absent, reason = _source(files, place, entry, span, depth)
        sources += found
        holes += absent
        reasons += [reason] if reason else []
    if not are_disjoint([source.mapping.span for source in sources]):
        reasons.append("virtual sources that may overlap")
    strategy = reasons[0] if reasons else f"{len(sources)} virtual source(s)"
    stamps = {p: at for s in sources for p, at in s.behind.stamps.items()}
    left = Stored(None, strategy, stamps=stamps)
    return Behind(where, left, () if reasons else tuple(sources), tuple(holes))


def _raw_files(files: Files, place: Place) -> list[tuple[Kind, str]]:
    problems: list[tuple[Kind, str]] = []
    for name, _offset, _size in h5py.Dataset(place.object).external or ():
        path = find_file(name, place.file)
        if path is None:
            problems.append(("missing", f"raw data file {name}: there is no such file"))
        elif not files.allows(path):
            problems.append(("outside", "raw data file outside your data"))
    return problems


def _source(
    files: Files, place: Place, entry: Any, whole: Span, depth: int
) -> tuple[list[Source], list[Hole], str]:
    """Follow one source: what is there, what is absent, and why HDF5 must read it."""
    span = span_of(entry.vspace)
    known = span if span is not None else _box(entry.vspace) or whole
    shown = f"virtual source {entry.file_name} : {entry.dset_name}"
    if depth >= _DEEPEST:
        reason = f"{shown}: more than {_DEEPEST} sources deep"
        return [], [Hole("missing", reason, known)], ""
    try:
        with _found(files, place, entry) as (own, target):
            found = behind(own, target, depth + 1)
            shape = h5py.Dataset(target.object).shape or ()
    except OutsideData:
        return [], [Hole("outside", "virtual source outside your data", known)], ""
    except DataError as error:
        return [], [Hole("missing", f"{shown}: {error}", known)], ""
    if found.holes:
        hole = found.holes[0]
        return [], [Hole(hole.kind, f"{shown}: {hole.reason}", known)], ""
    return _fitted(entry, found, shape, span, known, shown)


def _fitted(
    entry: Any,
    found: Behind,
    shape: tuple[int, ...],
    span: Span | None,
    known: Span,
    shown: str,
) -> tuple[list[Source], list[Hole], str]:
    """Pair both sides; a part that the source is still too short for is absent."""
    # a mapping of a whole source does not say how large that was
    at = span_of(entry.src_space)
    if entry.src_space.get_select_type() == h5py.h5s.SEL_ALL:
        lengths = [len(r) for r in known]
        at = tuple(map(range, lengths if len(lengths) == len(shape) else shape))
    fitted = mapping(span, at) if span is not None and at is not None else None
    wanted = at or _box(entry.src_space) or known
    if len(wanted) != len(shape):
        return [], [], "virtual sources of another rank"
    short = [a for a, r in enumerate(wanted) if len(r) and r[-1] >= shape[a]]
    if not short:
        if fitted is None:
            return [], [], "a virtual source that is no box"
        return [Source(fitted, found)], [], ""
    reason = f"{shown}: it has shape {shape} only"
    first, rest = _split(fitted, short, shape) if fitted else (None, known)
    hole = Hole("missing", reason, rest)
    return [Source(first, found)] if first else [], [hole], ""


def _split(
    fitted: Mapping, short: list[int], shape: tuple[int, ...]
) -> tuple[Mapping | None, Span]:
    """Cut a mapping where its source ends: the part that is there, the rest."""
    axis = short[0]
    outer, at = fitted.source[axis]
    there = sum(1 for position in at if position < shape[axis])
    if len(short) > 1 or outer is None or not there:
        return None, fitted.span
    span, source = list(fitted.span), list(fitted.source)
    rest = [*span]
    rest[outer] = span[outer][there:]
    span[outer] = span[outer][:there]
    source[axis] = (outer, at[:there])
    return Mapping(tuple(span), tuple(source)), tuple(rest)


@contextmanager
def _found(files: Files, place: Place, entry: Any) -> Iterator[tuple[Files, Place]]:
    """Open a source for as long as it is looked at: there can be thousands."""
    name, target = _first(entry.file_name), _first(entry.dset_name)
    path: Path | None = place.file if name == "." else find_file(name, place.file)
    if path is None:
        raise SourceMissing(target, f"there is no file {name}")
    if not files.allows(path):
        raise OutsideData(target, "a file outside your data")
    own = files if path == place.file else files.apart()
    try:
        found = walk(own, root_place(own, path), target)
        if found.is_group:
            raise SourceMissing(target, "it is a group, not a dataset")
        yield own, found
    finally:
        if own is not files:
            own.close()


def _box(space: Any) -> Span | None:
    """Give the box around a selection that is no regular one."""
    if space.get_select_type() == h5py.h5s.SEL_NONE:
        return None
    try:
        first, last = space.get_select_bounds()
    except (RuntimeError, ValueError):  # an unlimited selection has no bounds
        return None
    return tuple(range(int(a), int(b) + 1) for a, b in zip(first, last, strict=True))


def _first(pattern: str) -> str:
    """Name of the first block of a printf-style source ("scan_%b.h5")."""
    return pattern.replace("%%", "\0").replace("%b", "0").replace("\0", "%")
