"""A volume in memory from a scan; the workflow `slices` keeps it as a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from daisy_kernel.apps.tomography.algorithms import Filter, parts_by_name
from daisy_kernel.apps.tomography.axis import find_axis
from daisy_kernel.apps.tomography.scan import TomographyScan
from daisy_kernel.apps.tomography.workflow import add_slices
from daisy_kernel.compute import Engine, LocalEngine, ProgressLine
from daisy_kernel.model.errors import ParameterRefused
from daisy_kernel.model.volume import Volume
from daisy_kernel.workflow import Workflow
from daisy_kernel.workflow.blocks import Blocks
from daisy_kernel.workflow.carry_out import carry_out
from daisy_kernel.workflow.opening import opened
from daisy_kernel.workflow.spilling import Spilling
from daisy_kernel.workflow.stages import Stage
from daisy_kernel.workflow.work import Done

Progress = Callable[[int, int], None]


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
    given = parts_by_name(scan, rows)
    found = find_axis(scan) if axis is None else float(axis)
    columns = scan.shape[2]
    if not 0 < found < columns - 1:
        raise ParameterRefused(f"axis is {found}, the detector has {columns} columns")
    flow = Workflow("tomography")
    add_slices(flow, axis=found, filter=filter, ring_size=ring_size)
    with _Counting(progress or ProgressLine("reconstruct")) as keeper:
        objects, steps = opened(flow, given)
        made = carry_out(
            steps, objects, ("volume", "floored"), engine or LocalEngine(), keeper
        )
        floored = int(made["floored"].read().sum())
        volume = made["volume"]
        parameters = {
            "rotation_axis_column": found,
            "first_row": (rows or (0, 0))[0],
            "end_row": (rows or (0, scan.shape[1]))[1],
            "filter": filter,
            "ring_size": ring_size or 0,
        }
        return _result(scan, volume.read(), volume.units, parameters, floored)


class _Counting(Spilling):
    """Tells how many blocks of slices are done."""

    def __init__(self, report: Progress) -> None:
        super().__init__()
        self._report, self._done, self._of = report, 0, 0

    def begin(self, stage: Stage, blocks: Blocks, finished: int) -> None:
        """Hear that a stage begins."""
        self._of = blocks.count if "volume" in stage.makes else 0
        if self._of:
            self._report(0, self._of)

    def block(self, done: Done) -> None:
        """Count a block."""
        if self._of:
            self._done += 1
            self._report(self._done, self._of)


def _result(
    scan: TomographyScan,
    volume: Any,
    units: str,
    parameters: dict[str, Any],
    floored: int,
) -> Volume:
    notes = list(scan.notes)
    if floored:
        notes.append(f"{floored} pixels had no transmission and were floored")
    return Volume(
        volume,
        units=units,
        source=scan.path,
        process="filtered back projection",
        parameters={
            **parameters,
            "ring_removal": "sorting" if parameters["ring_size"] else "none",
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
