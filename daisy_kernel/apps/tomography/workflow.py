"""The workflow from a tomography scan to slices."""

from __future__ import annotations

from typing import Any, Literal

from daisy_kernel.apps.tomography import algorithms as steps
from daisy_kernel.workflow import Workflow

Rows = tuple[int, int] | Literal["middle"] | None


def slices(
    *,
    rows: Rows = None,
    axis: float | None = None,
    filter: steps.Filter = "shepp-logan",
    ring_size: int | None = 9,
) -> Workflow:
    """Give the workflow from a scan to slices by filtered back projection.

    Parameters
    ----------
    rows
        First row and end; all by default. "middle" is one slice, for a first look.
    axis
        Column of the rotation axis; None finds it.
    filter
        Window on the ramp filter.
    ring_size
        Width of the median of the ring removal in columns, odd; None leaves the
        rings.

    Returns
    -------
    :
        It takes the object `scan`, and is for `volume` (and `axis`, if that is found).
        It also makes `floored`: for each row how many pixels had no transmission.
    """
    flow = Workflow(
        "tomography",
        title="Tomography slice" if rows == "middle" else "Tomography volume",
    )
    flow.add(steps.open_tomography, rows=rows)
    add_slices(flow, axis=axis, filter=filter, ring_size=ring_size)
    return flow


def add_slices(
    flow: Workflow,
    *,
    axis: float | None,
    filter: steps.Filter,
    ring_size: int | None,
) -> None:
    """Add what comes after opening the scan."""
    for kind in ("flats_before", "flats_after", "darks"):
        flow.add(steps.mean_frame, kind, name=f"mean_{kind}", into=f"mean_{kind}")
    flow.add(
        steps.find_bad_pixels, "mean_flats_before", "mean_darks", "mean_flats_after",
        into="bad",
    )  # fmt: skip
    references = ("mean_darks", "mean_flats_after", "time")
    flow.add(
        steps.line_integrals, "projections", "mean_flats_before", "bad", *references,
        into=("sinograms", "floored"),
    )  # fmt: skip
    corrected = flow.add(
        steps.remove_rings, "sinograms", into="corrected", size=ring_size or 0
    )
    given: dict[str, Any] = {"filter": filter}
    if axis is None:
        flow.add(
            steps.find_axis, "projections", "angles", "mean_flats_before", "bad",
            *references, into="axis",
        )  # fmt: skip
    else:
        given["column"] = axis
    flow.add(
        steps.back_projection,
        inputs={
            "sinograms": corrected,
            "pixel_size": "projections.x_pixel_size",
        },
        into="volume",
        **given,
    )
    # what was floored can be asked for
    flow.results = ("volume", "axis") if axis is None else ("volume",)
