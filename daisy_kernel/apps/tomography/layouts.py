"""Find projections, flats, darks and angles: NXtomo and Data Exchange."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import numpy.typing as npt

from daisy_kernel.apps.tomography.scan import FrameKind, Part, TomographyScan
from daisy_kernel.io import open_scan
from daisy_kernel.model import Dataset, Group, Scan
from daisy_kernel.model.errors import InputMissing, ShapeMismatch

_STACK = 3
_ANGLE_NAMES = ("rotation_angle", "theta", "angle", "rot")
_DEGREES = ("deg", "degree", "degrees", "°")
_RADIANS = ("rad", "radian", "radians")
# beyond a full turn in radians, numbers without a unit can only be degrees
_SURELY_DEGREES = 6.5
_SIZES = {"m": 1.0, "mm": 1e-3, "um": 1e-6, "µm": 1e-6, "micron": 1e-6, "nm": 1e-9}


def load(scan: Scan | str | os.PathLike[str]) -> TomographyScan:
    """Find the parts of a tomography scan.

    Parameters
    ----------
    scan
        An open scan, or its path.

    Raises
    ------
    InputMissing
        There are no projections or no angles; the message says where they were
        looked for.
    """
    found = scan if isinstance(scan, Scan) else open_scan(scan)
    if isinstance(found.get("exchange/data"), Dataset):
        return _data_exchange(found)
    return _nxtomo(found)


def _data_exchange(scan: Scan) -> TomographyScan:
    frames = _stack(scan, scan.get("exchange/data"))
    theta = _field(scan, "exchange/theta")
    if theta is None:
        raise InputMissing(f"{scan.path} has no angles: there is no exchange/theta")
    angles, notes = _radians(theta, scan.path)
    _check_length(scan.path, "exchange/theta", len(angles), frames.shape[0])
    return TomographyScan(
        scan.path,
        _all(frames),
        angles,
        flats_before=_optional(scan, "exchange/data_white", frames),
        darks=_optional(scan, "exchange/data_dark", frames),
        notes=(*notes, "flats have no time: their mean counts for all projections"),
    )


def _nxtomo(scan: Scan) -> TomographyScan:
    frames = _stack(scan, scan.signal)
    key, notes = _image_key(scan, frames)
    theta = _rotation_angle(scan, frames)
    angles, more = _radians(theta, scan.path)
    _check_length(scan.path, theta.path, len(angles), frames.shape[0])
    at = {kind: np.flatnonzero(key == kind) for kind in FrameKind}
    projections = at[FrameKind.PROJECTION]
    if not len(projections):
        raise InputMissing(
            f"{scan.path} has no projections (no frame with image_key 0)"
        )
    before, after = _split(at[FrameKind.FLAT_FIELD], projections)
    return TomographyScan(
        scan.path,
        Part(frames, projections),
        angles[projections],
        _part(frames, before),
        _part(frames, after) if len(before) else None,
        _part(frames, at[FrameKind.DARK_FIELD]),
        _times(before, after, projections),
        _pixel_size(scan),
        (*notes, *more),
    )


def _split(flats: Any, projections: Any) -> tuple[Any, Any]:
    """Part flats by time; if all were taken after, they count as `before`."""
    middle = (projections[0] + projections[-1]) / 2
    before, after = flats[flats < middle], flats[flats >= middle]
    return (before, after) if len(before) else (after, before)


def _times(before: Any, after: Any, projections: Any) -> Any:
    if not len(before) or not len(after):
        return None
    start, end = before.mean(), after.mean()
    return ((projections - start) / (end - start)).astype(np.float32)


def _stack(scan: Scan, found: Any) -> Dataset:
    if not isinstance(found, Dataset) or found.ndim != _STACK:
        has = f"its default plot is {found!r}" if found is not None else "it has none"
        raise InputMissing(
            f"{scan.path} has no stack of projections (angle, row, column): {has}"
        )
    if 0 in found.shape:
        raise InputMissing(
            f"{scan.path} holds no projections: {found.path} has shape {found.shape}"
        )
    return found


def _image_key(scan: Scan, frames: Dataset) -> tuple[Any, tuple[str, ...]]:
    """Read image_key beside the frames, or in an instrument's detector."""
    for path in _detector_paths(scan, frames, "image_key"):
        key = _field(scan, path)
        if key is not None and key.shape == frames.shape[:1]:
            return key.read(), ()
    note = "there is no image_key: all frames are taken as projections"
    return np.zeros(frames.shape[0], int), (note,)


