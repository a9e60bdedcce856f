"""Photon energies from the fields of a file, never guessed."""

from __future__ import annotations

import math

from daisy_kernel.model import Dataset, Group
from daisy_kernel.model.errors import DataError

HC_KEV_ANGSTROM = 12.398419843320026  # CODATA 2018, exact
_KEV = {"ev": 1e-3, "kev": 1.0, "mev": 1e3, "j": 1 / 1.602176634e-16}
_ANGSTROM = {
    "angstrom": 1.0,
    "angstroms": 1.0,
    "a": 1.0,
    "\u00e5": 1.0,
    "\u212b": 1.0,
    "nm": 10.0,
    "m": 1e10,
    "pm": 0.01,
}
_MOST_VALUES = 1_000_000
_SURELY_EV = 1000.0  # no beamline has photons of 1000 keV


def energy_kev(field: Dataset | Group | None) -> float | None:
    """Give the photon energy that a field holds, keV.

    A field without units counts as eV from 1000 on; below, eV and keV are both
    plausible and None is given. So it is for a scan of the energy: one energy per
    frame counts only if all are the same.
    """
    if not isinstance(field, Dataset) or field.dtype.kind not in "iuf":
        return None
    if field.size > _MOST_VALUES:
        return None
    try:
        values = field.read().reshape(-1)
    except DataError:
        return None
    if not values.size or not values[0] > 0 or (values != values[0]).any():
        return None
    return _converted(float(values[0]), (field.units or "").strip())


def _converted(value: float, units: str) -> float | None:
    low = units.lower()
    if low in _KEV and units != "MeV":
        return value * _KEV[low]
    if low in _ANGSTROM:
        return HC_KEV_ANGSTROM / (value * _ANGSTROM[low])
    if not units and value >= _SURELY_EV and math.isfinite(value):
        return value * 1e-3
    return None
