"""An X-ray fluorescence map: snake rows, and a live time for every pixel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from daisy_kernel.demo.tomography import SOURCE
from daisy_kernel.io.writing import Branch, Field, write_nexus

ROWS, COLUMNS, CHANNELS = 36, 48, 1024
STEP = 5e-6  # m
EV_PER_CHANNEL = 10.0
DEAD_TIME = 2e-6  # s per count
COUNT_TIME = 0.1  # s
# K alpha and K beta lines in eV, and brightness
LINES = {
    "Ca": ((3692, 1.0), (4013, 0.13)),
    "Fe": ((6404, 1.0), (7058, 0.13)),
    "Cu": ((8048, 1.0), (8905, 0.13)),
    "Zn": ((8639, 1.0), (9572, 0.13)),
}


def write_map(path: Path, seed: int) -> None:
    """Write the map in the order of measuring, gzip, one line per chunk."""
    rng = np.random.default_rng(seed)
    x, y = _positions()
    spectra = _spectra(x, y)
    dead = DEAD_TIME * spectra.sum(-1) / COUNT_TIME
    live = COUNT_TIME / (1 + dead)
    counts = rng.poisson(spectra * (live / COUNT_TIME)[..., None]).astype(np.uint32)
    write_nexus(path, _file(counts, live, x, y))


def concentrations(x: Any, y: Any) -> dict[str, Any]:
    """Amount of each element at stage positions in metres, an asymmetric picture."""
    u, v = x / STEP / COLUMNS, y / STEP / ROWS  # 0 to 1
    return {
        "Ca": 0.3 + 0.7 * np.exp(-((u - 0.3) ** 2 + (v - 0.35) ** 2) / 0.02),
        "Fe": 1.0 * ((u > 0.2) & (u < 0.3) & (v > 0.1) & (v < 0.9)),
        "Cu": 1.0 * ((u > 0.3) & (u < 0.8) & (v > 0.1) & (v < 0.2)),
        "Zn": 1.0 * ((u > 0.3) & (u < 0.6) & (v > 0.45) & (v < 0.55)),
    }


def _positions() -> tuple[Any, Any]:
    """Stage positions in time: every second line runs backwards."""
    x = np.tile(np.arange(COLUMNS) * STEP, (ROWS, 1))
    x[1::2] = x[1::2, ::-1]
    return x, np.tile(np.arange(ROWS)[:, None] * STEP, (1, COLUMNS))


def _spectra(x: Any, y: Any) -> Any:
    energy = np.arange(CHANNELS) * EV_PER_CHANNEL
    sigma = 25 + 0.006 * energy
    scatter = 40 * np.exp(-(((energy - 9900) / 250) ** 2)) + 2 * (energy < 10_000)
    total = np.tile(scatter, (*x.shape, 1))
    for element, amount in concentrations(x, y).items():
        for line, weight in LINES[element]:
            peak = np.exp(-0.5 * ((energy - line) / sigma) ** 2)
            total += 60 * weight * amount[..., None] * peak
    return total


def _file(counts: Any, live: Any, x: Any, y: Any) -> Branch:
    energy = np.arange(CHANNELS) * EV_PER_CHANNEL
    data = Branch(
        "NXdata",
        {
            "data": Field(counts, "counts", compression="gzip"),
            "energy": Field(energy, "eV"),
            "line": np.arange(ROWS),
            "x": Field(x, "m"),
            "y": Field(y, "m"),
        },
        {
            "signal": "data",
            "axes": ["line", ".", "energy"],
            "x_indices": [0, 1],
            "y_indices": [0, 1],
        },
    )
    detector = Branch(
        "NXdetector",
        {"live_time": Field(live, "s"), "count_time": Field(COUNT_TIME, "s")},
    )
    i0 = 1e5 * (1 + 0.02 * np.sin(np.arange(live.size).reshape(live.shape) / 200))
    entry = Branch(
        "NXentry",
        {
            "title": "Letters of four elements",
            "definition": "NXfluo",
            "start_time": "2026-04-11T14:30:00+08:00",
            "sample": Branch("NXsample", {"name": "printed letters"}),
            "instrument": Branch(
                "NXinstrument",
                {"name": "B4", "fluorescence": detector, "source": SOURCE},
            ),
            "control": Branch("NXmonitor", {"data": Field(i0, "counts")}),
            "beam": Branch("NXbeam", {"incident_energy": Field(10_000.0, "eV")}),
            "data": data,
        },
        {"default": "data"},
    )
    return Branch("NXroot", {"entry": entry}, {"default": "entry"})
