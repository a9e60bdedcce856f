"""Volume: a result in memory that remembers how it was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any

import numpy as np

from daisy_kernel.model.nodes import Array
from daisy_kernel.model.text import describe_array


@dataclass(frozen=True)
class Volume:
    """Slices, and where they come from.

    Attributes
    ----------
    data
        Shape (z, y, x).
    units
        Unit of the values.
    source
        Path of the scan.
    process
        What was done, like "filtered back projection".
    parameters
        All that is needed to do it again; plain numbers, text and lists.
    notes
        What was corrected or assumed on the way.
    pixel_size
        Edge of a voxel in metres, None if the scan does not say.
    """

    data: Array
    units: str = ""
    source: str = ""
    process: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    pixel_size: float | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape, (z, y, x)."""
        return tuple(self.data.shape)

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return int(self.data.ndim)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the values."""
        return self.data.dtype

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, index: Any) -> Any:
        return self.data[index]

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.asarray(self.data, dtype=dtype)

    def __repr__(self) -> str:
        what = describe_array(self.shape, self.dtype)
        return f"<Volume {what}, {self.units}: {self.process} of {self.source}>"

    def _repr_html_(self) -> str:
        rows = [("volume", describe_array(self.shape, self.dtype) + f", {self.units}")]
        rows += [("made by", self.process), ("from", self.source)]
        rows += [(key, str(value)) for key, value in self.parameters.items()]
        rows += [("note", note) for note in self.notes]
        cells = "".join(
            f"<tr><td style='text-align:left'>{escape(a)}</td>"
            f"<td style='text-align:left'>{escape(b)}</td></tr>"
            for a, b in rows
        )
        return f"<table>{cells}</table>"
