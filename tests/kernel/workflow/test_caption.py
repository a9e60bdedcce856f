"""What stands below the picture of a result: its axes and units."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from beamtimes import DARK, quiet
from flows import tomography

import daisy_kernel as daisy
from daisy_kernel.model import data_object
from daisy_kernel.workflow.runs.caption import caption_of


def millimetres(n: int) -> tuple[Any, str]:
    return np.arange(n) * 1e-5, "m"


@pytest.mark.parametrize(
    ("shape", "axes", "units", "caption"),
    [
        (
            (9, 50, 100),
            {"z": millimetres(9), "y": millimetres(50), "x": millimetres(100)},
            "1/cm",
            "x 1 mm × y 0.5 mm, z 5 of 9, values in 1/cm",  # noqa: RUF001
        ),
        ((4, 6), {"row": None, "column": None}, "counts",
         "column 6 × row 4 pixels, values in counts"),  # noqa: RUF001
        ((4, 6), None, "", "6 × 4 pixels"),  # noqa: RUF001
        ((4, 6), {"angle": (np.arange(4) * 45.0, "deg"), "column": None}, "1",
         "column 6 pixels × angle 180 deg, values without unit"),  # noqa: RUF001
        # edges of bins: one more than there are pixels
        ((2, 6), {"y": None, "x": (np.arange(7) * 2e-7, "m")}, "",
         "x 1.2 µm × y 2 pixels"),  # noqa: RUF001
        # positions without a unit are no lengths, and neither is one position
        ((2, 1), {"y": (np.arange(2.0), ""), "x": (np.ones(1), "mm")}, "",
         "x 1 × y 2 pixels"),  # noqa: RUF001
        ((3,), {"energy": (np.array([7100.0, 7112, 7200]), "eV")}, "",
         "energy 7100 to 7200 eV"),
        ((3,), {"energy": None}, "counts", "energy 3 points, values in counts"),
        ((), None, "pixel", "values in pixel"),
    ],
)  # fmt: skip
def test_a_caption_names_axes_lengths_and_units(
    shape: tuple[int, ...], axes: Any, units: str, caption: str
) -> None:
    found = data_object(np.zeros(shape, "f4"), axes=axes, units=units)

    assert caption_of(found) == caption


def test_a_run_says_what_its_picture_shows(beamtime: Path) -> None:
    scan = beamtime / "raw" / "tooth.nxs"

    found = daisy.run(tomography(), scan, dark=DARK, show=quiet)

    assert found.progress.pictured == "scaled"
    assert found.progress.caption.endswith(
        "angle 185 deg, row 13 of 24, values in counts"
    )
