"""A dataset in an HDF5 file."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import h5py
import numpy as np

from daisy_kernel.io.hdf5.attributes import Attributes
from daisy_kernel.io.hdf5.files import Files
from daisy_kernel.io.hdf5.virtual import Hole, holes
from daisy_kernel.io.hdf5.walk import Place
from daisy_kernel.io.reading import explain, plan
from daisy_kernel.model import Selection
from daisy_kernel.model.errors import (
    FileDamaged,
    FormatNotSupported,
    OutsideData,
    SourceMissing,
)
from daisy_kernel.model.nodes import Array, Layout
from daisy_kernel.model.text import decode

_FILTERS = {
    1: "gzip", 2: "shuffle", 3: "fletcher32", 4: "szip", 5: "nbit", 6: "scale-offset",
    32000: "lzf", 32001: "blosc", 32004: "lz4", 32008: "bitshuffle", 32013: "zfp",
    32015: "zstd", 32026: "blosc2", 307: "bzip2",
}  # fmt: skip
# the codec is the fifth parameter of the bitshuffle filter
_BITSHUFFLE, _CODEC_AT = 32008, 4
_BITSHUFFLE_CODEC = {2: "bitshuffle-lz4", 3: "bitshuffle-zstd"}


class Hdf5Array:
    """Implements ArraySource with h5py.

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
        self._files, self._place = files, place
        self._dataset = h5py.Dataset(place.object)
        self.shape: tuple[int, ...] = self._known_shape()
        self.dtype: np.dtype[Any] = self._known_dtype()
        self.attrs = Attributes(place.object)
        self.axes = axes or (None,) * len(self.shape)
        self.notes = notes

    def __reduce__(self) -> tuple[Any, ...]:
        from daisy_kernel.io.hdf5.scan import reopen

        return reopen, (self.file, self.path, self._files.roots, self.axes, self.notes)

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

    @cached_property
    def holes(self) -> tuple[Hole, ...]:
        """Parts without data behind them."""
        return holes(self._files, self._place)

    def missing_sources(self) -> tuple[str, ...]:
        """Say which files behind the dataset are absent."""
        return tuple(dict.fromkeys(hole.reason for hole in self.holes))

    def explain(self, selection: Selection) -> str:
        """Say how a selection would be read."""
        made = plan(selection, self.layout.chunks, self.dtype.itemsize)
        return explain(made, self.layout.filters, "h5py")

    def read(self, selection: Selection, out: Array | None) -> Array:
        """Read, but never what HDF5 would only fill in."""
        if not self._dataset:
            raise FileDamaged(self._where, "the scan is closed: open it again")
        self._refuse_holes(selection)
        made = plan(selection, self.layout.chunks, self.dtype.itemsize)
        try:
            if self._dataset.shape is None:  # the "null" dataspace: declared, empty
                return np.empty(made.shape, self.dtype)
            if not self.shape or self.dtype.kind == "O":
                return self._read_text(selection)
            buffer = np.empty(made.shape, self.dtype) if out is None else out
            for piece in made.pieces:
                self._dataset.read_direct(buffer, piece.source, piece.target)
        except (OSError, KeyError, RuntimeError, ValueError, TypeError) as error:
            raise FileDamaged(self._where, f"cannot be read: {error}") from error
        return buffer

    def _read_text(self, selection: Selection) -> Array:
        found = self._dataset[selection.forward]
        if self.dtype.kind != "O":
            return np.asarray(found, dtype=self.dtype)
        array = np.empty(np.shape(found), object)
        array[...] = found
        if h5py.check_string_dtype(self._dataset.dtype):
            flat = [decode(v) if isinstance(v, bytes) else v for v in array.reshape(-1)]
            array.reshape(-1)[:] = flat
        return array

    def _refuse_holes(self, selection: Selection) -> None:
        for hole in self.holes:
            if hole.kind == "outside":
                raise OutsideData(self._where, hole.reason)
            if hole.meets(selection.forward):
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
        return dtype

    @property
    def _where(self) -> str:
        return f"{self.file}: {self.path}"


def _filter_name(number: int, values: tuple[int, ...]) -> str:
    if number == _BITSHUFFLE and len(values) > _CODEC_AT:
        return _BITSHUFFLE_CODEC.get(values[_CODEC_AT], "bitshuffle")
    return _FILTERS.get(number, f"filter {number}")
