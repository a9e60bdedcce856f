"""Diffraction frames of a powder that is heated, with the geometry beside them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from daisy_kernel.demo.tomography import SOURCE
from daisy_kernel.io.writing import Branch, Field, write_nexus

ROWS, COLUMNS = 619, 487  # a detector of three modules, 172 um pixels
PIXEL = 172e-6
DISTANCE, PONI1, PONI2 = 0.15, 0.0520, 0.0401  # m
WAVELENGTH = 0.8e-10  # m
CELL = 4.1569  # Angstrom, LaB6
FRAMES = 16
_GAPS = (slice(195, 212), slice(407, 424))

_CONFIG = f'"pixel1": {PIXEL}, "pixel2": {PIXEL}, "max_shape": [{ROWS}, {COLUMNS}]'
PONI = f"""# Geometry of the demo detector
poni_version: 2
Detector: Detector
Detector_config: {{{_CONFIG}}}
Distance: {DISTANCE}
Poni1: {PONI1}
Poni2: {PONI2}
Rot1: 0.0
Rot2: 0.0
Rot3: 0.0
Wavelength: {WAVELENGTH}
"""


def write_series(path: Path, seed: int) -> None:
    """Write the frames (gaps are -1) and <name>.poni beside them."""
    rng = np.random.default_rng(seed)
    temperature = np.linspace(300, 900, FRAMES)
    data = Field(
        _frames(temperature, rng),
        "counts",
        compression="bitshuffle-lz4",
        shape=(FRAMES, ROWS, COLUMNS),
        dtype=np.int32,
    )
    write_nexus(path, _file(data, temperature))
    path.with_suffix(".poni").write_text(PONI)


def _frames(temperature: Any, rng: np.random.Generator) -> Iterator[Any]:
    two_theta = _two_theta()
    solid = np.cos(two_theta) ** 3
    for kelvin in temperature:
        cell = CELL * (1 + 6.4e-6 * (kelvin - temperature[0]))
        frame = rng.poisson(solid * (4 + _rings(two_theta, cell, kelvin)))
        for gap in _GAPS:
            frame[gap] = -1
        yield frame.astype(np.int32)[None]


def _two_theta() -> Any:
    y = (np.arange(ROWS) + 0.5)[:, None] * PIXEL - PONI1
    x = (np.arange(COLUMNS) + 0.5)[None, :] * PIXEL - PONI2
    return np.arctan2(np.hypot(x, y), DISTANCE)


def _rings(two_theta: Any, cell: float, kelvin: float) -> Any:
    total = np.zeros_like(two_theta)
    for order in (1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12):  # h^2 + k^2 + l^2
        d = cell * 1e-10 / np.sqrt(order)
        at = 2 * np.arcsin(WAVELENGTH / (2 * d))
        fade = np.exp(-1e-5 * kelvin * order)  # Debye and Waller
        total += (
            120 * fade / order**0.5 * np.exp(-0.5 * ((two_theta - at) / 0.0015) ** 2)
        )
    return total


def _file(data: Field, temperature: Any) -> Branch:
    plot = Branch(
        "NXdata",
        {"data": data, "temperature": Field(temperature, "K")},
        {"signal": "data", "axes": ["temperature", ".", "."]},
    )
    detector = Branch(
        "NXdetector",
        {
            "distance": Field(DISTANCE, "m"),
            "x_pixel_size": Field(PIXEL, "m"),
            "y_pixel_size": Field(PIXEL, "m"),
            "beam_center_x": Field(PONI2 / PIXEL, "pixel"),
            "beam_center_y": Field(PONI1 / PIXEL, "pixel"),
        },
    )
    entry = Branch(
        "NXentry",
        {
            "title": "LaB6, 300 to 900 K",
            "start_time": "2026-05-20T20:05:00+08:00",
            "sample": Branch("NXsample", {"name": "LaB6"}),
            "instrument": Branch(
                "NXinstrument", {"name": "B2", "detector": detector, "source": SOURCE}
            ),
            "beam": Branch("NXbeam", {"incident_wavelength": Field(WAVELENGTH, "m")}),
            "data": plot,
        },
        {"default": "data"},
    )
    return Branch("NXroot", {"entry": entry}, {"default": "entry"})
