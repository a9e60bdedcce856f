"""Lines that were scanned back and forth, brought into one sense. Once."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from daisy_kernel.model import DataObject
from daisy_kernel.model.errors import NotAligned
from daisy_kernel.store.placed import placed

_NOTE = "every second line was scanned backwards, and is reversed"
_SECOND = 2
Flags = npt.NDArray[np.bool_]


def unsnake(
    found: DataObject, *, snake: bool | None = None, axis: int = 1
) -> DataObject:
    """Reverse the lines of a map that were scanned backwards.

    Parameters
    ----------
    found
        Shape (line, point, ...), as the detector has counted.
    snake
        True: every second line was. By default the object's positions say which.
    axis
        Number of the axis along which lines were scanned.

    Returns
    -------
    :
        All lines run like the axis' values, or like the first line where it has none.
        A Dataset stays in its file. What was reversed before is given back as it is.

    Raises
    ------
    NotAligned
        It has no positions, they do not say, or they contradict *snake*.
    """
    if _NOTE in found.notes:
        return found
    name = found.axis_names[axis] if 0 < axis < found.ndim else ""
    back = _backwards(found, name, axis)
    if snake and back is not None:
        _refuse_contradiction(name, back)
    if back is None:
        back = _told(found, name, axis, snake)
    if not back.any():
        return found
    shape = found.shape[: axis + 1]
    table = np.arange(np.prod(shape)).reshape(-1, shape[axis])
    table[back] = table[back, ::-1]
    axes = found.axes[: axis + 1]
    return placed(found, table.reshape(shape), axes, axis + 1, _NOTE)


def _backwards(found: DataObject, name: str, axis: int) -> Flags | None:
    """Say which lines the encoder has read backwards; None without an encoder."""
    read = found.positions.get(name) if name else None
    if read is None or read.values is None or read.values.ndim <= axis:
        return None
    lines = np.asarray(read.values, np.float64)
    lines = lines.reshape(*lines.shape[: axis + 1], -1)[..., 0]
    lines = lines.reshape(-1, found.shape[axis])
    steps = np.diff(lines, axis=1)
    falls: Flags = np.asarray((steps < 0).all(axis=1))
    unclear = ~falls & ~np.asarray((steps > 0).all(axis=1))
    if unclear.any():
        raise NotAligned(
            name,
            f"line {int(unclear.argmax())} runs neither forwards nor backwards: its "
            f"positions are {_few(lines[unclear.argmax()])}. Pass snake=True without "
            "positions, if every second line is to be reversed",
        )
    values = found.axes[axis].values
    if values is None or len(values) < _SECOND:
        sense = bool(falls[0]) if len(falls) else False
    else:
        sense = bool(values[-1] < values[0])
    return np.asarray(falls != sense)


def _told(found: DataObject, name: str, axis: int, snake: bool | None) -> Flags:
    lines = int(np.prod(found.shape[:axis]))
    if not snake or not 0 < axis < found.ndim:
        raise NotAligned(
            name or f"data of shape {found.shape}",
            f"there are no positions along axis {axis} that say which lines were "
            "scanned backwards: pass snake=True if every second one was",
        )
    if axis > 1 and found.shape[axis - 1] % _SECOND:
        raise NotAligned(
            name or f"data of shape {found.shape}",
            f"with {found.shape[axis - 1]} lines each, it is not clear whether the "
            "first one of the next runs forwards: give it positions",
        )
    second: Flags = np.arange(lines) % _SECOND == 1
    return second


def _refuse_contradiction(name: str, back: Flags) -> None:
    alternate = np.arange(len(back)) % _SECOND == 1
    if not (np.array_equal(back, alternate) or np.array_equal(back, ~alternate)):
        raise NotAligned(
            name,
            f"snake=True says that every second line runs backwards, positions say "
            f"that {int(back.sum())} of {len(back)} do: leave out one of them",
        )


def _few(line: npt.NDArray[np.float64]) -> str:
    shown = ", ".join(f"{value:g}" for value in line[:4])
    return f"{shown}, ..." if len(line) > 4 else shown  # noqa: PLR2004
