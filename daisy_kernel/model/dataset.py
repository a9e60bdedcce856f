"""Dataset: a named array on disk, read piece by piece."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from daisy_kernel.model.ahead import ahead
from daisy_kernel.model.errors import OptionalPackageMissing, ShapeMismatch
from daisy_kernel.model.gathered import GatheredArray
from daisy_kernel.model.memory import empty
from daisy_kernel.model.nodes import (
    Array,
    ArraySource,
    HasFiles,
    HasHoles,
    HasTrace,
    Trace,
)
from daisy_kernel.model.reduction import reduce, reduction_of
from daisy_kernel.model.selection import Selection, select
from daisy_kernel.model.stopping import in_thread
from daisy_kernel.model.taken import TakenArray
from daisy_kernel.model.text import describe_array, parse_bytes, plain
from daisy_kernel.model.windowed import WindowArray

# large enough to hide the cost of a task, small enough for a laptop
_DASK_BLOCK = 64 << 20


class Dataset:
    """An array in a file. Nothing is read before it is asked for.

    Index it like a numpy array (`dataset[3]`, `dataset[:, 512]`), or see
    `read`, `blocks` and `to_dask`.
    """

    def __init__(self, source: ArraySource) -> None:
        self._source = source

    @property
    def source(self) -> ArraySource:
        """What gives the numbers; a reader's own, or one that is made of others."""
        return self._source

    @property
    def path(self) -> str:
        """Path inside the file."""
        return self._source.path

    @property
    def file(self) -> str:
        """File that was opened to find the dataset."""
        return self._source.file

    @property
    def name(self) -> str:
        """Last part of the path."""
        return self.path.rsplit("/", 1)[-1]

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape, slow to fast."""
        return self._source.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the elements, as numpy names it."""
        return self._source.dtype

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def nbytes(self) -> int:
        """Bytes in memory, if read whole."""
        return self.size * self.dtype.itemsize

    @property
    def attrs(self) -> Mapping[str, Any]:
        """Attributes, decoded."""
        return self._source.attrs

    @property
    def units(self) -> str | None:
        """The `units` attribute, None where the file has none."""
        units = str(plain(self.attrs.get("units", ""))).strip()
        return units or None

    @property
    def axes(self) -> tuple[str | None, ...]:
        """Name of the field that belongs to each axis, where there is one."""
        return self._source.axes

    @property
    def notes(self) -> tuple[str, ...]:
        """What is odd about the dataset, an axis that does not fit for example."""
        return self._source.notes

    @property
    def chunks(self) -> tuple[int, ...] | None:
        """Shape of the pieces on disk, None for a contiguous dataset."""
        return self._source.layout.chunks

    @property
    def filters(self) -> tuple[str, ...]:
        """Compression and shuffling, in the order of writing."""
        return self._source.layout.filters

    @property
    def stored_bytes(self) -> int | None:
        """Bytes on disk, None where that is not known."""
        return self._source.layout.stored_bytes

    @property
    def written(self) -> int:
        """Positions of the first axis up to the last one that is stored whole.

        A file that is being written can be longer than what it holds.
        """
        return self._source.written

    def refresh(self) -> int:
        """Look again at a file that is being written; gives `written`.

        Nothing is locked, and the writer is not disturbed. A file in HDF5's SWMR
        mode shows what its writer has flushed; any other one is opened again.
        """
        self._source.refresh()
        return self._source.written

    @property
    def missing_sources(self) -> tuple[str, ...]:
        """Files behind a virtual dataset that are absent, each with the reason."""
        return self._source.missing_sources()

    @property
    def files(self) -> tuple[str, ...]:
        """Files that hold the numbers, empty where only a look at them all can tell.

        When none of them has changed, the dataset has not grown.
        """
        source = self._source
        return source.files() if isinstance(source, HasFiles) else ()

    def trace(self) -> Trace | None:
        """Look at the files for `io.identity`; None where the reader cannot."""
        source = self._source
        return source.trace() if isinstance(source, HasTrace) else None

    @property
    def whole(self) -> Dataset:
        """The dataset in the file that this one is a part of; see `take`, `window`."""
        source = self._source
        while isinstance(source, TakenArray | WindowArray | GatheredArray):
            source = source.whole
        return Dataset(source)

    @property
    def views(self) -> tuple[Any, ...]:
        """Which part of `whole` it is, the first part first; plain values and arrays.

        Empty for a dataset as it is in the file.
        """
        found: list[Any] = []
        source = self._source
        while isinstance(source, TakenArray | WindowArray | GatheredArray):
            found.insert(0, source.part)
            source = source.whole
        return tuple(found)

    @property
    def invalid(self) -> tuple[float, ...]:
        """Values that the file declares to be no data."""
        names = ("_FillValue", "missing_value", "invalid_value")
        found = [np.ravel(self.attrs[name]) for name in names if name in self.attrs]
        return tuple(float(value) for values in found for value in values)

    def read(self, selection: Any = (), out: Array | None = None) -> Array:
        """Read a part into memory.

        Parameters
        ----------
        selection
            Integers, slices and `...`, and on one axis a list or mask, as between
            brackets; all by default.
        out
            Array to read into, of the result's shape and of this dtype, with any
            strides. Memory that was used before is several times as fast as new.

        Raises
        ------
        SelectionNotSupported, ShapeMismatch
            Before anything is read.
        FileDamaged, FileMissing, SourceMissing
            A part cannot be read; file, dataset and chunk are named. Then *out*
            holds nothing to rely on.
        """
        chosen = self._select(selection)
        if out is None:
            array = empty(chosen.full_shape, self.dtype)
            found: Array = self._source.read(chosen, array)[chosen.finish]
            return found
        self._check_out(out, chosen)
        direct = chosen.unfinish
        if direct is None:
            array = np.empty(chosen.full_shape, self.dtype)
            out[...] = self._source.read(chosen, array)[chosen.finish]
        else:
            self._source.read(chosen, out[direct] if direct else out)
        return out

    async def read_async(self, selection: Any = (), out: Array | None = None) -> Array:
        """Read a part without holding up an event loop; see `read`.

        A cancelled task stops its read, and ends only when nothing is written to
        *out* any more.
        """
        return await in_thread(lambda: self.read(selection, out))

    def read_masked(self, selection: Any = ()) -> np.ma.MaskedArray[Any, Any]:
        """Read a part, with a mask over what no file holds.

        Where `read` refuses a selection because a source of a virtual dataset is
        absent, this gives the rest.

        Parameters
        ----------
        selection
            As in `read`.
        """
        chosen = self._select(selection)
        array = empty(chosen.full_shape, self.dtype)
        index = chosen.finish
        if isinstance(self._source, HasHoles):
            mask = self._source.read_present(chosen, array)[index]
            return np.ma.MaskedArray(array[index], mask)
        return np.ma.MaskedArray(self._source.read(chosen, array)[index])

    def _check_out(self, out: Array, chosen: Selection) -> None:
        """Refuse a wrong *out* before anything is read into it."""
        if out.shape != chosen.shape:
            problem = f"the selection is {chosen.shape}, out is {out.shape}"
        elif out.dtype != self.dtype:
            problem = f"the dataset is {self.dtype}, out is {out.dtype}"
        elif not out.flags.writeable:
            problem = "out is read-only"
        else:
            return
        raise ShapeMismatch(self._where, problem)

    def __getitem__(self, index: Any) -> Any:
        return self.read(index)[()]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.asarray(self.read(), dtype=dtype)

    def __len__(self) -> int:
        return self.shape[0] if self.shape else 0

    def __iter__(self) -> Iterator[Array]:
        return (self.read(i) for i in range(len(self)))

    def blocks(
        self, axis: int = 0, memory: str | int = "256 MiB"
    ) -> Iterator[tuple[tuple[slice, ...], Array]]:
        """Walk through the dataset in pieces that fit into memory.

        While one piece is worked on, the next one is read.

        Parameters
        ----------
        axis
            The axis that is cut.
        memory
            Most bytes of both pieces together, as a number or like "256 MiB"; at
            least one position of the axis is read at a time.

        Yields
        ------
        :
            The selection of the piece, and its data.
        """
        half = max(1, parse_bytes(memory) // 2)
        yield from ahead(self.block_selections(axis, half), self.read)

    def block_selections(
        self, axis: int = 0, memory: str | int = "256 MiB"
    ) -> tuple[tuple[slice, ...], ...]:
        """Give the selections of `blocks`, whole chunks where that fits."""
        length = self.shape[axis]
        per_index = max(1, self.nbytes // max(1, length))
        step = max(1, parse_bytes(memory) // per_index)
        chunk = self.chunks[axis] if self.chunks else 1
        if step > chunk:
            step -= step % chunk
        whole = (slice(None),) * self.ndim
        return tuple(
            (*whole[:axis], slice(lo, min(lo + step, length)), *whole[axis + 1 :])
            for lo in range(0, length, step)
        )

    def reduce(
        self,
        operations: str | Sequence[str],
        axis: int | tuple[int, ...] = 0,
        selection: Any = (),
        memory: str | int | None = None,
    ) -> dict[str, Array]:
        """Sum, extremes, mean or variance along axes, in one pass and little memory.

        Chunks are added up while they are decoded. Values that the file declares to
        be no data (`invalid`) are numbers like all others here, as they are for numpy.

        Parameters
        ----------
        operations
            One or several of "sum", "min", "max", "mean" and "var", which is the
            variance of the population.
        axis
            Axes of what is selected, as numpy counts them.
        selection
            As for `read`; all by default.
        memory
            Bytes for what is read, as a number or like "256 MiB".

        Returns
        -------
        :
            An array for each operation. Sums of integers are exact in 64 bits,
            minimum and maximum have the dataset's type, all else is float64.

        Raises
        ------
        FormatNotSupported
            The type has no sum or order, or a sum of integers does not fit 64 bits.
        SelectionNotSupported
            There is no such axis, or no minimum or maximum of nothing.
        ParameterRefused
            There is no such operation.
        """
        chosen = self._select(selection)
        asked = reduction_of(chosen, self.dtype, operations, axis, self._where)
        return reduce(self._source, asked, memory)

    def take(self, positions: Any) -> Dataset:
        """Give listed positions of the first axis as a dataset; nothing is read.

        Parameters
        ----------
        positions
            Whole numbers in any order, a mask, or a slice; see `model.taken.take`.
        """
        return Dataset(TakenArray(self._source, positions))

    def window(self, axis: int, positions: range) -> Dataset:
        """Give neighbouring positions along an axis as a dataset; nothing is read."""
        return Dataset(WindowArray(self._source, axis, positions))

    def explain(self, selection: Any = ()) -> str:
        """Say how a selection would be read: pieces, bytes, filters."""
        return self._source.explain(self._select(selection))

    def to_dask(self) -> Any:
        """Give the dataset as a lazy dask array; workers open the file themselves."""
        try:
            import dask.array as da
        except ImportError as error:
            raise OptionalPackageMissing("dask", "cluster") from error
        return da.from_array(  # type: ignore[no-untyped-call]
            self,
            chunks=dask_chunks(self.shape, self.chunks, self.dtype.itemsize),
            name=False,
            asarray=False,
            fancy=False,
            meta=np.empty((0,) * self.ndim, self.dtype),
        )

    def to_xarray(self) -> Any:
        """Give the dataset as a lazy xarray.DataArray with its units."""
        try:
            import xarray
        except ImportError as error:
            raise OptionalPackageMissing("xarray", "notebook") from error
        names = [name or f"axis_{i}" for i, name in enumerate(self.axes)]
        unique = [n if names.count(n) == 1 else f"{n}_{i}" for i, n in enumerate(names)]
        attrs = {"units": self.units} if self.units else {}
        return xarray.DataArray(
            self.to_dask(), dims=unique, name=self.name or None, attrs=attrs
        )

    def __repr__(self) -> str:
        units = f", {self.units}" if self.units else ""
        return (
            f"<Dataset {self._where}: {describe_array(self.shape, self.dtype)}{units}>"
        )

    def _repr_html_(self) -> str:
        from daisy_kernel.model.html import dataset_html

        return dataset_html(self)

    @property
    def _where(self) -> str:
        return f"{self.file}: {self.path}" if self.path else self.file

    def _select(self, selection: Any) -> Selection:
        return select(selection, self.shape, self._where)


def dask_chunks(
    shape: tuple[int, ...], chunks: tuple[int, ...] | None, itemsize: int
) -> tuple[int, ...]:
    """Group the file's chunks into blocks of about 64 MiB, along the first axes.

    A block is a whole number of chunks, so that no chunk is decoded twice.
    """
    block = [min(c, s) for c, s in zip(chunks or (1,) * len(shape), shape, strict=True)]
    for axis in reversed(range(len(shape))):
        room = _DASK_BLOCK // max(1, math.prod(block) * itemsize)
        block[axis] = max(1, min(shape[axis], block[axis] * max(1, room)))
    return tuple(block)
