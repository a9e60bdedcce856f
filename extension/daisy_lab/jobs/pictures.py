"""Jobs on frames: an 8-bit picture, and the value of one pixel."""

import math
from typing import Literal

from daisy_kernel import native
from daisy_kernel.model.errors import NothingToShow
from daisy_lab.jobs.datasets import (
    IMAGE_AXES,
    check_size,
    dataset_of,
    leading,
    open_scan,
    real,
)
from daisy_lab.jobs.values import Result, finite


def tile(
    path: str,
    roots: list[str],
    node: str,
    index: list[int],
    max_shape: list[int],
    box: list[int] | None,
    lo: float | None,
    hi: float | None,
    scale: Literal["linear", "log", "sqrt"],
) -> Result:
    """Make one 8-bit picture of a frame, no larger than the page can show."""
    with open_scan(path, roots) as scan:
        dataset = dataset_of(scan, node)
        if len(dataset.shape) < IMAGE_AXES or dataset.dtype.kind not in "biufc":
            raise NothingToShow(path, f"{dataset.path} is not a picture")
        lead = leading(dataset, index, IMAGE_AXES)
        check_size(dataset, math.prod(dataset.shape[-IMAGE_AXES:]), lead)
        frame = real(dataset.read(lead))
        if not frame.size:
            raise NothingToShow(path, f"{dataset.path} has no pixels")
        made = native.tile(
            frame,
            max_shape=(max_shape[0], max_shape[1]),
            box=None if box is None else (box[0], box[1], box[2], box[3]),
            lo=lo,
            hi=hi,
            scale=scale,
            invalid=dataset.invalid or None,
        )
        value = {
            "shape": list(made.data.shape),
            "full": list(frame.shape),
            "box": list(made.box),
            "level": made.level,
            "lo": finite(made.lo),
            "hi": finite(made.hi),
            "minimum": finite(made.minimum),
            "maximum": finite(made.maximum),
            "bad": int(made.bad),
            "hot": int(made.hot),
            "histogram": [int(n) for n in made.histogram],
            "scale": scale,
            "index": list(lead),
        }
        return value, made.data.tobytes()


def pixel(
    path: str, roots: list[str], node: str, index: list[int], row: int, column: int
) -> Result:
    """Read the exact value of one pixel."""
    with open_scan(path, roots) as scan:
        dataset = dataset_of(scan, node)
        lead = leading(dataset, index, IMAGE_AXES)
        value = dataset.read((*lead, row, column))
        return {"value": str(value), "units": dataset.units}, b""
