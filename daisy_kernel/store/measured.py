"""Numbers of a measurement that a NeXus file has: pixels, distance, energy."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from daisy_kernel.model import Dataset, Group, Quantity, Scan
from daisy_kernel.model.text import plain

_OF_DETECTOR = (
    "x_pixel_size", "y_pixel_size", "distance", "beam_center_x", "beam_center_y",
)  # fmt: skip
_OF_BEAM = ("energy", "wavelength", "incident_energy", "incident_wavelength")
_BEAMS = ("NXmonochromator", "NXbeam")


def geometry_of(scan: Scan, entry: str, data: str) -> dict[str, Quantity]:
    """Find the geometry behind an NXdata group.

    Of several detectors it is the one that has the name of the group; where none
    has, the file does not say which it is, and nothing is taken.

    Parameters
    ----------
    entry, data
        Paths of the entry and of the NXdata group.

    Returns
    -------
    :
        By NeXus' names; a unit is empty where the file has none.
    """
    groups = list(_instrument(scan, entry))
    detectors = [group for kind, group in groups if kind == "NXdetector"]
    if len(detectors) > 1:
        wanted = data.rpartition("/")[2]
        detectors = [group for group in detectors if group.name == wanted]
    found: dict[str, Quantity] = {}
    for group in detectors[:1]:
        found |= dict(_numbers(group, _OF_DETECTOR))
    for kind, group in groups:
        if kind in _BEAMS:
            found = dict(_numbers(group, _OF_BEAM)) | found
    return found


def _instrument(scan: Scan, entry: str) -> Iterator[tuple[str, Group]]:
    """Give the groups of the instrument, each with its class."""
    if not entry:
        return
    group = scan.get(entry)
    if not isinstance(group, Group):
        return
    for below in group.subgroups():
        if plain(below.attrs.get("NX_class", "")) == "NXinstrument":
            for part in below.subgroups():
                yield str(plain(part.attrs.get("NX_class", ""))), part


def _numbers(group: Group, names: tuple[str, ...]) -> Iterator[tuple[str, Quantity]]:
    """Give numbers by name; a list of them belongs to frames, not to the whole."""
    for name in names:
        found = group.get(name)
        if isinstance(found, Dataset) and found.size == 1 and found.dtype.kind in "iuf":
            value = float(np.asarray(found.read()).reshape(-1)[0])
            yield name, Quantity(value, found.units or "")
