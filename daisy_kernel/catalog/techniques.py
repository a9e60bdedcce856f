"""What the application definitions of NeXus are called by those who measure."""

from __future__ import annotations

_NAMES = {
    "NXtomo": "tomography",
    "NXtomophase": "tomography",
    "NXtomoproc": "tomography",
    "NXfluo": "xrf",
    "NXxrf": "xrf",
    "NXxas": "xafs",
    "NXxasproc": "xafs",
    "NXstxm": "stxm",
    "NXsas": "scattering",
    "NXcanSAS": "scattering",
    "NXmonopd": "diffraction",
    "NXmx": "crystallography",
    "NXxrot": "crystallography",
    "NXxbase": "diffraction",
    "NXptycho": "ptychography",
    "NXarpes": "arpes",
    "NXmpes": "photoemission",
    "NXxpcs": "xpcs",
}


def technique_of(definition: str) -> str:
    """Name the technique of an application definition; its own name if unknown.

    Examples
    --------
    >>> technique_of("NXtomo"), technique_of("NXsas"), technique_of("NXhelix")
    ('tomography', 'scattering', 'helix')
    """
    return _NAMES.get(definition, definition.removeprefix("NX"))
