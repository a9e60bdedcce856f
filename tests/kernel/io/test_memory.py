"""A read takes little memory beside the array that it fills."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import h5py
import hdf5plugin
import numpy as np
import pytest

from daisy_kernel.native import workers

SHAPE = (16, 2048, 2048)
FRAME, TILE = (1, 2048, 2048), (4, 256, 256)
# noise is slow to pack: so many frames are different
DIFFERENT = 2
LAYOUTS: dict[str, dict[str, Any]] = {
    "gzip, shuffle": {
        "chunks": FRAME, "compression": "gzip", "compression_opts": 1, "shuffle": True,
    },
    "bslz4": {"chunks": FRAME, **hdf5plugin.Bitshuffle(cname="lz4")},
    "bszstd": {"chunks": FRAME, **hdf5plugin.Bitshuffle(cname="zstd")},
    "unfiltered": {"chunks": FRAME},
    "tiles": {"chunks": TILE, **hdf5plugin.Bitshuffle(cname="lz4")},
    "contiguous": {},
}  # fmt: skip

MEASURE = """
import contextlib, sys
import numpy as np
import daisy_kernel as daisy

def memory(name):
    with open("/proc/self/status") as status:
        return next(int(l.split()[1]) for l in status if l.startswith(name)) * 1024

with daisy.open(sys.argv[1]) as scan:
    dataset = scan[sys.argv[2]]
    index = np.s_[:, 1000] if sys.argv[3] == "sinogram" else ()
    dataset.explain(index)
    shape = dataset.shape if index == () else (dataset.shape[0], dataset.shape[2])
    out = np.ones(shape, dataset.dtype)
    with contextlib.suppress(OSError), open("/proc/self/clear_refs", "w") as peak:
        peak.write("5")
    before = memory("VmRSS")
    dataset.read(index, out)
    print(memory("VmHWM") - before)
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a scan in all layouts."""
    rng = np.random.default_rng(0)
    noise = rng.poisson(300, (DIFFERENT, *SHAPE[1:])).astype("u2")
    path = tmp_path_factory.mktemp("memory") / "scan.h5"
    with h5py.File(path, "w") as file:
        for name, options in LAYOUTS.items():
            data = file.create_dataset(name, SHAPE, "u2", **options)
            if options.get("chunks") != FRAME:
                data[:] = np.tile(noise, (SHAPE[0] // DIFFERENT, 1, 1))
                continue
            data[:DIFFERENT] = noise
            for number in range(DIFFERENT, SHAPE[0]):
                _, chunk = data.id.read_direct_chunk((number % DIFFERENT, 0, 0))
                data.id.write_direct_chunk((number, 0, 0), chunk)
    return path


@pytest.mark.slow
@pytest.mark.parametrize("what", ["all", "sinogram"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_read_takes_two_chunks_per_worker(
    file: Path, layout: str, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(file.parent))
    chunk = LAYOUTS[layout].get("chunks", (1, 1024, 2048))
    allowed = 2 * workers() * int(np.prod(chunk)) * 2 + (16 << 20)

    found = subprocess.run(
        [sys.executable, "-c", MEASURE, str(file), layout, what],
        capture_output=True,
        text=True,
        check=True,
    )

    assert int(found.stdout) <= allowed
