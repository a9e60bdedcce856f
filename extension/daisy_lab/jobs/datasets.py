"""Open a scan and find what a request names in it."""

from typing import Any

import numpy as np

import daisy_kernel as daisy
from daisy_kernel.model import Dataset, Scan
from daisy_kernel.model.errors import NothingToShow
from daisy_lab.jobs.values import Json
from daisy_lab.jobs.views import view_of

LARGEST_READ = 2**30  # bytes of one frame or line in memory


class TooLarge(Exception):
    """A request for more than the server reads for a page."""


def open_scan(path: str, roots: list[str]) -> Scan:
    """Open a scan whose links stay below *roots*."""
    return daisy.open(path, roots=roots)


def dataset_of(scan: Scan, node: str) -> Dataset:
    """Return the dataset a request names, or the default one."""
    found = scan[node] if node else scan.signal
    if not isinstance(found, Dataset):
        raise NothingToShow(scan.path, f"{node or 'the file'} holds no numbers")
    return found


def numbers_of(scan: Scan, node: str) -> Dataset:
    """Return the dataset a request names, if it can be drawn."""
    found = dataset_of(scan, node)
    if found.dtype.kind not in "biufc":
        raise NothingToShow(
            scan.path, f"{found.path} is not a picture or a line: it holds no numbers"
        )
    return found


def describe(dataset: Dataset) -> Json:
    """Describe a dataset: shape, storage, how it is drawn."""
    return {
        "shape": list(dataset.shape),
        "dtype": str(dataset.dtype),
        "units": dataset.units,
        "chunks": None if dataset.chunks is None else list(dataset.chunks),
        "filters": list(dataset.filters),
        "axes": list(dataset.axes),
        "stored": dataset.stored_bytes,
        "bytes": int(dataset.nbytes),
        "missing": list(dataset.missing_sources),
        **view_of(dataset),
    }


def axis_of(scan: Scan, dataset: Dataset, name: str | None) -> Dataset | None:
    """Return the numbers along an axis, None where there are none."""
    if not name:
        return None
    near = f"{dataset.path.rpartition('/')[0]}/{name}"
    found = scan.get(name if "/" in name else near)
    if isinstance(found, Dataset) and found.dtype.kind in "iuf":
        return found
    return None


def check_size(dataset: Dataset, elements: int, lead: tuple[int | slice, ...]) -> None:
    """Refuse what is too large for one picture, with the line that reads it."""
    size = elements * dataset.dtype.itemsize
    if size > LARGEST_READ:
        at = ", ".join(_part_text(part) for part in lead) or "..."
        raise TooLarge(
            f"{dataset.path} needs {size / 2**30:.1f} GiB for one picture. "
            f'Read it in a notebook: daisy.open(...)["{dataset.path}"][{at}]'
        )


def _part_text(part: int | slice) -> str:
    if not isinstance(part, slice):
        return str(part)
    ends = ["" if n is None else str(n) for n in (part.start, part.stop)]
    return ":".join([*ends, *([] if part.step is None else [str(part.step)])])


def real(array: Any) -> Any:
    """Return real numbers in native byte order, as the core takes them."""
    array = np.asarray(array)
    if array.dtype.kind == "b":
        array = array.view(np.uint8)
    elif array.dtype.kind == "c":
        array = np.abs(array)
    elif array.dtype == np.float16:
        array = array.astype(np.float32)
    native_order = array.dtype.newbyteorder("=")
    return np.ascontiguousarray(array, dtype=native_order)
