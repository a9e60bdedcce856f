"""Jobs on pictures: 8 bits of a frame, a cut or a map, and the value of one pixel."""

import functools
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from daisy_kernel import native
from daisy_kernel.model import Scan
from daisy_kernel.model.errors import NothingToShow
from daisy_lab.jobs.corrections import against_of, shown_frame
from daisy_lab.jobs.cuts import Cut, cut_of
from daisy_lab.jobs.datasets import dataset_of, numbers_of, open_scan
from daisy_lab.jobs.distribution import distribution
from daisy_lab.jobs.marks import (
    Mask,
    cells,
    detector_of,
    masked,
    saturated,
    without_data,
)
from daisy_lab.jobs.sums import How
from daisy_lab.jobs.values import Json, Result, exact, finite

WORTH_A_PREVIEW = 100_000  # bytes; smaller pictures are there at once anyway
SATURATED = 255  # the code of a marked cell; what is only at *hi* is one below


@dataclass(frozen=True)
class Picture:
    """What was read for a picture, and which of its pixels are marked."""

    cut: Cut
    frame: np.ma.MaskedArray[Any, Any]
    saturated: Mask | None = None
    masked: Mask | None = None
    # any number can be in it: what is no data is masked already
    computed: bool = False


def tile(
    path: str,
    roots: list[str],
    node: str,
    index: list[int],
    axes: list[int],
    summed: list[int],
    step: int,
    max_shape: list[int],
    box: list[int] | None,
    lo: float | None,
    hi: float | None,
    scale: Literal["linear", "log", "sqrt"],
    preview: int,
    marks: bool,
    how: How = "sum",
    against: list[str] | None = None,
) -> Result:
    """Make one 8-bit picture, no larger than the page can show.

    Of a large one there is a preview as well, of at most *preview* rows and columns
    and with the same contrast. With *marks* the mask of the detector is applied, and
    cells with a saturated pixel have the code 255, which is else that of *hi*.
    """
    with open_scan(path, roots) as scan:
        dataset = numbers_of(scan, node)
        cut = cut_of(dataset, axes, index, summed, step, how).bounded()
        compared = against_of(against)
        frame = shown_frame(scan, cut, compared, roots)
        if not frame.size:
            raise NothingToShow(path, f"{dataset.path} has no pixels")
        computed = compared is not None or bool(cut.summed)
        picture = Picture(cut, frame, computed=computed)
        if marks:
            picture = _marked(scan, picture)
        make = functools.partial(
            native.tile,
            frame.data,
            box=_box_read(box, cut.row_step),
            scale=scale,
            invalid=_invalid(picture),
        )
        made = make(max_shape=(max_shape[0], max_shape[1]), lo=lo, hi=hi)
        tiles = [made]
        if preview and made.data.size > WORTH_A_PREVIEW:
            small = make(max_shape=(preview, preview), lo=made.lo, hi=made.hi)
            tiles.insert(0, small)
        parts = [_preamble(tile, picture) for tile in tiles]
        # whether nothing but this file can change what is shown
        alone = compared is None or compared.kind == "flat"
        parts[0]["alone"] = alone and dataset.files == (path,)
        codes = [_codes(tile, picture.saturated) for tile in tiles]
        return parts, b"".join(code.tobytes() for code in codes)


def _marked(scan: Scan, picture: Picture) -> Picture:
    cut, frame = picture.cut, picture.frame
    detector = detector_of(scan, cut.dataset)
    mask = masked(detector, cut, frame.shape)
    if picture.computed:  # of many frames, each may be saturated or not
        return replace(picture, masked=mask)
    found = saturated(frame.data, cut.dataset.dtype, detector.saturation)
    if found is not None:
        found &= ~without_data(frame.data, cut.dataset.invalid)
        found &= ~np.ma.getmaskarray(frame) if mask is None else ~mask
    return replace(picture, saturated=found, masked=mask)


def _codes(made: native.Tile, marked: Mask | None) -> npt.NDArray[np.uint8]:
    if marked is None:
        return made.data
    top, end, left, right = made.box
    found = cells(marked[top:end, left:right], made.level)
    codes = np.minimum(made.data, SATURATED - 1)
    codes[found] = SATURATED
    return codes


def _box_read(box: list[int] | None, step: int) -> tuple[int, int, int, int] | None:
    """Give the part of what is read: of its rows there may be only some."""
    if box is None:
        return None
    return box[0] // step, -(-box[1] // step), box[2], box[3]


def _invalid(picture: Picture) -> Any:
    cut, frame = picture.cut, picture.frame
    if picture.computed:
        bad = np.ma.getmaskarray(frame)
        return bad if picture.masked is None else bad | picture.masked
    dataset = cut.dataset
    if picture.masked is None and not frame.mask.any():
        return dataset.invalid or None
    bad = np.ma.getmaskarray(frame) | np.isin(frame.data, dataset.invalid)
    return bad if picture.masked is None else bad | picture.masked


def _preamble(made: native.Tile, picture: Picture) -> Json:
    cut, frame = picture.cut, picture.frame
    rows, columns = cut.shape
    top, end, *sides = made.box
    part = slice(top, end), slice(*sides)
    bad = _invalid(picture)
    bad = bad[part] if isinstance(bad, np.ndarray) else bad
    return {
        "shape": list(made.data.shape),
        "full": [rows, columns],
        "box": [top * cut.row_step, min(end * cut.row_step, rows), *sides],
        "level": made.level,
        "step": cut.row_step,
        "thinned": cut.step // cut.row_step,
        "lo": finite(made.lo),
        "hi": finite(made.hi),
        "minimum": finite(made.minimum),
        "maximum": finite(made.maximum),
        "bad": int(made.bad),
        "missing": 0 if picture.computed else int(np.ma.getmaskarray(frame).sum()),
        "hot": int(made.hot),
        "masked": _count(picture.masked, part),
        "saturated": _count(picture.saturated, part),
        "histogram": distribution(frame.data[part], bad, made.lo, made.hi, made.scale),
        "scale": made.scale,
        "axes": list(cut.axes),
        "index": list(cut.index),
    }


def _count(marked: Mask | None, part: tuple[slice, slice]) -> int:
    return 0 if marked is None else int(np.count_nonzero(marked[part]))


def pixel(
    path: str,
    roots: list[str],
    node: str,
    index: list[int],
    axes: list[int],
    row: int,
    column: int,
    summed: list[int],
    how: How,
    against: list[str] | None = None,
) -> Result:
    """Read the exact value of one pixel, or its value in what is computed."""
    with open_scan(path, roots) as scan:
        dataset = dataset_of(scan, node)
        cut = cut_of(dataset, axes, index, summed, how=how)
        at = dict(zip(cut.axes, (row, column), strict=True))
        place = [at.get(axis, part) for axis, part in enumerate(cut.selection)]
        compared = against_of(against)
        if compared is not None or cut.summed:
            frame = shown_frame(scan, cut.bounded(), compared, roots)
            hidden = np.ma.getmaskarray(frame)[row, column]
            value = np.nan if hidden else frame.data[row, column]
        else:
            value = dataset.read(tuple(place))[()]
        ratio = compared is not None and compared.kind != "minus"
        return {"value": exact(value), "units": None if ratio else dataset.units}, b""
