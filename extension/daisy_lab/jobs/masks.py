"""Job on masks: pixels of a detector that are not to be used, counted and saved.

A mask is the union of drawn regions, of values out of a range in the frame that is
shown, and of what the detector's own pixel_mask says.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from daisy_kernel.apps import shapes
from daisy_kernel.io.writing import Branch, Field, write_nexus
from daisy_kernel.model import Scan
from daisy_kernel.model.errors import NothingToShow, ResultExists
from daisy_lab.jobs.cuts import Cut, cut_of
from daisy_lab.jobs.datasets import numbers_of, open_scan
from daisy_lab.jobs.marks import FRAME_AXES, Mask, detector_of
from daisy_lab.jobs.projections import read_frame
from daisy_lab.jobs.values import Json, Result

USER_DEFINED = 1 << 8  # NXdetector: bit 8 is a user defined mask
MOST_NAMES = 1000


@dataclass(frozen=True)
class Rules:
    """Which pixels are masked.

    Parameters
    ----------
    drawn
        `kind`, `points` (row, column) and `width` of each region.
    below, above
        Values of the frame out of this range; None for no bound.
    detector
        Whether the detector's own mask counts as well.
    """

    drawn: list[Json] = field(default_factory=list)
    below: float | None = None
    above: float | None = None
    detector: bool = True


def mask(
    path: str,
    roots: list[str],
    node: str,
    index: list[int],
    axes: list[int],
    rules: Json,
    folder: str | None,
    source: str,
) -> Result:
    """Count the pixels of a mask; with a *folder*, save it there as NeXus.

    Returns
    -------
    :
        `masked` and `pixels`, and the `file` that was written.
    """
    with open_scan(path, roots) as scan:
        dataset = numbers_of(scan, node)
        cut = cut_of(dataset, axes, index)
        last = tuple(range(dataset.ndim - FRAME_AXES, dataset.ndim))
        if tuple(sorted(cut.axes)) != last:
            raise NothingToShow(
                path,
                "a mask is of the detector's pixels: "
                "choose its rows and columns, the last two axes",
            )
        found = masked_pixels(scan, cut, Rules(**rules))
        told: Json = {"masked": int(found.sum()), "pixels": int(found.size)}
        if folder is not None:
            upright = found if cut.axes == last else found.T
            told["file"] = str(_save(Path(folder), Path(path).stem, upright, source))
        return told, b""


def masked_pixels(scan: Scan, cut: Cut, rules: Rules) -> Mask:
    """Tell which pixels of a picture the rules mask."""
    frame = read_frame(cut)
    found: Mask = np.zeros(cut.shape, np.bool_)
    for one in rules.drawn:
        corners = np.asarray(one["points"], np.float64).reshape(-1, 2)
        rows, columns = found.shape
        box, inside = shapes.covered(
            one["kind"], corners, one["width"], (rows, columns)
        )
        found[box] |= inside
    with np.errstate(invalid="ignore"):
        if rules.below is not None:
            found |= frame.data < rules.below
        if rules.above is not None:
            found |= frame.data > rules.above
    if rules.detector:
        known = detector_of(scan, cut.dataset).mask
        if known is not None:
            found |= known if cut.axes[0] < cut.axes[1] else known.T
    return found


def _save(folder: Path, stem: str, found: Mask, source: str) -> Path:
    """Write a mask under the next free name."""
    folder.mkdir(parents=True, exist_ok=True)
    tree = Branch("NXroot", {"entry": _entry(found, source)}, {"default": "entry"})
    for number in range(1, MOST_NAMES):
        suffix = "" if number == 1 else f"-{number}"
        file = folder / f"{stem}-mask{suffix}.h5"
        try:
            write_nexus(file, tree)
        except ResultExists:
            continue
        return file
    raise ResultExists(str(folder / f"{stem}-mask.h5"))


def _entry(found: Mask, source: str) -> Branch:
    pixels = np.where(found, USER_DEFINED, 0).astype(np.uint32)
    about = {"long_name": f"mask drawn on {source}", "interpretation": "image"}
    data = Branch(
        "NXdetector",
        {"pixel_mask": Field(pixels, attrs=about)},
        {"signal": "pixel_mask"},
    )
    return Branch("NXentry", {"detector": data}, {"default": "detector"})
