"""Jobs on pictures: 8 bits of a frame, a cut or a map, and the value of one pixel."""

import zlib
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from daisy_kernel import native
from daisy_kernel.model import Scan
from daisy_kernel.model.errors import NothingToShow
from daisy_lab.jobs import cells
from daisy_lab.jobs.corrections import Against, against_of, shown_frame
from daisy_lab.jobs.cuts import Cut, cut_of
from daisy_lab.jobs.datasets import dataset_of, numbers_of, open_scan
from daisy_lab.jobs.distribution import distribution
from daisy_lab.jobs.marks import (
    Mask,
    detector_of,
    good_pixels,
    masked,
    saturated_from,
)
from daisy_lab.jobs.sums import How
from daisy_lab.jobs.values import Json, Result, exact, finite

WORTH_A_PREVIEW = 100_000  # bytes; smaller pictures are there at once anyway


@dataclass(frozen=True)
class Picture:
    """What was read for a picture, and which of its pixels are marked.

    Parameters
    ----------
    saturated_from
        The smallest value that is too many counts.
    masked
        Pixels that the detector's mask says are no data.
    """

    cut: Cut
    frame: np.ma.MaskedArray[Any, Any]
    saturated_from: float | None = None
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
    bin: int = 1,
) -> Result:
    """Make one 8-bit picture, no larger than the page can show.

    Of a large one there is a preview as well, of at most *preview* rows and columns
    and with the same contrast. A pixel of it is the mean of at least *bin* pixels of
    the frame each way. With *marks* the mask of the detector is applied, and
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
        part = _box_read(box, cut.row_step)
        if bin > 1:
            part = cells.around(part, frame.shape, bin)
            most = cells.count(part, bin)
            max_shape = [min(a, b) for a, b in zip(max_shape, most, strict=True)]
        made = native.tile(
            frame.data,
            box=part,
            scale=scale,
            invalid=_invalid(picture),
            saturated_from=picture.saturated_from,
            max_shape=(max_shape[0], max_shape[1]),
            preview=(preview, preview) if preview else None,
            lo=lo,
            hi=hi,
        )
        parts, body = _parts(made, _told(made, picture))
        # whether nothing but this file can change what is shown
        alone = compared is None or compared.kind == "flat"
        parts[0]["alone"] = alone and dataset.files == (path,)
        return parts, body


def _parts(made: native.Tile, told: dict[str, Any]) -> Result:
    """Make the answer: what is told of each part, and their bytes; a preview first."""
    tiles = [made]
    if made.preview is not None and made.data.size > WORTH_A_PREVIEW:
        tiles.insert(0, made.preview)
    bodies = [packed(tile.data) for tile in tiles]
    parts = [
        {
            **told,
            "shape": list(tile.data.shape),
            "level": tile.level,
            "bytes": len(body),
        }
        for tile, body in zip(tiles, bodies, strict=True)
    ]
    return parts, b"".join(bodies)


def packed(codes: npt.NDArray[np.uint8]) -> bytes:
    """Deflate the differences of rows: half the bytes of a noisy picture, or fewer.

    The fastest level is used: it costs a tenth of what a slow line saves.
    """
    steps = codes.copy()
    steps[1:] -= codes[:-1]
    return zlib.compress(steps.tobytes(), 1)


def _marked(scan: Scan, picture: Picture) -> Picture:
    cut, frame = picture.cut, picture.frame
    detector = detector_of(scan, cut.dataset)
    mask = masked(detector, cut, frame.shape)
    if picture.computed:  # of many frames, each may be saturated or not
        return replace(picture, masked=mask)
    limit = saturated_from(cut.dataset.dtype, detector.saturation)
    return replace(picture, saturated_from=limit, masked=mask)


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
    if picture.masked is None and not np.ma.is_masked(frame):
        return dataset.invalid or None
    bad = np.ma.getmaskarray(frame) | np.isin(frame.data, dataset.invalid)
    return bad if picture.masked is None else bad | picture.masked


def _told(made: native.Tile, picture: Picture) -> Json:
    """Say of a picture what is not its size."""
    cut, frame = picture.cut, picture.frame
    rows, columns = cut.shape
    top, end, *sides = made.box
    part = slice(top, end), slice(*sides)
    bad = _invalid(picture)
    bad = bad[part] if isinstance(bad, np.ndarray) else bad
    return {
        "full": [rows, columns],
        "box": [top * cut.row_step, min(end * cut.row_step, rows), *sides],
        "step": cut.row_step,
        "thinned": cut.step // cut.row_step,
        "lo": finite(made.lo),
        "hi": finite(made.hi),
        "minimum": finite(made.minimum),
        "maximum": finite(made.maximum),
        "bad": made.bad,
        "missing": 0 if picture.computed else int(np.count_nonzero(frame.mask)),
        "hot": made.hot,
        "masked": _count(picture.masked, part),
        "saturated": made.saturated,
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
    bin: int = 1,
) -> Result:
    """Read the exact value of one pixel, or its value in what is computed.

    With *bin* it is the mean of the cell around it: of its pixels that are data.
    """
    with open_scan(path, roots) as scan:
        dataset = dataset_of(scan, node)
        cut = cut_of(dataset, axes, index, summed, how=how)
        at = dict(zip(cut.axes, (row, column), strict=True))
        place = [at.get(axis, part) for axis, part in enumerate(cut.selection)]
        compared = against_of(against)
        if bin > 1:
            pixel_box = row, row + 1, column, column + 1
            cell = cells.around(pixel_box, (cut.shape[0], cut.shape[1]), bin)
            value = _mean(scan, cut, compared, roots, cell)
        elif compared is not None or cut.summed:
            frame = shown_frame(scan, cut.bounded(), compared, roots)
            hidden = np.ma.getmaskarray(frame)[row, column]
            value = np.nan if hidden else frame.data[row, column]
        else:
            value = dataset.read(tuple(place))[()]
        ratio = compared is not None and compared.kind != "minus"
        return {"value": exact(value), "units": None if ratio else dataset.units}, b""


def _mean(
    scan: Scan, cut: Cut, compared: Against | None, roots: list[str], cell: cells.Box
) -> Any:
    """Give the mean of the pixels of a cell that are data; NaN where none is."""
    frame = shown_frame(scan, cut.bounded(), compared, roots)
    computed = compared is not None or bool(cut.summed)
    good = good_pixels(detector_of(scan, cut.dataset), cut, frame, computed)
    place = slice(*cell[:2]), slice(*cell[2:])
    chosen = frame.data[place][good[place]]
    return chosen.mean(dtype=np.float64) if chosen.size else np.nan
