"""A dataset that joins those of other files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import h5py
import numpy as np


@dataclass(frozen=True)
class Part:
    """A dataset of another file, and where it lies in the joined one."""

    file: str
    path: str
    region: tuple[slice, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the part."""
        return tuple(side.stop - side.start for side in self.region)


@dataclass(frozen=True)
class Virtual:
    """A virtual dataset to write; names of files are relative to its own."""

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    parts: tuple[Part, ...]
    units: str = ""


def create(group: h5py.Group, name: str, spec: Virtual) -> None:
    """Make the dataset in a group."""
    layout = h5py.VirtualLayout(spec.shape, spec.dtype)
    for part in spec.parts:
        if 0 not in part.shape:
            source = h5py.VirtualSource(part.file, part.path, part.shape, spec.dtype)
            layout[part.region] = source
    dataset = group.create_virtual_dataset(name, layout)
    if spec.units:
        dataset.attrs["units"] = spec.units
