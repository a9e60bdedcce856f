"""Job on small pictures: what a scan looks like, in a list of many."""

import struct
import zlib
from typing import Any

import numpy as np

from daisy_kernel import native
from daisy_kernel.catalog import Thumbnails
from daisy_kernel.model import Dataset, Scan
from daisy_kernel.model.errors import DaisyError
from daisy_lab.jobs.cuts import Cut, cut_of
from daisy_lab.jobs.datasets import TooLarge, open_scan
from daisy_lab.jobs.values import Result
from daisy_lab.jobs.views import view_of

SIDE = 160  # most rows and columns
CURVE = (100, SIDE)  # rows and columns of a drawn curve
MOST_READ = 2**28  # bytes: a small picture is not worth more
PAPER, INK = 255, 40  # grey levels
STROKE = 2  # rows and columns beside a line: it is seen as small as an icon


def thumb(path: str, roots: list[str], proposal: str) -> Result:
    """Give a PNG of the default plot of a scan; b"" where there is none.

    It is kept beside the index of the proposal, and made only once.
    """
    kept = Thumbnails(proposal)
    known = kept.get(path)
    if known is None:
        known = _made(path, roots)
        kept.put(path, known)
    return None, known


def _made(path: str, roots: list[str]) -> bytes:
    try:
        with open_scan(path, roots) as scan:
            grey = _drawn(scan)
    except (DaisyError, TooLarge, OSError):
        return b""  # what is wrong with it, its view says
    return b"" if grey is None else png(grey)


def _drawn(scan: Scan) -> Any:
    dataset = next(iter(scan.signals), None)
    if dataset is None:
        return None
    view = view_of(dataset)
    if view["plot"] == "line":
        return _curve(dataset)
    if view["plot"] not in ("image", "map") or not view["picture"]:
        return None
    cut = _picture(scan, dataset, view)
    if cut.elements * dataset.dtype.itemsize > MOST_READ:
        return None
    frame = cut.read()
    if not frame.size:
        return None
    invalid = np.ma.getmaskarray(frame) if frame.mask.any() else None
    return native.tile(frame.data, max_shape=(SIDE, SIDE), invalid=invalid).data


def _picture(scan: Scan, dataset: Dataset, view: dict[str, Any]) -> Cut:
    axes, spectral = view["picture"], view["spectral"]
    others = [a for a in range(dataset.ndim) if a not in axes]
    if view["plot"] == "map":
        whole = [spectral, 0, dataset.shape[spectral]]
        return cut_of(dataset, axes, [], whole)
    first = scan.first_frame(dataset)
    index = [first if i == 0 else dataset.shape[a] // 2 for i, a in enumerate(others)]
    return cut_of(dataset, axes, index)


def _curve(dataset: Dataset) -> Any:
    """Draw the last axis in the middle of the others, dark on white."""
    index = [length // 2 for length in dataset.shape[:-1]]
    cut = cut_of(dataset, [dataset.ndim - 1], index)
    if cut.elements * dataset.dtype.itemsize > MOST_READ:
        return None
    values = np.ma.filled(cut.read().astype(np.float64), np.nan)
    rows, columns = CURVE
    at = np.linspace(0, values.size - 1, columns * 4)
    line = np.interp(at, np.arange(values.size), values)
    line = line.reshape(columns, 4)
    low, high = np.nanmin(values), np.nanmax(values)
    if not np.isfinite([low, high]).all():
        return None
    scale = (rows - 1 - 2 * STROKE) / ((high - low) or 1)
    # from one column to the next without a gap
    edge = np.concatenate([line[:1, 0], line[:-1, -1]])
    tops = np.fmax(np.fmax.reduce(line, axis=1), edge)
    ends = np.fmin(np.fmin.reduce(line, axis=1), edge)
    grey = np.full(CURVE, PAPER, np.uint8)
    for column, (top, end) in enumerate(zip(tops, ends, strict=True)):
        if np.isfinite([top, end]).all():
            first = rows - 1 - STROKE - round((top - low) * scale)
            last = rows - 1 - STROKE - round((end - low) * scale)
            thick = slice(max(first - STROKE, 0), last + STROKE + 1)
            grey[thick, max(column - STROKE, 0) : column + STROKE + 1] = INK
    return grey


def png(grey: Any) -> bytes:
    """Encode 8-bit grey levels, (rows, columns)."""
    rows, columns = grey.shape
    lines = np.zeros((rows, columns + 1), np.uint8)  # each begins with its filter: none
    lines[:, 1:] = grey
    head = struct.pack(">IIBBBBB", columns, rows, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(lines.tobytes())), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body
        + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in parts
    )  # fmt: skip
