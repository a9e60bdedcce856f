"""A volume from a scan: row by row, on any engine, with the same result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np

from daisy_kernel.apps.tomography.axis import find_axis
from daisy_kernel.apps.tomography.correction import Frames
from daisy_kernel.apps.tomography.scan import References, TomographyScan
from daisy_kernel.compute import Engine, LocalEngine, ProgressLine
from daisy_kernel.model.errors import ParameterRefused
from daisy_kernel.model.volume import Volume
from daisy_kernel.native import fbp, remove_stripes

Filter = Literal["ramlak", "shepp-logan", "cosine", "hamming", "hann"]
Progress = Callable[[int, int], None]
# projections of a block in memory, as float32; a file's frames are decoded whole
# for every block, so blocks are as large as that allows
_BLOCK_BYTES = 256 << 20
_LANES = 8  # the core takes eight rows at the price of one


@dataclass(frozen=True)
class Settings:
    """What a block needs to know."""

    axis: float
    filter: Filter
    ring_size: int | None
    scale: float


@dataclass(frozen=True)
class Block:
    """Some rows, with their flats and darks."""

    rows: slice
    references: References


def reconstruct(
    scan: TomographyScan,
    *,
    axis: float | None = None,
    rows: tuple[int, int] | None = None,
    filter: Filter = "shepp-logan",
    ring_size: int | None = 9,
    engine: Engine | None = None,
    progress: Progress | None = None,
) -> Volume:
    """Reconstruct slices by filtered back projection.

    Workers read the rows they need from the file themselves; only slices travel.

    Parameters
    ----------
    scan
        A loaded scan.
    axis
        Column of the rotation axis; found by `find_axis` if not given.
    rows
        First row and end; all by default.
    filter
        Window on the ramp filter.
    ring_size
        Width of the median of the ring removal in columns, odd; None leaves the
        rings.
    engine
        Where to run; this machine by default.
    progress
        Called with done and total blocks; writes a line by default.

    Returns
    -------
    :
        Attenuation, shape (z, y, x), float32, in 1/cm if the pixel size is known,
        else in 1/pixel. Pixels that are not seen at every angle are 0.
    """
    lo, hi = _rows(scan, rows)
    found = find_axis(scan) if axis is None else float(axis)
    columns = scan.shape[2]
    if not 0 < found < columns - 1:
        raise ParameterRefused(f"axis is {found}, the detector has {columns} columns")
    # 1/pixel to 1/cm
    scale = 0.01 / scan.pixel_size if scan.pixel_size else 1.0
    settings = Settings(found, filter, ring_size, scale)
    runner = engine or LocalEngine()
    blocks = cut(scan, lo, hi, runner.workers)
    report = progress or ProgressLine("reconstruct")
    volume = np.empty((hi - lo, columns, columns), np.float32)
    floored = 0
    report(0, len(blocks))
    work = partial(reconstruct_block, scan, settings)
    for done, (number, (slices, low)) in enumerate(runner.map(work, blocks), 1):
        block = blocks[number].rows
        volume[block.start - lo : block.stop - lo] = slices
        floored += low
        report(done, len(blocks))
    return _result(scan, volume, settings, (lo, hi), floored)


def reconstruct_block(
    scan: TomographyScan, settings: Settings, block: Block
) -> tuple[Frames, int]:
    """Reconstruct some rows; runs where the data are.

    Returns
    -------
    :
        Slices, shape (z, y, x), and how many pixels were floored.
    """
    sinograms, floored = scan.sinograms(block.rows, block.references)
    if settings.ring_size:
        sinograms = remove_stripes(sinograms, settings.ring_size)
    slices = fbp(sinograms, scan.angles, settings.axis, filter=settings.filter)
    slices *= np.float32(settings.scale)
    return slices, floored


def cut(scan: TomographyScan, lo: int, hi: int, workers: int) -> list[Block]:
    """Cut rows into blocks that fit into memory and keep all workers busy."""
    angles, _, columns = scan.shape
    most = max(1, _BLOCK_BYTES // (4 * angles * columns))
    share = -(-(hi - lo) // max(1, 2 * workers))
    size = max(1, min(most, -(-share // _LANES) * _LANES))
    references = scan.references()
    rows = [slice(at, min(at + size, hi)) for at in range(lo, hi, size)]
    return [Block(part, references.rows(part)) for part in rows]


def _rows(scan: TomographyScan, rows: tuple[int, int] | None) -> tuple[int, int]:
    count = scan.shape[1]
    lo, hi = (0, count) if rows is None else rows
    if not 0 <= lo < hi <= count:
        raise ParameterRefused(
            f"rows are {(lo, hi)}, the detector has rows 0 to {count}"
        )
    return lo, hi


def _result(
    scan: TomographyScan,
    volume: Frames,
    settings: Settings,
    rows: tuple[int, int],
    floored: int,
) -> Volume:
    notes = list(scan.notes)
    if floored:
        notes.append(f"{floored} pixels had no transmission and were floored")
    return Volume(
        volume,
        units="1/cm" if scan.pixel_size else "1/pixel",
        source=scan.path,
        process="filtered back projection",
        parameters={
            "rotation_axis_column": settings.axis,
            "first_row": rows[0],
            "end_row": rows[1],
            "filter": settings.filter,
            "ring_removal": "sorting" if settings.ring_size else "none",
            "ring_size": settings.ring_size or 0,
            "flat_correction": "interpolated in time"
            if scan.flats_after is not None
            else "mean of all flats",
            "dark_correction": "mean" if scan.darks is not None else "none",
            "angles": len(scan.angles),
            "angle_range_deg": float(np.rad2deg(np.ptp(scan.angles))),
        },
        notes=tuple(notes),
        pixel_size=scan.pixel_size,
    )
