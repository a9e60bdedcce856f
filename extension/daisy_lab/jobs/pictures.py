"""Jobs on pictures: 8 bits of a frame, a cut or a map, and the value of one pixel."""

import functools
from typing import Any, Literal

import numpy as np

from daisy_kernel import native
from daisy_kernel.model.errors import NothingToShow
from daisy_lab.jobs.cuts import Cut, cut_of
from daisy_lab.jobs.datasets import dataset_of, numbers_of, open_scan
from daisy_lab.jobs.values import Json, Result, exact, finite

WORTH_A_PREVIEW = 100_000  # bytes; smaller pictures are there at once anyway


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
) -> Result:
    """Make one 8-bit picture, no larger than the page can show.

    Of a large one there is a preview as well, of at most *preview* rows and columns
    and with the same contrast.
    """
    with open_scan(path, roots) as scan:
        dataset = numbers_of(scan, node)
        cut = cut_of(dataset, axes, index, summed, step).bounded()
        frame = cut.read()
        if not frame.size:
            raise NothingToShow(path, f"{dataset.path} has no pixels")
        make = functools.partial(
            native.tile,
            frame.data,
            box=_box_read(box, cut.step),
            scale=scale,
            invalid=_invalid(cut, frame),
        )
        made = make(max_shape=(max_shape[0], max_shape[1]), lo=lo, hi=hi)
        tiles = [made]
        if preview and made.data.size > WORTH_A_PREVIEW:
            small = make(max_shape=(preview, preview), lo=made.lo, hi=made.hi)
            tiles.insert(0, small)
        parts = [_preamble(tile, cut, frame) for tile in tiles]
        # whether nothing but this file can change what is shown
        parts[0]["alone"] = dataset.files == (path,)
        return parts, b"".join(tile.data.tobytes() for tile in tiles)


def _box_read(box: list[int] | None, step: int) -> tuple[int, int, int, int] | None:
    """Give the part of what is read: of its rows there may be only some."""
    if box is None:
        return None
    return box[0] // step, -(-box[1] // step), box[2], box[3]


def _invalid(cut: Cut, frame: np.ma.MaskedArray[Any, Any]) -> Any:
    if cut.summed:  # a sum can be any number; what is no data was left out of it
        return np.ma.getmaskarray(frame)
    dataset = cut.dataset
    if not frame.mask.any():
        return dataset.invalid or None
    return np.ma.getmaskarray(frame) | np.isin(frame.data, dataset.invalid)


def _preamble(made: native.Tile, cut: Cut, frame: np.ma.MaskedArray[Any, Any]) -> Json:
    rows, columns = cut.shape
    top, end, *sides = made.box
    return {
        "shape": list(made.data.shape),
        "full": [rows, columns],
        "box": [top * cut.step, min(end * cut.step, rows), *sides],
        "level": made.level,
        "step": cut.step,
        "lo": finite(made.lo),
        "hi": finite(made.hi),
        "minimum": finite(made.minimum),
        "maximum": finite(made.maximum),
        "bad": int(made.bad),
        "missing": 0 if cut.summed else int(np.ma.getmaskarray(frame).sum()),
        "hot": int(made.hot),
        "histogram": [int(n) for n in made.histogram],
        "scale": made.scale,
        "axes": list(cut.axes),
        "index": list(cut.index),
    }


def pixel(
    path: str,
    roots: list[str],
    node: str,
    index: list[int],
    axes: list[int],
    row: int,
    column: int,
) -> Result:
    """Read the exact value of one pixel."""
    with open_scan(path, roots) as scan:
        dataset = dataset_of(scan, node)
        cut = cut_of(dataset, axes, index)
        at = dict(zip(cut.axes, (row, column), strict=True))
        place = [at.get(axis, part) for axis, part in enumerate(cut.selection)]
        value = dataset.read(tuple(place))
        return {"value": exact(value[()]), "units": dataset.units}, b""
