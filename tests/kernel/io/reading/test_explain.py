"""What `explain` says a read takes is what the core reads and decodes."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import h5py
import hdf5plugin
import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import daisy_kernel as daisy
from daisy_kernel.io.hdf5.chunks import stored
from daisy_kernel.native import ChunkTable, read_parts_into

# rows of 1400 bytes: gaps below and above 16 KiB, chunks below and above 1 MiB
SHAPE = (3, 400, 700)
BSLZ4 = hdf5plugin.Bitshuffle(cname="lz4")
LAYOUTS: dict[str, dict[str, Any]] = {
    "contiguous": {},
    "frames": {"chunks": (1, 400, 700)},
    "one chunk": {"chunks": SHAPE},
    "tiles": {"chunks": (2, 130, 130)},
    "gzip": {"chunks": (1, 400, 700), "compression": "gzip", "shuffle": True},
    "gzip, tiles": {"chunks": (2, 130, 130), "compression": "gzip"},
    "checksum": {"chunks": (1, 400, 700), "fletcher32": True},
    "bslz4": {"chunks": (1, 400, 700), **BSLZ4},
    "bslz4, tail": {"chunks": (2, 399, 333), **BSLZ4},
    "bslz4, one chunk": {"chunks": SHAPE, **BSLZ4},
    "bslz4, small blocks": {
        "chunks": (1, 400, 700),
        **hdf5plugin.Bitshuffle(nelems=64, cname="lz4"),
    },
    "bslz4, checksum": {"chunks": (1, 400, 700), **BSLZ4, "fletcher32": True},
    "bszstd": {"chunks": (1, 400, 700), **hdf5plugin.Bitshuffle(cname="zstd")},
}


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write all layouts; of those in chunks the last frame is missing."""
    values = np.random.default_rng(0).poisson(60, SHAPE).astype("u2")
    path = tmp_path_factory.mktemp("layouts") / "scan.h5"
    with h5py.File(path, "w") as target:
        for name, options in LAYOUTS.items():
            data = target.create_dataset(name, SHAPE, "u2", **options)
            data[:2] = values[:2]
    return path


def settle(path: Path) -> None:
    """Make the file an old one, whose chunks are not looked up again."""
    os.utime(path, (time.time() - 60,) * 2)


def table_of(path: Path, name: str) -> ChunkTable:
    with h5py.File(path, "r") as file:
        table = stored(file[name], path).table
    assert table is not None
    return table


@st.composite
def axes(draw: st.DrawFn) -> list[Any]:
    """Draw positions for each axis: a range with steps, or a list."""
    found: list[Any] = []
    for size in SHAPE:
        kind = draw(st.sampled_from(["all", "one", "range", "steps", "list"]))
        start = draw(st.integers(0, size - 1))
        count = draw(st.integers(1, size - start))
        step = draw(st.integers(1, 40)) if kind == "steps" else 1
        if kind == "all":
            found.append((0, size, 1))
        elif kind == "list":
            found.append(sorted(draw(st.sets(st.integers(0, size - 1), max_size=9))))
        else:
            found.append((start, 1 if kind == "one" else -(-count // step), step))
    return found


def lengths(chosen: list[Any]) -> list[int]:
    return [axis[1] if isinstance(axis, tuple) else len(axis) for axis in chosen]


@pytest.mark.parametrize("name", LAYOUTS)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(chosen=axes(), turned=st.booleans())
def test_the_cost_of_a_read_is_what_it_takes(
    file: Path, name: str, chosen: list[Any], turned: bool
) -> None:
    table = table_of(file, name)
    shape = lengths(chosen)
    out = np.empty(shape[::-1], "u2").T if turned else np.empty(shape, "u2")

    # the first read gathers the block index that the second one uses
    for _ in range(2):
        cost = table.cost(chosen, out.strides)
        taken = read_parts_into([(table, chosen, out)])

        assert (cost["read"], cost["decoded"]) == taken


def test_a_known_block_index_is_said_and_counted(file: Path) -> None:
    settle(file)
    with daisy.open(file) as scan:
        dataset = scan["bslz4"]
        before = dataset.explain(np.s_[:2, 7])
        dataset.read(np.s_[0, 7])
        after = dataset.explain(np.s_[:2, 7])

    assert before.startswith("compiled core: (2, 700) = 2.7 KiB; chunks (1, 400, 700)")
    assert "bitshuffle-lz4" in before
    assert "block index: known for 0 of 2 chunk(s), the others are read" in before
    assert "known for 1 of 2 chunk(s)" in after


def test_only_blocks_are_read_once_all_are_known(file: Path) -> None:
    settle(file)
    with daisy.open(file) as scan:
        dataset = scan["bslz4"]
        dataset.read()
        text = dataset.explain(np.s_[:2, 7])

    assert "known for 2 of 2 chunk(s), so only blocks are read; 2 chunk(s)" in text
    assert "16.0 KiB decoded" in text


def test_whole_chunks_decoded_for_a_part_of_each_are_the_reason(file: Path) -> None:
    with daisy.open(file) as scan:
        part = scan["gzip"].explain(np.s_[:2, 7])
        whole = scan["gzip"].explain(np.s_[:2])

    assert "2 whole chunk(s) are decoded, for a part of each" in part
    assert "1.1 MiB decoded" in part
    assert "2 whole chunk(s) are decoded, all of them wanted" in whole


def test_what_is_stored_as_it_is_is_read_alone(file: Path) -> None:
    with daisy.open(file) as scan:
        text = scan["frames"].explain(np.s_[:, 7])

    assert "1 chunk(s) were never written: the fill value" in text
    assert "only what is wanted is read; 2 chunk(s), 2.7 KiB read, 0 bytes" in text


def test_a_small_read_takes_one_worker(file: Path) -> None:
    with daisy.open(file) as scan:
        assert "1 worker(s)" in scan["tiles"].explain(np.s_[0, 7, 7])


def test_an_empty_selection_costs_nothing(file: Path) -> None:
    with daisy.open(file) as scan:
        text = scan["gzip"].explain(np.s_[:0])

    assert "compiled core" in text
    assert "0 bytes read, 0 bytes decoded" in text


def test_tiff_frames_in_the_other_byte_order_are_read_row_by_row(
    tmp_path: Path,
) -> None:
    frames = np.arange(3 * 400 * 700, dtype="u2").reshape(3, 400, 700)
    tifffile.imwrite(
        tmp_path / "a.tif", frames, byteorder=">", photometric="minisblack"
    )

    with daisy.open(tmp_path / "a.tif") as scan:
        text = scan.signal.explain(np.s_[:, 7])

    assert "3 chunk(s), 4.1 KiB read, 0 bytes decoded" in text
