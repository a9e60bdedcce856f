"""Taken positions are what numpy's indexing gives, and stay in the file."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import hdf5plugin
import numpy as np
import pytest
import tifffile
import zarr
from hypothesis import given, settings
from hypothesis import strategies as st
from indices import indices

import daisy_kernel as daisy
from daisy_kernel.model import Dataset, errors
from daisy_kernel.model.taken import take

SHAPE = (9, 5, 6)
DATA = np.arange(np.prod(SHAPE), dtype="<u2").reshape(SHAPE)
KINDS = {
    "contiguous": {},
    "frames": {"chunks": (1, 5, 6), "compression": "gzip"},
    "blocks": {"chunks": (4, 2, 6), **hdf5plugin.Bitshuffle(cname="lz4")},
    "unknown to the core": {"chunks": (2, 5, 3), **hdf5plugin.Blosc()},
}


@pytest.fixture(scope="module")
def datasets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Dataset]]:
    folder = tmp_path_factory.mktemp("taken")
    with h5py.File(folder / "scan.h5", "w") as file:
        for name, options in KINDS.items():
            file.create_dataset(name, data=DATA, **options)
            file[name].attrs["units"] = "counts"
    tifffile.imwrite(folder / "scan.tif", DATA)
    array = zarr.create_array(folder / "scan.zarr", data=DATA, chunks=(2, 3, 6))
    assert array.shape == SHAPE
    scans = [daisy.open(folder / f"scan.{suffix}") for suffix in ("h5", "tif", "zarr")]
    yield {
        **{name: scans[0][name] for name in KINDS},  # type: ignore[dict-item]
        "tiff": scans[1].signals[0],
        "zarr": scans[2].signals[0],
    }
    for scan in scans:
        scan.close()


@st.composite
def positions(draw: st.DrawFn, size: int) -> Any:
    some = st.lists(st.integers(-size, size - 1), max_size=2 * size)
    kind = draw(st.sampled_from(["any", "rising", "falling", "run", "mask", "slice"]))
    if kind == "mask":
        return np.array(draw(st.lists(st.booleans(), min_size=size, max_size=size)))
    if kind in ("slice", "run"):
        low = draw(st.integers(0, size - 1))
        step = draw(st.sampled_from([1, 2, -1, -2])) if kind == "slice" else 1
        return slice(low, None, step)
    if kind == "any":
        return draw(some)
    rising = sorted({position % size for position in draw(some)})
    return rising if kind == "rising" else rising[::-1]


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_reads_what_numpy_gives(datasets: dict[str, Dataset], data: Any) -> None:
    dataset = datasets[data.draw(st.sampled_from(list(datasets)))]
    chosen = data.draw(positions(SHAPE[0]))
    expected = DATA[chosen]
    index = data.draw(indices(expected.shape))

    found = take(dataset, chosen)

    assert found.shape == expected.shape
    assert np.array_equal(found.read(index), expected[index])
    assert np.array_equal(found.read_masked(index), expected[index])
    assert "positions" in found.explain(index)
    out = np.empty(expected[index].shape, DATA.dtype)
    assert found.read(index, out=out) is out
    assert np.array_equal(out, expected[index])


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_reduces_to_what_numpy_gives(datasets: dict[str, Dataset], data: Any) -> None:
    dataset = datasets[data.draw(st.sampled_from(list(datasets)))]
    chosen = data.draw(positions(SHAPE[0]))
    axis = data.draw(st.integers(0, 2))

    found = take(dataset, chosen).reduce(["sum", "var"], axis=axis)

    expected = DATA[chosen].astype("f8")
    assert np.array_equal(found["sum"], expected.sum(axis))
    if expected.shape[axis]:
        np.testing.assert_allclose(found["var"], expected.var(axis), atol=1e-6)


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_what_is_taken_twice_is_taken_once(
    datasets: dict[str, Dataset], data: Any
) -> None:
    first = data.draw(positions(SHAPE[0]).filter(lambda p: len(DATA[p])))
    second = data.draw(positions(len(DATA[first])))

    found = take(take(datasets["frames"], first), second)

    assert np.array_equal(found.read(), DATA[first][second])
    assert found.explain().count("positions") == 1


def test_any_order_is_one_read_of_the_core(datasets: dict[str, Dataset]) -> None:
    for chosen in ([2, 3, 4], [8, 5, 1], [3, 1, 7, 1]):
        text = take(datasets["frames"], chosen).explain()
        assert text.startswith(f"{len(chosen)} of 9 positions: compiled core")
    assert "(3, 5, 6)" in take(datasets["frames"], [2, 3, 4]).explain()


def test_units_stay_and_the_field_of_all_positions_does_not(
    hdf5: Callable[..., Path],
) -> None:
    content: dict[str, object] = {
        "e/data": DATA, "e/angle": np.arange(9.0), "e@NX_class": "NXdata",
        "e@signal": "data", "e@axes": ["angle", ".", "."], "e/data@units": "counts",
    }  # fmt: skip
    with daisy.open(hdf5(content)) as scan:
        found = take(scan.signal, [1, 2])

        assert scan.signal.axes == ("angle", None, None)
        assert found.axes == (None, None, None)
        assert found.units == "counts"
        assert "2 of 9 positions" in found.notes


def test_opens_again_in_another_process(datasets: dict[str, Dataset]) -> None:
    found = take(datasets["frames"], [7, 0, 3])
    code = (
        "import pickle, sys; d = pickle.load(sys.stdin.buffer); "
        "sys.stdout.buffer.write(d.read().tobytes())"
    )

    done = subprocess.run(
        [sys.executable, "-c", code],
        input=pickle.dumps(found), capture_output=True, check=True,
    )  # fmt: skip

    assert done.stdout == DATA[[7, 0, 3]].tobytes()


def test_missing_sources_are_masked_and_only_they(tmp_path: Path) -> None:
    layout = h5py.VirtualLayout(SHAPE, DATA.dtype)
    for i in range(9):
        if i != 4:
            with h5py.File(tmp_path / f"{i}.h5", "w") as file:
                file["d"] = DATA[i]
        layout[i] = h5py.VirtualSource(tmp_path / f"{i}.h5", "d", SHAPE[1:])
    with h5py.File(tmp_path / "scan.h5", "w") as file:
        file.create_virtual_dataset("d", layout)

    with daisy.open(tmp_path / "scan.h5") as scan:
        found = take(scan["d"], [6, 4, 2])  # type: ignore[arg-type]
        masked = found.read_masked()

        assert np.array_equal(masked.mask.all((1, 2)), [False, True, False])
        assert np.array_equal(masked[[0, 2]], DATA[[6, 2]])
        assert found.missing_sources
        with pytest.raises(errors.SourceMissing):
            found.read()
        assert np.array_equal(found.read(np.s_[::2]), DATA[[6, 2]])


def elsewhere(path: Path, what: str) -> None:
    """Write as another program does while the file is open here."""
    code = f"import h5py\nwith h5py.File({str(path)!r}, 'r+', locking=False) as f: "
    subprocess.run([sys.executable, "-c", code + what], check=True)


def test_grows_with_a_file_that_is_being_written(tmp_path: Path) -> None:
    path = tmp_path / "scan.h5"
    with h5py.File(path, "w", libver="latest") as file:
        made = file.create_dataset(
            "d", data=DATA, chunks=(1, 5, 6), maxshape=(None, 5, 6)
        )
        made.resize((12, 5, 6))
    with daisy.open(path) as scan:
        found = take(scan["d"], [0, 8, 10])  # type: ignore[arg-type]
        assert found.written == 2

        elsewhere(path, "f['d'][9:12] = 7")

        assert found.refresh() == 3
        assert (found[2] == 7).all()
        elsewhere(path, "f['d'].resize((4, 5, 6))")
        found.refresh()
        with pytest.raises(errors.FileDamaged, match="position 10"):
            found.read()


def test_positions_outside_are_refused_by_number(datasets: dict[str, Dataset]) -> None:
    with pytest.raises(errors.SelectionNotSupported, match="index 9"):
        take(datasets["frames"], [0, 9])
    with pytest.raises(errors.SelectionNotSupported, match="mask"):
        take(datasets["frames"], np.ones(4, bool))
    with pytest.raises(errors.SelectionNotSupported, match="integers"):
        take(datasets["frames"], [0.5])


def test_text_is_taken_like_numbers(hdf5: Callable[..., Path]) -> None:
    words = np.array(["zero", "one", "two", "three"], dtype=h5py.string_dtype())
    with daisy.open(hdf5({"words": words})) as scan:
        found = take(scan["words"], [3, 1, 1])  # type: ignore[arg-type]

        assert list(found.read()) == ["three", "one", "one"]
        assert list(take(scan["words"], [2, 0])[:]) == ["two", "zero"]  # type: ignore[arg-type]
