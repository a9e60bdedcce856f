"""The head of a TIFF stack: pixels follow it without a gap, so their place is known.

Up to 4 GiB every frame has its entry, and any program reads the file. Beyond that
TIFF's 32-bit offsets end; then there is one entry and ImageJ's own convention, a
description that names the number of frames. BigTIFF is none of ImageJ's formats.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np

from daisy_kernel.model.errors import FormatNotSupported

# what TIFF's 32-bit offsets reach
_REACH = 2**32
_SHORT, _LONG, _ASCII = 3, 4, 2
_BYTES = {_SHORT: 2, _LONG: 4, _ASCII: 1}
_CODE = {_SHORT: "H", _LONG: "I"}
_SAMPLE = {"u": 1, "i": 2, "f": 3}
_ITEM = 4  # larger integers are no pixels
Tag = tuple[int, int, int, "int | bytes"]


def stack_head(
    shape: tuple[int, int, int], dtype: np.dtype[np.generic], text: str
) -> bytes:
    """Make all that stands before the pixels.

    Parameters
    ----------
    shape
        (frame, row, column) of pixels in C order, little endian.
    text
        Lines for the ImageDescription, after those of ImageJ.

    Raises
    ------
    FormatNotSupported
        No TIFF reader knows such pixels, or a frame is larger than 4 GiB.
    """
    count, rows, columns = shape
    frame = rows * columns * dtype.itemsize
    known = dtype.kind in _SAMPLE and (dtype.kind == "f" or dtype.itemsize <= _ITEM)
    if not known:
        raise FormatNotSupported("TIFF", f"pixels of type {dtype} are not for TIFF")
    lines = ["ImageJ=1.54f", f"images={count}"]
    lines += [f"slices={count}", "loop=false"] if count > 1 else []
    note = (
        "\n".join([*lines, text]).strip().encode("ascii", "backslashreplace") + b"\n\0"
    )
    head = _head(count, rows, columns, dtype, note)
    if len(head) + count * frame >= _REACH:
        head = _head(1, rows, columns, dtype, note)
    if len(head) + frame >= _REACH:
        raise FormatNotSupported("TIFF", "a frame of more than 4 GiB is not for TIFF")
    return head


def _head(
    entries: int, rows: int, columns: int, dtype: np.dtype[np.generic], note: bytes
) -> bytes:
    frame = rows * columns * dtype.itemsize
    tags: list[Tag] = [
        (254, _LONG, 1, 0),
        (256, _LONG, 1, columns),
        (257, _LONG, 1, rows),
        (258, _SHORT, 1, 8 * dtype.itemsize),
        (259, _SHORT, 1, 1),
        (262, _SHORT, 1, 1),
        (270, _ASCII, len(note), note),
        (273, _LONG, 1, 0),
        (277, _SHORT, 1, 1),
        (278, _LONG, 1, rows),
        (279, _LONG, 1, frame),
        (339, _SHORT, 1, _SAMPLE[dtype.kind]),
    ]
    first, later = tags, [tag for tag in tags if tag[0] != 270]  # noqa: PLR2004
    sizes = [_size(first), *[_size(later)] * (entries - 1)]
    begin = 8 + len(note) + len(note) % 2
    pixels = -(-(begin + sum(sizes)) // 16) * 16
    parts = [struct.pack("<2sHI", b"II", 42, begin), note, b"\0" * (len(note) % 2)]
    at = begin
    for number, size in enumerate(sizes):
        at += size
        following = at if number + 1 < entries else 0
        entry = first if number == 0 else later
        parts.append(_entry(entry, pixels + number * frame, following))
    head = b"".join(parts)
    return head + b"\0" * (pixels - len(head))


def _size(tags: Sequence[Tag]) -> int:
    return 2 + 12 * len(tags) + 4


def _entry(tags: Sequence[Tag], pixels: int, following: int) -> bytes:
    parts = [struct.pack("<H", len(tags))]
    for number, kind, count, value in tags:
        if isinstance(value, bytes):
            where = struct.pack("<I", 8)  # the text stands behind the signature
        else:
            place = pixels if number == 273 else value  # noqa: PLR2004
            where = struct.pack(f"<{_CODE[kind]}", place).ljust(4, b"\0")
        parts.append(struct.pack("<HHI", number, kind, count) + where)
    return b"".join([*parts, struct.pack("<I", following)])
