"""The steps from a tomography scan to slices, as algorithms for any engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt

from daisy_kernel.apps.tomography.axis import axis_from_pair, axis_from_slices
from daisy_kernel.apps.tomography.correction import (
    Frames,
    Mask,
    bad_pixels,
    fill_bad_pixels,
    minus_log,
    normalize,
)
from daisy_kernel.apps.tomography.layouts import load
from daisy_kernel.apps.tomography.scan import Part, TomographyScan
from daisy_kernel.model import Axis, DataObject, Quantity, Scan, data_object
from daisy_kernel.model.errors import InputMissing, ParameterRefused
from daisy_kernel.native import fbp, remove_stripes, sum_frames
from daisy_kernel.workflow import Data, Parameter, algorithm

Filter = Literal["ramlak", "shepp-logan", "cosine", "hamming", "hann"]
Raw = Annotated[npt.NDArray[Any], Data("row angle column")]
Sinograms = Annotated[Frames, Data("row angle column")]
Frame = Annotated[Frames, Data("row column")]
Angles = Annotated[npt.NDArray[np.float64], Data("angle", units="rad")]
Volume = Annotated[Frames, Data("z y x")]
_FLOOR = 1e-4
_ROWS = 8  # the core takes eight rows at the price of one
_PARTS = ("projections", "flats_before", "flats_after", "darks", "angles", "time")


@algorithm(pattern="scan", gives=_PARTS)
def open_tomography(
    scan: Scan, *, rows: tuple[int, int] | Literal["middle"] | None = None
) -> Any:
    """Open a scan's projections, flat and dark fields, and angles.

    Parameters
    ----------
    scan
        NXtomo or Data Exchange.
    rows
        First row and end of those that are wanted, or "middle" for eight there.
    """
    return parts_of(load(scan), rows)


def parts_of(
    scan: TomographyScan, rows: tuple[int, int] | Literal["middle"] | None = None
) -> tuple[DataObject | None, ...]:
    """Give what a scan is made of as data objects; nothing is read but the angles.

    Returns
    -------
    :
        Projections, flats before and after, darks, angles, and when each projection
        was taken between the flats; None for what there is not.

    Raises
    ------
    InputMissing
        There are no flats: without them there is no transmission.
    """
    if scan.flats_before is None:
        raise InputMissing(
            f"{scan.path} has no flat fields, so the beam is not known. "
            "Looked for image_key 1 (NXtomo) and exchange/data_white."
        )
    lo, hi = _rows(scan, rows)
    parts = (scan.projections, scan.flats_before, scan.flats_after, scan.darks)
    time = None if scan.time is None else data_object(scan.time, axes="angle")
    return (
        *(_frames(part, scan, range(lo, hi)) for part in parts),
        data_object(scan.angles, axes="angle", units="rad", source=scan.path),
        time,
    )


def parts_by_name(
    scan: TomographyScan, rows: tuple[int, int] | Literal["middle"] | None = None
) -> dict[str, DataObject | None]:
    """Give what a scan is made of by the names that `open_tomography` has for it."""
    return dict(zip(_PARTS, parts_of(scan, rows), strict=True))


def _frames(part: Part | None, scan: TomographyScan, rows: range) -> DataObject | None:
    if part is None:
        return None
    dataset = part.frames
    if len(rows) < dataset.shape[1]:
        dataset = dataset.window(1, rows)
    if not np.array_equal(part.index, np.arange(dataset.shape[0])):
        dataset = dataset.take(part.index)
    first = "angle" if part is scan.projections else "frame"
    axes = {first: None, "row": np.arange(rows.start, rows.stop), "column": None}
    geometry = {}
    if scan.pixel_size:
        geometry["x_pixel_size"] = Quantity(scan.pixel_size, "m")
    return data_object(dataset, axes=axes, geometry=geometry)


def _rows(scan: TomographyScan, rows: Any) -> tuple[int, int]:
    count = scan.shape[1]
    lo, hi = (0, count) if rows in (None, "middle") else rows
    if rows == "middle":
        lo = max(0, (count - _ROWS) // 2)
        hi = min(count, lo + _ROWS)
    if not 0 <= lo < hi <= count:
        raise ParameterRefused(
            f"rows are {(lo, hi)}, the detector has rows 0 to {count}"
        )
    return lo, hi


@algorithm(
    pattern="point",
    reduces=0,
    finish=lambda total, count: (total / count).astype(np.float32),
)
def mean_frame(
    frames: Annotated[npt.NDArray[Any], Data("frame row column")],
) -> Annotated[Frames, Data("row column", units="same")]:
    """Average frames."""
    # the sum of a part, which `finish` makes a mean
    return sum_frames(frames)  # type: ignore[return-value]


@algorithm(pattern="volume", shape="same")
def find_bad_pixels(
    flat_before: Frame, dark: Frame | None = None, flat_after: Frame | None = None
) -> Annotated[Mask, Data("row column")]:
    """Find the pixels that answer to no beam."""
    dark = np.zeros_like(flat_before) if dark is None else dark
    mask = bad_pixels(flat_before, dark)
    return mask if flat_after is None else mask | bad_pixels(flat_after, dark)


@algorithm(pattern="sinogram", gives=("sinograms", "floored"), memory=3.0,
           shape=lambda raw, *_, **__: (raw, raw[:1]))  # fmt: skip
def line_integrals(
    projections: Raw,
    flat_before: Frame,
    bad: Annotated[Mask, Data("row column")],
    dark: Frame | None = None,
    flat_after: Frame | None = None,
    time: Annotated[Frames, Data("angle")] | None = None,
    *,
    floor: Annotated[float, Parameter(low=0)] = _FLOOR,
) -> tuple[Sinograms, Annotated[npt.NDArray[np.int64], Data("row")]]:
    """Correct projections for beam and dark current, and take the logarithm.

    Parameters
    ----------
    projections
        Counts.
    flat_before, flat_after, dark
        Mean frames, counts; between flats it is interpolated in time.
    bad
        Pixels that are filled from their neighbours in the row.
    time
        When each projection was taken, 0 to 1 between the flats.
    floor
        Smallest transmission that is kept.

    Returns
    -------
    :
        Line integrals, and for each row how many pixels had no transmission.
    """
    raw = projections.transpose(1, 0, 2)
    dark = np.zeros_like(flat_before) if dark is None else dark
    sent, _ = normalize(
        raw, flat_before, dark, flat_after=flat_after, time=time, floor=floor
    )
    low = (sent <= floor) & ~bad
    fill_bad_pixels(sent, bad)
    turned = np.ascontiguousarray(minus_log(sent).transpose(1, 0, 2))
    return turned, np.count_nonzero(low, axis=(0, 2)).astype(np.int64)


# sorting takes longer than writing: another filter later starts from here
@algorithm(pattern="sinogram", batch=_ROWS, keep=True)
def remove_rings(
    sinograms: Sinograms, *, size: Annotated[int, Parameter(low=0)] = 9
) -> Sinograms:
    """Remove the stripes that would become rings, by sorting.

    Parameters
    ----------
    sinograms
        Line integrals.
    size
        Width of the median in columns, odd; 0 leaves the rings.

    References
    ----------
    Vo, Atwood, Drakopoulos, Opt. Express 26 (2018) 28396, algorithm 3.
    """
    return remove_stripes(sinograms, size) if size else sinograms


@algorithm(pattern="volume")
def find_axis(
    projections: DataObject,
    angles: Angles,
    flat_before: Frame,
    bad: Annotated[Mask, Data("row column")],
    dark: Frame | None = None,
    flat_after: Frame | None = None,
    time: Annotated[Frames, Data("angle")] | None = None,
    *,
    method: Literal["slices", "pair"] = "slices",
) -> Annotated[float, Data(units="pixel")]:
    """Find the column of the rotation axis.

    Parameters
    ----------
    projections
        Counts (angle, row, column); eight rows across the middle are read.
    angles
        Of the projections.
    flat_before, bad, dark, flat_after, time
        As in `line_integrals`.
    method
        "slices" (robust), or "pair" (fast; needs a half turn).
    """
    count = projections.shape[1]
    middle = np.linspace(0.2, 0.8, min(_ROWS, count)) * (count - 1)
    rows = np.unique(np.rint(middle).astype(int)).tolist()
    raw = projections.read((slice(None), rows)).transpose(1, 0, 2)
    references = (None if f is None else f[rows] for f in (dark, flat_after))
    sinograms, _ = line_integrals(raw, flat_before[rows], bad[rows], *references, time)
    methods = {"slices": axis_from_slices, "pair": axis_from_pair}
    return methods[method](sinograms, angles)


def _of_voxels(specs: Mapping[str, Any], spec: Any) -> Any:
    """Give slices their unit, and positions in metres where the pixel is known."""
    sinograms = specs["sinograms"]
    size = sinograms.geometry.get("x_pixel_size")
    if size is None or spec.shape is None:
        return replace(spec, units="1/pixel")
    first = sinograms.axes[0].values
    depth, columns = spec.shape[0], spec.shape[2]
    z = np.arange(depth) if first is None else np.asarray(first)
    across = np.arange(columns) - (columns - 1) / 2
    axes = tuple(
        Axis(name, values * size.value, size.units)
        for name, values in (("z", z), ("y", across), ("x", across))
    )
    return replace(spec, units="1/cm", axes=axes)


def _slices(sinograms: Sequence[int], *_: Any, **__: Any) -> tuple[int, ...]:
    return sinograms[0], sinograms[2], sinograms[2]


@algorithm(pattern="sinogram", batch=_ROWS, shape=_slices, describe=_of_voxels)
def back_projection(
    sinograms: Sinograms,
    angles: Angles,
    axis: Annotated[float, Data(units="pixel")] | None = None,
    pixel_size: Annotated[float, Data(units="m")] | None = None,
    *,
    column: Annotated[float | None, Parameter(units="pixel")] = None,
    filter: Filter = "shepp-logan",
) -> Volume:
    """Reconstruct slices by filtered back projection.

    Parameters
    ----------
    sinograms
        Line integrals.
    angles
        Of the projections.
    axis
        Column of the rotation axis as it was found; pixel centres are at integers.
    pixel_size
        Then attenuation is in 1/cm, else in 1/pixel.
    column
        Column of the rotation axis, over what was found.
    filter
        Window on the ramp filter.
    """
    if column is None and axis is None:
        raise ParameterRefused("back_projection needs the object axis, or column=")
    at, columns = float(axis if column is None else column), sinograms.shape[2]  # type: ignore[arg-type]
    if not 0 < at < columns - 1:
        raise ParameterRefused(f"axis is {at}, the detector has {columns} columns")
    slices = fbp(sinograms, angles, at, filter=filter)
    if pixel_size is not None:
        slices *= np.float32(0.01 / float(pixel_size))
    return slices
