"""What a frame is compared with before it is shown: its flat field, another scan.

- `flat`: (frame - dark) / (flat - dark), with the mean dark frame and the mean of the
  flat frames that were taken first, as `daisy.apps.tomography` finds them.
- `minus`, `over`: the difference from, and the ratio to, the same part of another scan.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np

from daisy_kernel.apps import tomography
from daisy_kernel.apps.tomography import References
from daisy_kernel.model import Dataset, Scan
from daisy_kernel.model.errors import DaisyError, NothingToShow, ShapeMismatch
from daisy_lab.jobs.cuts import Cut
from daisy_lab.jobs.datasets import numbers_of, open_scan
from daisy_lab.jobs.marks import of_frame, without_data
from daisy_lab.jobs.projections import read_frame

Frame = np.ma.MaskedArray[Any, Any]
Kind = Literal["flat", "minus", "over"]

KEPT = 2  # flat fields remembered by a reader process
STACK_AXES = 3

_known: dict[tuple[str, int, int], References] = {}


@dataclass(frozen=True)
class Against:
    """What a frame is compared with.

    Parameters
    ----------
    other, node
        Of a difference or ratio: the other scan, and the dataset in it.
    """

    kind: Kind
    other: str = ""
    node: str = ""


def against_of(given: list[str] | None) -> Against | None:
    """Understand what a request names; None where it names nothing."""
    return None if not given else Against(*given)  # type: ignore[arg-type]


def shown_frame(
    scan: Scan, cut: Cut, against: Against | None, roots: list[str]
) -> Frame:
    """Read a frame as it is to be shown.

    Returns
    -------
    :
        float32 where it is compared with something, masked where there is nothing to
        divide by and where either side is no data.

    Raises
    ------
    NothingToShow
        The scan has no flat fields.
    ShapeMismatch
        The frames of the other scan are of another shape.
    """
    frame = read_frame(cut)
    if against is None:
        return frame
    values = _numbers(cut, frame)
    if against.kind == "flat":
        dark, flat = _dark_and_flat(scan, cut, frame.shape)
        return _ratio(values - dark, flat - dark)
    with open_scan(against.other, roots) as other:
        same = _same_cut(numbers_of(other, against.node or cut.dataset.path), cut)
        reference = _numbers(same, read_frame(same))
    if reference.shape != values.shape:
        raise ShapeMismatch(
            f"{against.other}: {same.dataset.path}",
            f"its picture is {_text(reference.shape)}, this one {_text(values.shape)}",
        )
    if against.kind == "over":
        return _ratio(values, reference)
    return _single(values - reference)


def has_flat(scan: Scan, dataset: Dataset) -> bool:
    """Say whether there are flat fields for a dataset."""
    if dataset.ndim != STACK_AXES:
        return False
    try:
        found = tomography.load(scan)
    except DaisyError:
        return False
    same = found.projections.frames.path == dataset.path
    return same and found.flats_before is not None


def _dark_and_flat(scan: Scan, cut: Cut, shape: tuple[int, ...]) -> tuple[Any, Any]:
    references = _references(scan)
    reason = f"the flat fields do not belong to {cut.dataset.path}"
    if references.dark_field.shape != cut.dataset.shape[-2:]:
        raise NothingToShow(scan.path, reason)
    dark = of_frame(references.dark_field, cut, shape)
    if dark is None:  # rows or columns are added up
        raise NothingToShow(scan.path, reason)
    return dark, of_frame(references.flat_before, cut, shape)


def _references(scan: Scan) -> References:
    status = Path(scan.path).stat()
    key = (scan.path, status.st_mtime_ns, status.st_size)
    found = _known.pop(key, None)
    if found is None:
        found = tomography.load(scan).references()
    _known[key] = found
    while len(_known) > KEPT:
        _known.pop(next(iter(_known)))
    return found


def _same_cut(dataset: Dataset, cut: Cut) -> Cut:
    """Give the same part of another dataset."""
    if dataset.ndim != cut.dataset.ndim:
        raise ShapeMismatch(
            f"{dataset.file}: {dataset.path}",
            f"it has {dataset.ndim} axes, this one {cut.dataset.ndim}",
        )
    same = replace(cut, dataset=dataset)
    for axis, part in enumerate(same.selection):
        if isinstance(part, int) and part >= dataset.shape[axis]:
            raise ShapeMismatch(
                f"{dataset.file}: {dataset.path}",
                f"it has no position {part} on axis {axis}, "
                f"which is {dataset.shape[axis]} long",
            )
    return same


def _numbers(cut: Cut, frame: Frame) -> Frame:
    """Give floats, masked where a value is no data."""
    declared = () if cut.summed else cut.dataset.invalid
    bad = np.ma.getmaskarray(frame) | without_data(frame.data, declared)
    return np.ma.MaskedArray(frame.data.astype(np.float64), bad)


def _ratio(above: Frame, below: Any) -> Frame:
    nothing = np.ma.getmaskarray(above) | np.ma.getmaskarray(below)
    nothing |= ~(np.ma.getdata(below) != 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        values = np.ma.getdata(above) / np.ma.getdata(below)
    return _single(np.ma.MaskedArray(values, nothing))


def _single(values: Frame) -> Frame:
    bad = np.ma.getmaskarray(values) | ~np.isfinite(np.ma.getdata(values))
    data = np.where(bad, 0, np.ma.getdata(values)).astype(np.float32)
    return np.ma.MaskedArray(data, bad)


def _text(shape: tuple[int, ...]) -> str:
    return " x ".join(str(n) for n in shape)
