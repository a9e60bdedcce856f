"""A dataset in an HDF5 file."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from daisy_kernel.io.hdf5.attributes import Attributes
from daisy_kernel.io.hdf5.fallback import read_by_hdf5
from daisy_kernel.io.hdf5.files import Files
from daisy_kernel.io.hdf5.tracing import trace
from daisy_kernel.io.hdf5.virtual import Behind, Hole
from daisy_kernel.io.hdf5.walk import Anchor, Place, root_place, walk
from daisy_kernel.io.hdf5.watched import Watched
from daisy_kernel.io.reading import (
    Chunked,
    Part,
    Readable,
    explain,
    explain_parts,
    plan,
    read_parts,
    reduce_parts,
    stamps_now,
    unfilled,
)
from daisy_kernel.model import Selection
from daisy_kernel.model.errors import (
    FileDamaged,
    FormatNotSupported,
    OutsideData,
    SourceMissing,
)
from daisy_kernel.model.nodes import Array, Layout, Trace
from daisy_kernel.model.reduction import Reduction

_FILTERS = {
    1: "gzip", 2: "shuffle", 3: "fletcher32", 4: "szip", 5: "nbit", 6: "scale-offset",
    32000: "lzf", 32001: "blosc", 32004: "lz4", 32008: "bitshuffle", 32013: "zfp",
    32015: "zstd", 32026: "blosc2", 307: "bzip2",
}  # fmt: skip
# the codec is the fifth parameter of the bitshuffle filter
_BITSHUFFLE, _CODEC_AT = 32008, 4
_BITSHUFFLE_CODEC = {2: "bitshuffle-lz4", 3: "bitshuffle-zstd"}


class Hdf5Array:
    """Implements ArraySource: by the compiled core, else by HDF5.

    Parameters
    ----------
    scan
        Path of the file that was opened, and the roots: what reopening needs.
    """

    def __init__(
        self,
        files: Files,
        place: Place,
        scan: str,
        axes: tuple[str | None, ...] | None = None,
        notes: tuple[str, ...] = (),
    ) -> None:
        self.path, self.file = place.path, scan
        self._files = files
        # the table of chunks is made once, however often the dataset is looked up
        self._watched = files.once(
            place.path,
            lambda: Watched(files, Anchor(files, place, scan), self._where),
        )
        self._bands = files.bands_of(place.path)
        self.shape: tuple[int, ...] = self._known_shape()
        self.dtype: np.dtype[Any] = self._known_dtype()
        self.axes = axes or (None,) * len(self.shape)
        self.notes = notes

    def __reduce__(self) -> tuple[Any, ...]:
        from daisy_kernel.io.hdf5.scan import reopen

        return reopen, (self.file, self.path, self._files.roots, self.axes, self.notes)

    @property
    def attrs(self) -> Attributes:
        """Attributes, decoded."""
        return Attributes(self._watched.place.object)

    @property
    def written(self) -> int:
        """Positions of the first axis up to the last one that is stored whole."""
        length = self.shape[0] if self.shape else 0
        stored = self.behind.stored.written
        return length if stored is None else min(stored, length)

    def refresh(self) -> None:
        """Look again at a file that is being written."""
        self._watched.refresh()
        self.__dict__.pop("layout", None)
        self.shape = self._known_shape()

    @property
    def _dataset(self) -> h5py.Dataset:
        return self._watched.dataset

    @cached_property
    def layout(self) -> Layout:
        """Chunks, filters and size on disk."""
        properties = self._dataset.id.get_create_plist()
        found = [properties.get_filter(i) for i in range(properties.get_nfilters())]
        return Layout(
            self._dataset.chunks,
            tuple(_filter_name(number, values) for number, _, values, _ in found),
            int(self._dataset.id.get_storage_size()),
        )

    @property
    def behind(self) -> Behind:
        """Where the numbers are."""
        return self._watched.behind

    @property
    def holes(self) -> tuple[Hole, ...]:
        """Parts without data behind them."""
        return self.behind.holes

    def missing_sources(self) -> tuple[str, ...]:
        """Say which files behind the dataset are absent."""
        return tuple(dict.fromkeys(hole.reason for hole in self.holes))

    def files(self) -> tuple[str, ...]:
        """Name the files behind it, none where others may still come to them."""
        if self.holes or (self._dataset.is_virtual and not self.behind.is_known):
            return ()
        return tuple(str(path) for path in self._watched.stamps)

    def trace(self) -> Trace:
        """Give what identifies it, from its table of chunks if that is still true."""
        stamps = self._watched.stamps if self._dataset else {}
        is_true = stamps_now(stamps) == tuple(stamps.values())
        if stamps and is_true and not self.holes:
            return trace(self._files, self._watched.place, self.behind, stamps)
        files = self._files.apart()
        try:
            return files.steadily(Path(self.file), lambda: self._trace_anew(files))
        finally:
            files.close()

    def _trace_anew(self, files: Files) -> Trace:
        """Look at a file that has changed, or may be about to."""
        place = walk(files, root_place(files, Path(self.file)), self.path)
        watched = Watched(files, Anchor(files, place, self.file), self._where)
        return trace(files, place, watched.behind, watched.stamps)

    def readable(self) -> Readable | None:
        """Give what the core needs; None where it cannot read all of it."""
        if self.holes or not self.behind.is_known:
            return None
        return Readable(self.behind.parts, self._watched.stamps, self.behind.whole)

    def explain(self, selection: Selection) -> str:
        """Say how a selection would be read."""
        if self.behind.is_known:
            out = unfilled(selection, self.dtype)
            parts = self.behind.parts(selection.axes, out)
            return explain_parts(parts, selection, self.behind.stored.strategy)
        made = plan(selection, self.layout.chunks, self.dtype.itemsize)
        why = f"not by the compiled core: {self.behind.stored.strategy}"
        return f"{explain(made, self.layout.filters, 'HDF5')}; {why}"

    def read(self, selection: Selection, out: Array) -> Array:
        """Read, but never what HDF5 would only fill in."""
        if not self._dataset:
            raise FileDamaged(self._where, "the scan is closed: open it again")
        self._refuse_holes(selection)
        if not selection.size:
            return out
        if self.behind.is_known:
            self._watched.undisturbed(
                selection.axes, lambda: self._read_parts(selection, out)
            )
            return out
        made = plan(selection, self.layout.chunks, self.dtype.itemsize)
        return read_by_hdf5(self._dataset, self._watched.place, made, out, self._where)

    def read_present(self, selection: Selection, out: Array) -> Array:
        """Read what is there; the mask is true where no source is."""
        absent = np.zeros(selection.full_shape, bool)
        for hole in self.holes:
            if hole.kind == "outside":
                raise OutsideData(self._where, hole.reason)
            hole.mark(selection.axes, absent)
        if not absent.any():
            self.read(selection, out)
        elif self.behind.is_known or absent.all():
            self._read_parts(selection, out)
        else:
            raise SourceMissing(
                self._where,
                f"sources are missing, and the others cannot be read apart: "
                f"{self.behind.stored.strategy}. {self.holes[0].reason}",
            )
        return absent

    def reduce(
        self, reduction: Reduction, results: Mapping[str, Array], held: int | None
    ) -> bool:
        """Reduce by the compiled core; False if it does not know how to."""
        if not self._dataset:
            raise FileDamaged(self._where, "the scan is closed: open it again")
        self._refuse_holes(reduction.selection)

        if not self.behind.is_known:
            return False
        axes = reduction.selection.axes

        def parts(out: Array) -> list[Part]:
            return self.behind.parts(axes, out)

        return self._watched.undisturbed(
            axes,
            lambda: reduce_parts(parts, reduction, results, self._where, held=held),
        )

    def _read_parts(self, selection: Selection, out: Array) -> None:
        if whole := self.behind.whole:
            stamp = partial(stamps_now, tuple(self._watched.stamps))
            chunked = Chunked(self.shape, whole, self.dtype.itemsize, stamp)
            self._bands.read(selection, out, chunked, self._read_all_parts)
        else:
            self._read_all_parts(selection, out)

    def _read_all_parts(self, selection: Selection, out: Array) -> None:
        parts = self.behind.parts(selection.axes, out)
        if sum(part.out.size for part in parts) < out.size:
            out[...] = self._dataset.fillvalue  # what no source is mapped to
        read_parts(parts, self._where)

    def _refuse_holes(self, selection: Selection) -> None:
        for hole in self.holes:
            if hole.kind == "outside":
                raise OutsideData(self._where, hole.reason)
            if hole.meets(selection.axes):
                raise SourceMissing(
                    self._where, f"there are no data behind it. {hole.reason}"
                )

    def _known_shape(self) -> tuple[int, ...]:
        shape = self._dataset.shape
        return (0,) if shape is None else tuple(int(size) for size in shape)

    def _known_dtype(self) -> np.dtype[Any]:
        try:
            dtype: np.dtype[Any] = np.dtype(self._dataset.dtype)
        except (TypeError, ValueError, KeyError) as error:
            raise FormatNotSupported(
                self._where, f"numpy has no type for this data: {error}"
            ) from error
        # files name the order of bytes also where it is the machine's: such an array
        # is one of a type that compiled code does not know
        is_number = dtype.kind in "iuf" and dtype.metadata is None
        return np.dtype(dtype.type) if is_number and dtype.isnative else dtype

    @property
    def _where(self) -> str:
        return f"{self.file}: {self.path}"


def _filter_name(number: int, values: tuple[int, ...]) -> str:
    if number == _BITSHUFFLE and len(values) > _CODEC_AT:
        return _BITSHUFFLE_CODEC.get(values[_CODEC_AT], "bitshuffle")
    return _FILTERS.get(number, f"filter {number}")
