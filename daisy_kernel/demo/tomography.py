"""Tomography scans of the phantom: NXtomo, Data Exchange, and a folder of TIFFs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from daisy_kernel.demo.camera import Camera, Counts
from daisy_kernel.demo.phantom import Floats, fitting_half_width, project
from daisy_kernel.io.writing import Branch, Field, Link, write_nexus
from daisy_kernel.io.writing.tiff import write_tiff_folder

PIXEL_SIZE = 3.25e-6  # m


@dataclass(frozen=True)
class Setup:
    """Size of a scan. The flats and darks are taken before and after it."""

    angles: int
    rows: int
    columns: int
    axis: float
    flats: int = 10
    darks: int = 10
    density: float = 1.6  # -ln of the transmission of the whole phantom, about

    @property
    def degrees(self) -> Any:
        """Rotation angles from 0 to 180, both included."""
        return np.linspace(0, 180, self.angles)

    @property
    def image_key(self) -> Any:
        """0 projection, 1 flat field, 2 dark field, in the order of time."""
        key = [1] * self.flats + [2] * self.darks + [0] * self.angles + [1] * self.flats
        return np.array(key, np.int8)

    @property
    def attenuation(self) -> float:
        """Absorption per column of path at density 1."""
        return self.density / (2 * fitting_half_width(self.columns, self.axis))


FULL = Setup(361, 256, 512, 250.3)
SMALL = Setup(181, 64, 256, 131.4)
FOLDER = Setup(91, 48, 192, 95.5)


def frames(setup: Setup, seed: int, block: int = 16) -> Iterator[Counts]:
    """Take all frames of a scan, in blocks, in the order of `image_key`."""
    camera = Camera(setup.rows, setup.columns, np.random.default_rng(seed))
    yield _stack(camera.expose(None, 0) for _ in range(setup.flats))
    yield _stack(camera.close_shutter() for _ in range(setup.darks))
    for lo in range(0, setup.angles, block):
        part = setup.degrees[lo : lo + block]
        sums = project(part, setup.rows, setup.columns, setup.axis)
        seen = np.exp(-np.float32(setup.attenuation) * sums)
        times = (lo + np.arange(len(part))) / max(1, setup.angles - 1)
        yield _stack(map(camera.expose, seen, times))
    yield _stack(camera.expose(None, 1) for _ in range(setup.flats))


def write_nxtomo(path: Path, setup: Setup, seed: int, title: str) -> None:
    """Write an NXtomo entry, bitshuffle-LZ4, one frame per chunk."""
    key = setup.image_key
    angle = np.zeros(len(key))
    angle[key == 0] = setup.degrees
    angle[np.flatnonzero(key == 0)[-1] + 1 :] = setup.degrees[-1]
    data = Field(
        frames(setup, seed),
        "counts",
        compression="bitshuffle-lz4",
        shape=(len(key), setup.rows, setup.columns),
        dtype=np.uint16,
    )
    write_nexus(path, _nxtomo(data, key, angle, setup, title))


def _nxtomo(data: Field, key: Any, angle: Any, setup: Setup, title: str) -> Branch:
    detector = Branch(
        "NXdetector",
        {
            "data": data,
            "image_key": key,
            "count_time": Field(0.05, "s"),
            "x_pixel_size": Field(PIXEL_SIZE, "m"),
            "y_pixel_size": Field(PIXEL_SIZE, "m"),
            "distance": Field(0.2, "m"),
        },
    )
    sample = Branch(
        "NXsample", {"name": "phantom tooth", "rotation_angle": Field(angle, "degree")}
    )
    plot = Branch(
        "NXdata",
        {
            "data": Link("/entry/instrument/detector/data"),
            "rotation_angle": Link("/entry/sample/rotation_angle"),
            "image_key": Link("/entry/instrument/detector/image_key"),
        },
        {"signal": "data", "axes": ["rotation_angle", ".", "."]},
    )
    entry = Branch(
        "NXentry",
        {
            "title": title,
            "definition": "NXtomo",
            "start_time": "2026-03-02T09:14:00+08:00",
            "instrument": Branch(
                "NXinstrument", {"name": "B7", "detector": detector, "source": SOURCE}
            ),
            "sample": sample,
            "control": Branch("NXmonitor", {"data": Field(_monitor(setup), "counts")}),
            "beam": Branch("NXbeam", {"incident_energy": Field(25.0, "keV")}),
            "data": plot,
            "demo": _truth(setup),
        },
        {"default": "data"},
    )
    return Branch("NXroot", {"entry": entry}, {"default": "entry"})


SOURCE = Branch(
    "NXsource",
    {"name": "DAISY demo", "type": "Synchrotron X-ray Source", "probe": "x-ray"},
)


def _truth(setup: Setup) -> Branch:
    """Keep what is known because the scan is simulated; no method reads it."""
    note = "simulated; column of the rotation axis, pixel centres at integers"
    return Branch(
        "NXcollection",
        {
            "rotation_axis": Field(setup.axis, "pixel", {"description": note}),
            "attenuation": Field(setup.attenuation, "1/pixel"),
        },
    )


def _monitor(setup: Setup) -> Any:
    key = setup.image_key
    time = np.clip((np.arange(len(key)) - 20) / max(1, setup.angles - 1), 0, 1)
    return (1e6 * (1 - 0.04 * time) * (key != 2)).astype(np.float64)


def write_data_exchange(path: Path, setup: Setup, seed: int, title: str) -> None:
    """Write the Data Exchange layout, gzip."""
    every = np.concatenate(list(frames(setup, seed)))
    key = setup.image_key

    def counts(kind: int) -> Field:
        return Field(every[key == kind], "counts", compression="gzip")

    exchange = Branch(
        "",
        {
            "title": title,
            "data": counts(0),
            "data_white": counts(1),
            "data_dark": counts(2),
            "theta": Field(setup.degrees, "deg"),
        },
    )
    measurement = Branch("", {"sample": Branch("", {"name": "phantom tooth"})})
    write_nexus(
        path,
        Branch(
            "",
            {
                "implements": "exchange:measurement",
                "exchange": exchange,
                "measurement": measurement,
                "demo": _truth(setup),
            },
        ),
    )


def write_folder(folder: Path, setup: Setup, seed: int) -> None:
    """Write the projections alone, one TIFF file each."""
    every = np.concatenate(list(frames(setup, seed)))
    write_tiff_folder(folder, every[setup.image_key == 0], "projection")


def _stack(taken: Iterator[Counts] | map[Counts]) -> Counts:
    return np.stack(list(taken))


def transmission(setup: Setup) -> Floats:
    """Give the ideal transmission, for tests, shape (angle, row, column)."""
    sums = project(setup.degrees, setup.rows, setup.columns, setup.axis)
    ideal: Floats = np.exp(-np.float32(setup.attenuation) * sums)
    return ideal
