"""A tomography scan: which frames are projections, flats and darks."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from daisy_kernel.apps.tomography.correction import (
    Frames,
    bad_pixels,
    fill_bad_pixels,
    minus_log,
    normalize,
)
from daisy_kernel.model import Dataset
from daisy_kernel.model.errors import InputMissing

Indices = npt.NDArray[np.int64]


class FrameKind(IntEnum):
    """What a frame shows: NXtomo's image_key."""

    PROJECTION = 0
    FLAT_FIELD = 1
    DARK_FIELD = 2
    INVALID = 3


@dataclass(frozen=True)
class References:
    """Mean flat and dark frames, shape (row, column), counts.

    `time` says when each projection was taken, 0 at the flats before and 1 at
    those after the scan.
    """

    flat_before: Frames
    dark_field: Frames
    flat_after: Frames | None = None
    time: npt.NDArray[np.float32] | None = None

    def rows(self, rows: slice) -> References:
        """Cut out some rows."""
        after = self.flat_after
        return replace(
            self,
            flat_before=self.flat_before[rows],
            dark_field=self.dark_field[rows],
            flat_after=None if after is None else after[rows],
        )


@dataclass(frozen=True)
class Part:
    """Some frames of a dataset."""

    frames: Dataset
    index: Indices

    def __len__(self) -> int:
        return len(self.index)

    def read(self, rows: slice = slice(None), which: Any = slice(None)) -> Any:
        """Read rows of the frames, shape (frame, row, column)."""
        index = self.index[which]
        runs = np.split(index, np.flatnonzero(np.diff(index) != 1) + 1)
        parts = [
            self.frames[int(run[0]) : int(run[-1]) + 1, rows]
            for run in runs
            if len(run)
        ]
        if not parts:
            return self.frames[0:0, rows]
        return parts[0] if len(parts) == 1 else np.concatenate(parts)

    def mean(self) -> Frames:
        """Average all frames."""
        mean: Frames = self.read().mean(axis=0, dtype=np.float64).astype(np.float32)
        return mean


@dataclass(frozen=True)
class TomographyScan:
    """Projections with all that belongs to them; nothing is read before use.

    Attributes
    ----------
    path
        The scan's file or folder.
    projections, flats_before, flats_after, darks
        Frames; flats of unknown time are all `before`.
    angles
        Rotation angles of the projections, radians, shape (angle,).
    time
        When each projection was taken, 0 to 1 between the flats; or None.
    pixel_size
        Metres, or None where the file does not say.
    notes
        What was assumed.
    """

    path: str
    projections: Part
    angles: npt.NDArray[np.float64]
    flats_before: Part | None = None
    flats_after: Part | None = None
    darks: Part | None = None
    time: npt.NDArray[np.float32] | None = None
    pixel_size: float | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def shape(self) -> tuple[int, int, int]:
        """Number of angles, rows and columns."""
        rows, columns = self.projections.frames.shape[1:]
        return len(self.projections), rows, columns

    def references(self) -> References:
        """Average flats and darks.

        Raises
        ------
        InputMissing
            There are no flats: without them there is no transmission.
        """
        if self.flats_before is None:
            raise InputMissing(
                f"{self.path} has no flat fields, so the beam is not known. "
                "Looked for image_key 1 (NXtomo) and exchange/data_white."
            )
        flat = self.flats_before.mean()
        dark = np.zeros_like(flat) if self.darks is None else self.darks.mean()
        after = None if self.flats_after is None else self.flats_after.mean()
        return References(flat, dark, after, self.time)

    def sinograms(
        self, rows: slice, references: References, floor: float = 1e-4
    ) -> tuple[Frames, int]:
        """Read, correct and take the logarithm of some rows.

        Parameters
        ----------
        rows
            Detector rows.
        references
            Flats and darks of these rows.

        Returns
        -------
        :
            Line integrals, shape (row, angle, column), and how many pixels were
            floored, bad ones not counted.
        """
        raw = self.projections.read(rows)
        last = references.flat_after
        bad = bad_pixels(references.flat_before, references.dark_field)
        if last is not None:
            bad |= bad_pixels(last, references.dark_field)
        sent, floored = normalize(
            raw,
            references.flat_before,
            references.dark_field,
            flat_after=last,
            time=references.time,
            floor=floor,
        )
        floored -= int(np.count_nonzero(sent[:, bad] <= floor))
        fill_bad_pixels(sent, bad)
        turned = np.ascontiguousarray(minus_log(sent).transpose(1, 0, 2))
        return turned, floored

    def __repr__(self) -> str:
        angles, rows, columns = self.shape
        span = np.rad2deg(np.ptp(self.angles)) if angles else 0
        return (
            f"<TomographyScan {self.path}: {angles} projections of {rows} x {columns} "
            f"over {span:.3f} degrees, {len(self.flats_before or ())} flats before, "
            f"{len(self.flats_after or ())} after, {len(self.darks or ())} darks>"
        )
