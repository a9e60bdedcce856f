"""Units are turned into each other only where a factor does it."""

from __future__ import annotations

import pytest

from daisy_kernel.store.units import factor


@pytest.mark.parametrize(
    ("found", "wanted", "expected"),
    [
        ("um", "mm", 1e-3), ("\u03bcm", "mm", 1e-3), ("\xb5m", "mm", 1e-3),
        ("micron", "m", 1e-6), ("keV", "eV", 1e3), ("degrees", "deg", 1),
        ("Angstrom", "nm", 0.1), ("microseconds", "s", 1e-6), ("pixels", "pixel", 1),
        ("counts", "counts", 1), ("no unit", "no unit", 1),
    ],
)  # fmt: skip
def test_what_fits_has_a_factor(found: str, wanted: str, expected: float) -> None:
    assert factor(found, wanted) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        ("mm", "s"), ("counts", "1"), ("A", "angstrom"), ("degC", "K"), ("dBm", "W"),
        ("pixels", "mm"), ("no unit", "another"), ("mm", "("),
    ],
)  # fmt: skip
def test_what_needs_more_than_a_factor_has_none(found: str, wanted: str) -> None:
    assert factor(found, wanted) is None
