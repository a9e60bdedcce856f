"""Write a folder of TIFF files, one per frame, as ImageJ reads them."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import tifffile

from daisy_kernel.io.writing.chunks import in_order
from daisy_kernel.io.writing.publishing import publishing, refused
from daisy_kernel.model.errors import ParameterRefused
from daisy_kernel.native import workers

Array = npt.NDArray[Any]
# of the values of so many frames: what a few bright or dead pixels do not decide
_PERCENTILES = (0.1, 99.9)
_SAMPLED = 16
_PREDICTED = "uif"
NOTE = "scaling.json"


@dataclass(frozen=True)
class Scaling:
    """How numbers became pixels: value = offset + scale * pixel.

    Attributes
    ----------
    limits
        The values of the first and of the last pixel number; beyond, and where
        there is no number, pixels are cut to them.
    found
        Where the limits come from.
    """

    bits: Literal[8, 16]
    limits: tuple[float, float]
    found: str = "given"

    @property
    def offset(self) -> float:
        """Value of pixel 0."""
        return self.limits[0]

    @property
    def scale(self) -> float:
        """Value of one step."""
        return (self.limits[1] - self.limits[0]) / self.top

    @property
    def top(self) -> int:
        """Largest pixel."""
        return (1 << self.bits) - 1

    def pixels(self, frame: Array) -> Array:
        """Round to the nearest pixel."""
        top = self.top
        steps = (np.asarray(frame, np.float64) - self.offset) / self.scale
        whole = np.rint(np.clip(np.nan_to_num(steps, nan=0, posinf=top), 0, top))
        return whole.astype(np.uint8 if self.bits == 8 else np.uint16)  # noqa: PLR2004


def write_tiff_folder(
    folder: Path,
    frames: Iterable[Array],
    stem: str = "frame",
    *,
    bits: Literal[8, 16] | None = None,
    scaling: tuple[float, float] | None = None,
    compression: Literal["zlib", "zstd"] | None = None,
    units: str = "",
) -> None:
    """Write frames as <stem>_0000.tif and so on; the folder appears when it is whole.

    Parameters
    ----------
    frames
        Images, or a stack of them: an array or a Dataset.
    bits
        8 or 16: numbers are scaled to pixels of that type, linearly. The scaling is
        written into each file, in the form of ImageJ's calibration, and into
        `scaling.json`. By default frames are written as they are.
    scaling
        Values of the first and of the last pixel number. By default those that
        0.1 % and 99.9 % of the values of 16 frames lie below.
    compression
        "zlib" is read by ImageJ, "zstd" is not.
    units
        Of the values.

    Raises
    ------
    ResultExists
        There is a folder of that name.
    WriteFailed
        A frame cannot be written, and is named. Nothing is left.
    """
    chosen = _scaling(frames, bits, scaling) if bits else None
    text = description(chosen, units)
    numbered = enumerate(frames)

    with publishing(folder) as temporary:

        def save(item: tuple[int, Array]) -> None:
            number, frame = item
            name = f"{stem}_{number:04d}.tif"
            pixels = chosen.pixels(frame) if chosen else np.asarray(frame)
            with refused(folder, f"frame {number}, {name},"):
                _save(temporary / name, pixels, compression, text)

        with refused(folder):
            temporary.mkdir()
            if chosen or units:
                note = json.dumps(_note(chosen, units), indent=2)
                (temporary / NOTE).write_text(note + "\n")
        for _ in in_order(save, ((n, (n, f)) for n, f in numbered), workers()):
            pass


def _save(path: Path, frame: Array, compression: str | None, text: str | None) -> None:
    # through memory: numpy, which writes to files itself, does not say why it fails
    file = io.BytesIO()
    tifffile.imwrite(
        file,
        frame,
        compression=compression,
        predictor=bool(compression and frame.dtype.kind in _PREDICTED),
        description=text,
        metadata=None if text else {},
        maxworkers=1,
    )
    path.write_bytes(file.getbuffer())


def description(scaling: Scaling | None, units: str) -> str | None:
    """Give the ImageDescription that ImageJ reads as a calibration, cf=0: a line."""
    if not scaling and not units:
        return None
    offset, scale = (scaling.offset, scaling.scale) if scaling else (0.0, 1.0)
    # TIFF has 7-bit text
    plain = units.encode("ascii", "replace").decode() or "value"
    lines = ["ImageJ=1.54f", "images=1", "cf=0", f"c0={offset!r}", f"c1={scale!r}"]
    return "\n".join([*lines, f"vunit={plain}", ""])


def _note(scaling: Scaling | None, units: str) -> dict[str, Any]:
    note: dict[str, Any] = {"units": units}
    if scaling:
        note |= {
            "value": "offset + scale * pixel",
            "offset": scaling.offset,
            "scale": scaling.scale,
            "bits": scaling.bits,
            "limits": scaling.limits,
            "limits_are": scaling.found,
        }
    return note


def _scaling(
    frames: Any, bits: Literal[8, 16], limits: tuple[float, float] | None
) -> Scaling:
    found = "given"
    if limits is None:
        limits, found = _limits(frames)
    lo, hi = (float(value) for value in limits)
    if not (np.isfinite(lo) and np.isfinite(hi) and lo <= hi):
        raise ParameterRefused(f"scaling from {lo} to {hi}: give two rising numbers")
    # frames of one value: any step will do
    return Scaling(bits, (lo, hi if hi > lo else lo + 1), found)


def _limits(frames: Any) -> tuple[tuple[float, float], str]:
    if not (hasattr(frames, "shape") and len(frames)):
        raise ParameterRefused(
            "frames that come one by one cannot be looked at before: give scaling"
        )
    last = len(frames) - 1
    numbers = sorted({round(i) for i in np.linspace(0, last, _SAMPLED)})
    values = np.concatenate([np.ravel(frames[number]) for number in numbers])
    values = values[np.isfinite(values)]
    if not values.size:
        raise ParameterRefused("there is no finite value: give scaling")
    lo, hi = np.percentile(values, _PERCENTILES)
    low, high = _PERCENTILES
    return (lo, hi), f"percentiles {low} and {high} of {len(numbers)} frames"
