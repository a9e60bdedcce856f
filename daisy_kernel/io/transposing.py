"""Frames to sinograms: one pass over the file, whatever the order of the axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from daisy_kernel.model import Dataset
from daisy_kernel.model.errors import ParameterRefused, ShapeMismatch
from daisy_kernel.model.nodes import Array


class Writable(Protocol):
    """A numpy array, or a dataset of h5py or zarr."""

    shape: tuple[int, ...]

    def __setitem__(self, index: Any, value: Array) -> None:
        """Write a part."""
        ...


def transpose(
    dataset: Dataset,
    out: Writable,
    axes: Sequence[int] = (1, 0, 2),
    memory: str | int = "512 MiB",
) -> None:
    """Read a dataset with its axes in another order; each chunk is decoded once.

    Parameters
    ----------
    dataset
        Frames, shape (frame, row, column) for the default *axes*.
    out
        What is written to: an array (a memory map, say), or a dataset of h5py or
        zarr, of the new shape, (row, frame, column) for the default *axes*.
    axes
        Which axis of *dataset* each axis of *out* is, as for numpy.transpose.
    memory
        Most bytes between reading and writing, where *out* is no array.

    Raises
    ------
    ShapeMismatch, ParameterRefused
        Before anything is read.
    """
    if sorted(axes) != list(range(dataset.ndim)):
        raise ParameterRefused(
            f"axes are {tuple(axes)}; each of 0 to {dataset.ndim - 1} is needed once"
        )
    shape = tuple(dataset.shape[axis] for axis in axes)
    if tuple(out.shape) != shape:
        where = f"{dataset.file}: {dataset.path}"
        raise ShapeMismatch(where, f"with axes {tuple(axes)} it is {shape}, "
                                   f"out is {tuple(out.shape)}")  # fmt: skip
    if isinstance(out, np.ndarray) and out.dtype == dataset.dtype:
        dataset.read(out=out.transpose(np.argsort(axes)))
        return
    for (along, *_), block in dataset.blocks(0, memory):
        target = [slice(None)] * dataset.ndim
        target[list(axes).index(0)] = along
        out[tuple(target)] = np.ascontiguousarray(block.transpose(axes))
