"""Job on what is being written: how far it is."""

import time

from daisy_kernel.model import Dataset
from daisy_lab.jobs.datasets import open_scan
from daisy_lab.jobs.values import Json, Result

MOST_FILES = 64  # to be looked at twice a second


def growth(path: str, roots: list[str], node: str) -> Result:
    """Say how far a dataset, or the default one, has been written.

    Of a scan without a dataset yet, dataset and shape are None. `files` are those
    that change when it grows, None where only the next look can tell; `took` are the
    seconds of this one.
    """
    began = time.perf_counter()
    with open_scan(path, roots) as scan:
        found = scan.get(node) if node else scan.signal
        told = _told(found if isinstance(found, Dataset) else None, path)
    return {**told, "took": time.perf_counter() - began}, b""


def _told(dataset: Dataset | None, path: str) -> Json:
    if dataset is None:
        return {"dataset": None, "shape": None, "written": 0, "files": [path]}
    files = dataset.files
    return {
        "dataset": dataset.path,
        "shape": list(dataset.shape),
        "written": dataset.written,
        "files": list(files) if 0 < len(files) <= MOST_FILES else None,
    }
