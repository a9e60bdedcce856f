"""Points by a table are what numpy's indexing gives; absent ones are no data."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from indices import indices

import daisy_kernel as daisy
from daisy_kernel.io.identity import identity
from daisy_kernel.model import Dataset, errors
from daisy_kernel.model.gathered import GatheredArray, gathered

SHAPE = (3, 5, 4)
KINDS = {"float": np.random.default_rng(1).random(SHAPE),
         "whole": np.arange(60, dtype="u2").reshape(SHAPE)}  # fmt: skip


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gathered") / "scan.h5"
    with h5py.File(path, "w") as file:
        for name, data in KINDS.items():
            file.create_dataset(name, data=data, chunks=(1, 2, 4), compression="gzip")
    return path


def tables(points: int) -> st.SearchStrategy[Any]:
    shapes = st.sampled_from([(4,), (2, 3), (3, 5)])
    return st.one_of(
        arrays(np.intp, shapes, elements=st.integers(-1, points - 1)),
        st.permutations(range(points)).map(lambda p: np.array(p, np.intp)),
    )


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_reads_what_numpy_gives(path: Path, data: Any) -> None:
    kind = data.draw(st.sampled_from(list(KINDS)))
    axes = data.draw(st.integers(1, 2))
    flat = KINDS[kind].reshape(-1, *SHAPE[axes:])
    table = data.draw(tables(len(flat)))
    expected = flat[table].astype(flat.dtype)
    expected[table < 0] = np.nan if kind == "float" else 0
    gone = np.broadcast_to(
        (table < 0).reshape(*table.shape, *(1,) * (expected.ndim - table.ndim)),
        expected.shape,
    )
    index = data.draw(indices(expected.shape))

    with daisy.open(path) as scan:
        found = Dataset(GatheredArray(scan[kind].source, table, axes))  # type: ignore[union-attr]

        assert found.shape == expected.shape
        assert np.array_equal(found.read(index), expected[index], equal_nan=True)
        masked = found.read_masked(index)
        assert np.array_equal(masked.mask, gone[index])
        assert np.array_equal(masked.filled(0), np.where(gone, 0, expected)[index])
        assert "absent" in found.explain(index)
        again = pickle.loads(pickle.dumps(found))
        assert np.array_equal(again.read(), expected, equal_nan=True)
    assert np.array_equal(gathered(flat, table), expected, equal_nan=True)


def test_every_second_line_reversed_is_one_read(path: Path) -> None:
    table = np.arange(15).reshape(3, 5)
    table[1] = table[1, ::-1]

    with daisy.open(path) as scan:
        found = Dataset(GatheredArray(scan["whole"].source, table, 2))  # type: ignore[union-attr]

        assert found.explain() == "15 points, 0 absent, 1 read(s)"
        assert found.explain(np.s_[0]) == "5 points, 0 absent, 1 read(s)"
        assert found.written == 3


def test_missing_sources_are_masked_and_only_they(tmp_path: Path) -> None:
    layout = h5py.VirtualLayout(SHAPE, "u2")
    for i in (0, 2):
        with h5py.File(tmp_path / f"{i}.h5", "w") as file:
            file["d"] = KINDS["whole"][i]
    for i in range(3):
        layout[i] = h5py.VirtualSource(tmp_path / f"{i}.h5", "d", SHAPE[1:])
    with h5py.File(tmp_path / "scan.h5", "w") as file:
        file.create_virtual_dataset("d", layout)
    table = np.arange(15).reshape(3, 5)[::-1, ::-1]

    with daisy.open(tmp_path / "scan.h5") as scan:
        found = Dataset(GatheredArray(scan["d"].source, table, 2))  # type: ignore[union-attr]
        masked = found.read_masked()

        assert np.array_equal(masked.mask.all((1, 2)), [False, True, False])
        assert np.array_equal(masked[::2], KINDS["whole"][::-2, ::-1])
        with pytest.raises(errors.SourceMissing):
            found.read()


def test_another_table_is_another_input(path: Path) -> None:
    with daisy.open(path) as scan:
        source = scan["whole"].source  # type: ignore[union-attr]
        tables = ([0, 1], [1, 0], [[0, 1]], [-1, 0], [0, 1])
        found = [
            identity(Dataset(GatheredArray(source, np.array(table), 1))).digest
            for table in tables
        ]

        assert len(set(found)) == 4
        assert found[0] == found[-1]
        assert len({identity(Dataset(source).take(p)).digest for p in ([0], [1])}) == 2
        made = Dataset(GatheredArray(source, np.array([1, 0]), 1)).take([1])
        assert made.whole.shape == SHAPE
        assert [type(part) for part in made.views] == [tuple, np.ndarray]


def test_points_of_a_file_that_changed_its_shape_are_refused(path: Path) -> None:
    with daisy.open(path) as scan:
        source = scan["whole"].source  # type: ignore[union-attr]
        found = Dataset(GatheredArray(source, np.array([[0, 1]]), 2))
        source.shape = (4, 5, 4)

        with pytest.raises(errors.FileDamaged, match=r"\(3, 5\) and are \(4, 5\)"):
            found.read()
