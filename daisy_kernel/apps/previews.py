"""What a technique shows first of a new scan, without being asked.

Each entry is a workflow that takes the object `scan`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from daisy_kernel.apps.tomography.workflow import slices
from daisy_kernel.workflow import Workflow


def _tomography() -> Workflow:
    return slices(rows="middle").with_results(["volume"])


PREVIEWS: Mapping[str, Callable[[], Workflow]] = {"tomography": _tomography}
