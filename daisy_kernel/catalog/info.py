"""One line of the catalogue: what is known of a scan without opening it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from daisy_kernel.model import Scan

Area = Literal["raw", "processed"]
# "hdf5", "tiff", "cbf" and so on, "zarr", or frames like "tiff-folder"
ScanKind = str


@dataclass(frozen=True)
class ScanInfo:
    """One line of the list of scans.

    What stands inside the file (from `title` on) is filled by `describe`, and from
    the index of the proposal.

    Attributes
    ----------
    name
        Path below the area.
    path
        Absolute path of the file or folder.
    size
        Bytes; of a folder of frames estimated from some of them.
    mtime
        Seconds since 1970 of the last change.
    problem
        Why it cannot be opened; empty if it can.
    technique
        In words: "tomography", "xrf"; empty where the file does not say.
    start_time
        As it stands in the file, ISO 8601.
    shape
        Of the default plot.
    axes
        Names of what is scanned, slow to fast.
    energy_kev
        Photon energy, keV.
    identity
        Changes when the file is replaced or written.
    """

    name: str
    path: str
    area: Area
    kind: ScanKind
    size: int
    mtime: float
    problem: str = ""
    title: str = ""
    sample: str = ""
    technique: str = ""
    start_time: str = ""
    users: tuple[str, ...] = ()
    instrument: str = ""
    detectors: tuple[str, ...] = ()
    shape: tuple[int, ...] = ()
    axes: tuple[str, ...] = ()
    energy_kev: float | None = None
    beamline: str = ""
    proposal: str = ""
    identity: str = ""

    def open(self) -> Scan:
        """Open the scan; see `daisy.open`."""
        from daisy_kernel.io import open_scan

        return open_scan(self.path)
