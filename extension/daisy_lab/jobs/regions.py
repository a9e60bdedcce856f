"""Jobs on drawn regions: statistics and profiles from the data as they are."""

from typing import Any

import numpy as np
import numpy.typing as npt

from daisy_kernel.apps import shapes
from daisy_kernel.model.errors import NothingToShow
from daisy_lab.jobs.corrections import against_of, shown_frame
from daisy_lab.jobs.cuts import cut_of
from daisy_lab.jobs.datasets import numbers_of, open_scan
from daisy_lab.jobs.marks import Mask, detector_of, good_pixels
from daisy_lab.jobs.sums import How
from daisy_lab.jobs.values import EXACT, Json, Result, finite, numbers, plain


def region(
    path: str,
    roots: list[str],
    node: str,
    index: list[int],
    axes: list[int],
    kind: shapes.Kind,
    points: list[list[float]],
    width: int,
    summed: list[int],
    how: How,
    against: list[str] | None = None,
) -> Result:
    """Describe the pixels of a region; of a line, the values along it as well."""
    with open_scan(path, roots) as scan:
        dataset = numbers_of(scan, node)
        cut = cut_of(dataset, axes, index, summed, how=how).bounded()
        compared = against_of(against)
        frame = shown_frame(scan, cut, compared, roots)
        if not frame.size:
            raise NothingToShow(path, f"{dataset.path} has no pixels")
        computed = compared is not None or bool(cut.summed)
        good = good_pixels(detector_of(scan, dataset), cut, frame, computed)
        corners = np.asarray(points, np.float64)
        box, inside = shapes.covered(
            kind, corners, width, (good.shape[0], good.shape[1])
        )
        answer = {
            **statistics(frame.data[box], inside, good[box]),
            "units": None if compared and compared.kind != "minus" else dataset.units,
            "profile": None,
        }
        if kind == "line":
            distance, values = shapes.profile(frame.data, corners, width, good)
            answer["profile"] = {"x": numbers(distance), "y": numbers(values)}
        return answer, b""


def statistics(values: npt.NDArray[Any], inside: Mask, good: Mask) -> Json:
    """Count and describe the good pixels of a region.

    Returns
    -------
    :
        count, masked (pixels left out), mean, std (of the population), median,
        minimum, maximum and sum; None where there is no pixel. Sums and extremes of
        integers are exact, as text beyond 2**53.
    """
    chosen = values[inside & good]
    answer: Json = {
        "count": int(chosen.size),
        "masked": int(np.count_nonzero(inside & ~good)),
    }
    if not chosen.size:
        names = ("mean", "std", "median", "minimum", "maximum", "sum")
        return answer | dict.fromkeys(names)
    whole = chosen.dtype.kind in "iu"
    exact = plain if whole else finite
    return answer | {
        "mean": finite(chosen.mean(dtype=np.float64)),
        "std": finite(chosen.std(dtype=np.float64)),
        "median": finite(np.median(chosen)),
        "minimum": exact(chosen.min()),
        "maximum": exact(chosen.max()),
        "sum": _whole_sum(chosen) if whole else finite(chosen.sum(dtype=np.float64)),
    }


def _whole_sum(chosen: npt.NDArray[Any]) -> Any:
    """Add up integers without overflow."""
    largest = max(abs(int(chosen.min())), abs(int(chosen.max())))
    if largest * chosen.size < 2**63:
        return plain(int(chosen.sum(dtype=np.int64)))
    # two halves of 32 bits, each of which fits
    high, low = np.divmod(chosen, chosen.dtype.type(2**32))
    total = (int(high.sum(dtype=np.int64)) << 32) + int(low.sum(dtype=np.int64))
    return total if abs(total) < EXACT else str(total)
