"""What a reader process can be asked for: each job gives a JSON value and bytes.

Only public names of daisy_kernel are used here, and nothing of the server.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

from daisy_kernel import native
from daisy_kernel.model.errors import (
    DaisyError,
    FieldNotFound,
    FileMissing,
    OutsideData,
)
from daisy_lab.jobs.archives import listing
from daisy_lab.jobs.catalog import neighbour, newest, proposals, samples, scans
from daisy_lab.jobs.curves import export_curves
from daisy_lab.jobs.datasets import TooLarge
from daisy_lab.jobs.differing import difference
from daisy_lab.jobs.exports import export_file, export_piece, export_plan
from daisy_lab.jobs.finding import find
from daisy_lab.jobs.growth import growth
from daisy_lab.jobs.lines import series
from daisy_lab.jobs.masks import mask
from daisy_lab.jobs.nodes import children, node, plot
from daisy_lab.jobs.pictures import pixel, tile
from daisy_lab.jobs.regions import region
from daisy_lab.jobs.sizes import size
from daisy_lab.jobs.submitted import runs_alive, runs_go_on
from daisy_lab.jobs.tables import attributes, values
from daisy_lab.jobs.thumbs import thumb
from daisy_lab.jobs.values import Json, Result


def _later(module: str, name: str) -> Callable[..., Result]:
    """Give a job of workflows: readers that draw pictures start without them."""

    def job(**arguments: Any) -> Result:
        found = import_module(f"daisy_lab.jobs.{module}")
        result: Result = getattr(found, name)(**arguments)
        return result

    return job


JOBS: dict[str, Callable[..., Result]] = {
    "proposals": proposals,
    "samples": samples,
    "scans": scans,
    "neighbour": neighbour,
    "newest": newest,
    "thumb": thumb,
    "children": children,
    "find": find,
    "difference": difference,
    "node": node,
    "plot": plot,
    "growth": growth,
    "runs": _later("runs", "runs"),
    "run": _later("runs", "run"),
    "run_picture": _later("runs", "run_picture"),
    "stop_run": _later("runs", "stop_run"),
    "go_on_run": _later("runs", "go_on_run"),
    "note_run": _later("runs", "note_run"),
    "feed": _later("feed", "feed"),
    "write_default_rules": _later("feed", "write_default_rules"),
    "export_plan": export_plan,
    "export_piece": export_piece,
    "export_curves": export_curves,
    "export_file": export_file,
    "listing": listing,
    "size": size,
    "tile": tile,
    "series": series,
    "pixel": pixel,
    "mask": mask,
    "region": region,
    "values": values,
    "attributes": attributes,
    "runs_alive": runs_alive,
    "runs_go_on": runs_go_on,
}


def warm() -> None:
    """Do once what the first request would wait for."""
    native.tile(np.zeros((8, 8), np.uint16))


def run(job: str, arguments: Json) -> Result:
    """Run a job by its name."""
    return JOBS[job](**arguments)


def failure(error: Exception) -> Json:
    """Map an error to a status and a message; the only place that does."""
    if isinstance(error, TooLarge):
        status = 413
    elif isinstance(error, OutsideData | PermissionError):
        status = 403
    elif isinstance(error, FieldNotFound | FileMissing | FileNotFoundError):
        status = 404
    elif isinstance(error, DaisyError | OSError | MemoryError):
        status = 422
    else:
        status = 500
    message = str(error) or type(error).__name__
    return {"status": status, "error": type(error).__name__, "message": message}