def _rotation_angle(scan: Scan, frames: Dataset) -> Dataset:
    parent, entry = _parents(frames)
    paths = [f"{entry}/sample/rotation_angle", f"{parent}/rotation_angle"]
    paths += [f"{parent}/{name}" for name in frames.axes[:1] if name]
    paths += [f"{parent}/{name}" for name in _angle_fields(scan, parent)]
    for path in paths:
        found = _field(scan, path)
        if found is not None and found.shape == frames.shape[:1]:
            return found
    raise InputMissing(
        f"{scan.path} has no rotation angles for {frames.shape[0]} frames. "
        f"Looked at: {', '.join(dict.fromkeys(paths))}"
    )


def _angle_fields(scan: Scan, parent: str) -> list[str]:
    """Name fields that the plot gives along its first axis and that sound right."""
    group = scan.get(parent)
    if not isinstance(group, Group):
        return []
    names = [
        key.removesuffix("_indices")
        for key, value in group.attrs.items()
        if key.endswith("_indices") and np.ravel(value).tolist() == [0]
    ]
    return [n for n in names if any(part in n.lower() for part in _ANGLE_NAMES)]


def _detector_paths(scan: Scan, frames: Dataset, name: str) -> list[str]:
    parent, entry = _parents(frames)
    own = parent.rsplit("/", 1)[-1]
    paths = [f"{parent}/{name}", f"{entry}/instrument/{own}/{name}"]
    instrument = scan.get(f"{entry}/instrument")
    if isinstance(instrument, Group):
        detectors = [c for c in instrument.children() if c.detail == "NXdetector"]
        paths += [f"{entry}/instrument/{c.name}/{name}" for c in detectors]
    return list(dict.fromkeys(paths))


def _pixel_size(scan: Scan) -> float | None:
    frames = scan.signal
    if frames is None:
        return None
    for path in _detector_paths(scan, frames, "x_pixel_size"):
        size = _field(scan, path)
        if size is not None and size.size and size.units in _SIZES:
            return float(size.read().reshape(-1)[0]) * _SIZES[size.units]
    return None


def _parents(frames: Dataset) -> tuple[str, str]:
    return frames.path.rpartition("/")[0], frames.path.split("/", 1)[0]


def _field(scan: Scan, path: str) -> Dataset | None:
    found = scan.get(path)
    return found if isinstance(found, Dataset) else None


def _all(frames: Dataset) -> Part:
    return Part(frames, np.arange(frames.shape[0]))


def _part(frames: Dataset, index: Any) -> Part | None:
    return Part(frames, index) if len(index) else None


def _optional(scan: Scan, path: str, frames: Dataset) -> Part | None:
    found = _field(scan, path)
    if found is None or not found.size:
        return None
    if found.shape[1:] != frames.shape[1:]:
        raise ShapeMismatch(
            scan.path,
            f"{path} has shape {found.shape}, the projections {frames.shape}",
        )
    return _all(found)


def _radians(
    theta: Dataset, path: str
) -> tuple[npt.NDArray[np.float64], tuple[str, ...]]:
    values = np.asarray(theta.read(), np.float64)
    units = (theta.units or "").lower()
    if not np.isfinite(values).all():
        raise InputMissing(f"{path}: {theta.path} holds angles that are not numbers")
    if units in _RADIANS:
        return values, ()
    if units in _DEGREES:
        return np.deg2rad(values), ()
    if not units and np.abs(values).max(initial=0) > _SURELY_DEGREES:
        return np.deg2rad(values), (f"{theta.path} has no unit: taken as degrees",)
    raise InputMissing(
        f"{path}: {theta.path} has the unit {units!r}; it may be degrees or radians"
    )


def _check_length(path: str, name: str, found: int, wanted: int) -> None:
    if found != wanted:
        raise ShapeMismatch(path, f"{name} has {found} angles for {wanted} frames")
