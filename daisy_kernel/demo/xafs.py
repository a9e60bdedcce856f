"""Absorption spectra at the iron edge: NeXus, and XDI text beside it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from daisy_kernel.demo.tomography import SOURCE
from daisy_kernel.io.writing import Branch, Field, write_nexus

EDGE = 7112.0  # eV
# name, chemical shift of the edge in eV, distance of the first shell in Angstrom
SAMPLES = (("fe_foil", 0.0, 2.48), ("feo", 6.5, 2.16), ("fe2o3", 9.0, 1.98))


def write_spectra(folder: Path, seed: int) -> None:
    """Write one NeXus and one XDI file for each sample."""
    rng = np.random.default_rng(seed)
    folder.mkdir(parents=True)
    for name, shift, shell in SAMPLES:
        energy = _energies()
        i0 = 2e5 * (1 - 1e-5 * (energy - energy[0])) + rng.normal(0, 60, energy.size)
        i1 = i0 * np.exp(-_absorption(energy, shift, shell))
        i1 += rng.normal(0, 20, energy.size)
        write_nexus(folder / f"{name}.nxs", _file(name, energy, i0, i1))
        (folder / f"{name}.xdi").write_text(_xdi(name, energy, i0, i1))


def _energies() -> Any:
    return np.concatenate(
        [
            np.arange(EDGE - 150, EDGE - 20, 5.0),
            np.arange(EDGE - 20, EDGE + 40, 0.25),
            np.arange(EDGE + 40, EDGE + 700, 2.0),
        ]
    )


def _absorption(energy: Any, shift: float, shell: float) -> Any:
    edge = EDGE + shift
    step = 0.5 + np.arctan((energy - edge) / 1.2) / np.pi
    k = np.sqrt(np.maximum(energy - edge, 0) * 0.2625)  # 1/Angstrom
    wave = 0.4 * np.sin(2 * k * shell + 0.5) * np.exp(-0.014 * k**2) / (1 + k)
    line = 0.35 * np.exp(-0.5 * ((energy - edge - 4) / 2.5) ** 2) * (shift > 0)
    return 0.6 * (energy / EDGE) ** -2.8 + step * (1 + wave) + line


def _file(name: str, energy: Any, i0: Any, i1: Any) -> Branch:
    data = Branch(
        "NXdata",
        {
            "absorbed_beam": Field(np.log(i0 / i1), "1"),
            "energy": Field(energy, "eV"),
            "incoming_beam": Field(i0, "counts"),
            "transmitted_beam": Field(i1, "counts"),
        },
        {"signal": "absorbed_beam", "axes": ["energy"]},
    )
    entry = Branch(
        "NXentry",
        {
            "title": f"{name}, Fe K edge, transmission",
            "definition": "NXxas",
            "start_time": "2026-05-21T08:40:00+08:00",
            "sample": Branch("NXsample", {"name": name}),
            "instrument": Branch("NXinstrument", {"name": "B2", "source": SOURCE}),
            "data": data,
        },
        {"default": "data"},
    )
    return Branch("NXroot", {"entry": entry}, {"default": "entry"})


def _xdi(name: str, energy: Any, i0: Any, i1: Any) -> str:
    head = [
        "# XDI/1.0 DAISY",
        "# Element.symbol: Fe",
        "# Element.edge: K",
        f"# Sample.name: {name}",
        "# Column.1: energy eV",
        "# Column.2: i0",
        "# Column.3: itrans",
        "# ///",
        "# simulated",
        "# ---",
        "# energy i0 itrans",
    ]
    rows = zip(energy, i0, i1, strict=True)
    return "\n".join([*head, *(f"{e:.2f} {a:.3f} {b:.3f}" for e, a, b in rows)]) + "\n"
