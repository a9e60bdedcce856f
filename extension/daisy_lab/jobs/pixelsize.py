"""How large the pixels of a detector are, as NXdetector says it."""

from daisy_kernel.model import Dataset, Scan
from daisy_lab.jobs.marks import FRAME_AXES, detector_groups
from daisy_lab.jobs.values import Json

NAMES = ("y_pixel_size", "x_pixel_size")  # of rows, of columns


def pixel_sizes(scan: Scan, dataset: Dataset) -> list[Json | None]:
    """Find the size of a pixel along each axis of a dataset.

    Returns
    -------
    :
        `size` and `units` for each axis, None where the file does not say: a size
        without units is not taken, since metres and millimetres are both usual.
    """
    sizes: list[Json | None] = [None] * dataset.ndim
    if dataset.ndim < FRAME_AXES or dataset.dtype.kind not in "biufc":
        return sizes
    for place in detector_groups(scan, dataset):
        found = [_size(scan, f"{place}/{name}".lstrip("/")) for name in NAMES]
        if any(found):
            return [*sizes[:-FRAME_AXES], *found]
    return sizes


def _size(scan: Scan, path: str) -> Json | None:
    found = scan.get(path)
    if (
        not isinstance(found, Dataset)
        or found.size != 1
        or found.dtype.kind not in "iuf"
    ):
        return None
    size = float(found.read().reshape(-1)[0])
    return {"size": size, "units": found.units} if found.units and size > 0 else None
