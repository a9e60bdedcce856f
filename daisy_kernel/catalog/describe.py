"""What a scan says about itself, whichever way its file is organised.

Looked for in this order: the first NXentry, Data Exchange (`exchange`,
`measurement`), the attributes that areaDetector writes, the header of images.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from daisy_kernel.catalog.energy import energy_kev
from daisy_kernel.catalog.info import ScanInfo
from daisy_kernel.catalog.scans import scan_info
from daisy_kernel.catalog.techniques import technique_of
from daisy_kernel.io import open_scan
from daisy_kernel.model import Dataset, Group, Scan
from daisy_kernel.model.errors import DataError, FileMissing, OptionalPackageMissing
from daisy_kernel.model.text import plain

_MOST_ENTRIES = 20
_MOST_MEMBERS = 200  # of an entry or an instrument; devices beyond are not looked at
_MOST_NAMES = 8  # of users, of detectors
_LONGEST = 500  # characters of a text that is kept


def describe(
    path: str | os.PathLike[str],
    info: ScanInfo | None = None,
    roots: Sequence[str | os.PathLike[str]] | None = None,
) -> ScanInfo:
    """Open a scan and fill in what it says about itself.

    Parameters
    ----------
    path
        File or folder.
    info
        Its line from `scans`, if that is at hand.
    roots
        Folders that links in the file may lead to; None allows all.
    """
    known = info or scan_info(Path(path))
    if known is None:
        raise FileMissing(str(path), "there is no scan")
    try:
        with open_scan(path, roots=roots) as scan:
            return replace(known, **_fields(scan))
    except (DataError, OptionalPackageMissing) as error:
        return replace(known, problem=getattr(error, "reason", str(error)))


def _fields(scan: Scan) -> dict[str, Any]:
    entry = first_entry(scan)
    if entry is not None:
        found = _of_entry(scan, entry)
    elif isinstance(scan.get("exchange"), Group):
        found = _of_exchange(scan)
    else:
        found = _of_header(scan)
    signal = scan.signal
    if signal is not None:
        found["shape"] = signal.shape
        found.setdefault("axes", tuple(name for name in signal.axes if name))
    return {name: value for name, value in found.items() if value not in ("", (), None)}


def first_entry(scan: Scan) -> Group | None:
    """Give the first NXentry of a file."""
    for child in scan.children(limit=_MOST_ENTRIES):
        if child.kind == "group" and child.detail in ("NXentry", "NXsubentry"):
            found = scan.get(child.name)
            return found if isinstance(found, Group) else None
    return None


def _of_entry(scan: Scan, entry: Group) -> dict[str, Any]:
    members = list(_members(entry))
    below = next(_of_class(members, "NXsubentry"), None)  # one per technique
    parts = [entry] if below is None else [entry, below]
    if below is not None:
        members += _members(below)
    sample = next(_of_class(members, "NXsample"), None)
    instrument = next(_of_class(members, "NXinstrument"), None)
    devices = list(_members(instrument)) if instrument else []
    return {
        "title": _first(text(part, "title") for part in parts),
        "technique": technique_of(_first(text(part, "definition") for part in parts)),
        "start_time": _first(text(part, "start_time") for part in parts)
        or _epics_start(entry),
        "sample": _name_of(sample),
        "users": tuple(
            filter(None, (text(u, "name") for u in _of_class(members, "NXuser")))
        )[:_MOST_NAMES],
        "instrument": _name_of(instrument),
        "detectors": _detectors(devices),
        "energy_kev": _energy(devices, members, sample),
    }


def _of_exchange(scan: Scan) -> dict[str, Any]:
    """Read Data Exchange (De Carlo et al., J. Synchrotron Rad. 21 (2014) 1224)."""
    measured = scan.get("measurement")
    instrument = text(scan, "measurement/instrument/name")
    detector = " ".join(
        filter(
            None,
            (
                text(scan, f"measurement/instrument/detector/{word}")
                for word in ("manufacturer", "model")
            ),
        )
    )
    energy = scan.get("measurement/instrument/monochromator/energy")
    user = text(scan, "measurement/sample/experimenter/name")
    # it names no technique; flat fields or angles are what tomography has
    tomography = any(scan.get(f"exchange/{n}") for n in ("data_white", "theta"))
    return {
        "title": text(scan, "exchange/title"),
        "technique": "tomography" if tomography else "",
        "start_time": text(scan, "process/acquisition/start_date"),
        "sample": text(scan, "measurement/sample/name")
        if isinstance(measured, Group)
        else "",
        "users": (user,) if user else (),
        "instrument": instrument,
        "detectors": (detector,) if detector else (),
        "energy_kev": energy_kev(energy),
    }


# what detectors and their programs write into headers of images
_HEADER = {
    "title": ("title", "ImageDescription", "Comment"),
    "sample": ("sample", "SampleName", "sample_name"),
    "start_time": ("DateTime", "date", "Date", "start_time"),
    "instrument": ("instrument", "beamline"),
}
_CAMERA = (("Make", "Model"), ("detector",), ("Detector",))
_MACHINE_TEXT = ("{", "<")  # of ImageDescription: tifffile's, ImageJ's or OME's own


def _of_header(scan: Scan) -> dict[str, Any]:
    signal = scan.signal
    header = dict(scan.attrs)
    if signal is not None:
        header |= signal.attrs
    shown = {name: _short(value) for name, value in header.items()}
    found: dict[str, Any] = {
        field: _first(shown.get(name, "") for name in names)
        for field, names in _HEADER.items()
    }
    if found["title"].startswith(_MACHINE_TEXT) or "\n" in found["title"]:
        found["title"] = ""
    camera = _first(
        " ".join(filter(None, (shown.get(name, "") for name in names)))
        for names in _CAMERA
    )
    found["detectors"] = (camera,) if camera else ()
    return found


# what many programs write without its class
_CLASSES = {"sample": "NXsample", "instrument": "NXinstrument", "user": "NXuser"}


def _members(group: Group) -> Iterator[tuple[str, str, Group]]:
    """Give name, NeXus class and group of every member group."""
    for child in group.children(limit=_MOST_MEMBERS):
        kind = child.detail or _CLASSES.get(child.name, "")
        if child.kind == "group" and kind.startswith("NX"):
            found = group.get(child.name)
            if isinstance(found, Group):
                yield child.name, kind, found


def _of_class(
    members: Iterable[tuple[str, str, Group]], wanted: str
) -> Iterator[Group]:
    return (group for _, kind, group in members if kind == wanted)


def _name_of(group: Group | None) -> str:
    if group is None:
        return ""
    return _first(text(group, field) for field in ("name", "short_name", "local_name"))


def _detectors(devices: Iterable[tuple[str, str, Group]]) -> tuple[str, ...]:
    """Name what took frames or spectra; counters are no detectors to look for."""
    found = []
    for name, kind, group in devices:
        data = group.get("data")
        if kind == "NXdetector" and not _is_counter(data):
            named = (text(group, field) for field in ("description", "name"))
            found.append(_first((*named, name)))
    return tuple(found[:_MOST_NAMES])


def _is_counter(data: Dataset | Group | None) -> bool:
    return isinstance(data, Dataset) and data.ndim < 2  # noqa: PLR2004 (a value a point)


def _energy(
    devices: Sequence[tuple[str, str, Group]],
    members: Sequence[tuple[str, str, Group]],
    sample: Group | None,
) -> float | None:
    beams = [*_of_class(devices, "NXbeam"), *_of_class(members, "NXbeam")]
    if sample is not None:
        beams += _of_class(_members(sample), "NXbeam")
    fields = [
        group.get(name)
        for groups, names in (
            (_of_class(devices, "NXmonochromator"), ("energy", "wavelength")),
            (beams, ("incident_energy", "incident_wavelength")),
            (_of_class(devices, "NXsource"), ("wavelength",)),
        )
        for group in groups
        for name in names
    ]
    return next((e for e in map(energy_kev, fields) if e is not None), None)


# seconds from 1970 to 1990, where EPICS begins to count
_EPICS_EPOCH = 631_152_000


def _epics_start(entry: Group) -> str:
    """Read the time of the first frame that areaDetector has written."""
    from datetime import UTC, datetime

    found = entry.get("instrument/NDAttributes/NDArrayEpicsTSSec")
    if not isinstance(found, Dataset) or found.ndim != 1 or not found.size:
        return ""
    seconds = int(found.read((0,)))
    if seconds <= 0:
        return ""
    return datetime.fromtimestamp(seconds + _EPICS_EPOCH, UTC).isoformat()


def _first(texts: Iterable[str]) -> str:
    return next((found for found in texts if found), "")


def text(parent: Scan | Group, path: str) -> str:
    """Read a scalar as text; empty where there is none."""
    found = parent.get(path)
    if not isinstance(found, Dataset) or found.size != 1:
        return ""
    try:
        return _short(found.read().reshape(-1)[0])
    except DataError:
        return ""


def _short(value: Any) -> str:
    return str(plain(value)).strip()[:_LONGEST]
