"""Several files as one scan."""

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import tifffile

import daisy_kernel as daisy
from daisy_kernel import errors
from daisy_kernel.testing import ReaderTests

Write = Callable[..., Path]


class TestSeriesOfStacks(ReaderTests):
    """Files of several frames: joined along the first axis."""

    def write(self, frames: Any, folder: Path) -> Any:
        paths = []
        for i, part in enumerate(np.split(frames, [2, 3])):
            paths.append(folder / f"part_{i}.h5")
            with h5py.File(paths[-1], "w") as file:
                file.create_dataset("entry/data", data=part, chunks=(1, 4, 6))
        return paths


class TestSeriesOfImages(ReaderTests):
    """Files of one frame: joined along a new axis."""

    def write(self, frames: Any, folder: Path) -> Any:
        paths = [folder / f"frame_{i}.tif" for i in range(len(frames))]
        for path, frame in zip(paths, frames, strict=True):
            tifffile.imwrite(path, frame)
        return paths


def test_order_is_the_one_given(hdf5: Write) -> None:
    paths = [hdf5({"data": np.full((2, 2, 3), i)}, f"{i}.h5") for i in (3, 1, 2)]

    with daisy.open(paths) as scan:
        assert scan.format == "series"
        assert scan.path == str(paths[0])
        assert scan.signal[:, 0, 0].tolist() == [3, 3, 1, 1, 2, 2]
        assert scan.signal[1::2, 0, 0].tolist() == [3, 1, 2]
        assert scan.notes == ("3 files are joined, from 3.h5 to 2.h5",)
        assert scan._repr_html_()


def test_the_same_dataset_of_every_file_is_taken(hdf5: Write) -> None:
    a = hdf5({"detector": np.zeros((2, 4, 6)), "other": np.zeros((1, 2, 2))}, "a.h5")
    b = hdf5({"detector": np.ones((2, 4, 6)), "other": np.zeros((90, 9, 9))}, "b.h5")

    with daisy.open([a, b]) as scan:
        assert scan.signal[:, 0, 0].tolist() == [0, 0, 1, 1]


def test_another_frame_size_names_both_files(hdf5: Write) -> None:
    a = hdf5({"data": np.zeros((2, 4, 6))}, "a.h5")
    b = hdf5({"data": np.zeros((2, 5, 6))}, "b.h5")

    with pytest.raises(errors.ShapeMismatch) as raised:
        daisy.open([a, b])

    assert "b.h5: data is 2 x 5 x 6 float64, but data of a.h5 is" in str(raised.value)


def test_another_type_is_no_part_of_the_stack(hdf5: Write) -> None:
    a = hdf5({"data": np.zeros((2, 4, 6), "u2")}, "a.h5")
    b = hdf5({"data": np.zeros((2, 4, 6), "f4")}, "b.h5")

    with pytest.raises(errors.ShapeMismatch, match="float32"):
        daisy.open([a, b])


def test_one_file_of_each_format_is_joined(hdf5: Write, tmp_path: Path) -> None:
    frame = np.arange(24, dtype=np.uint16).reshape(4, 6)
    tifffile.imwrite(tmp_path / "a.tif", frame)

    with daisy.open([tmp_path / "a.tif", hdf5({"data": frame + 1})]) as scan:
        assert np.array_equal(scan.signal.read(), [frame, frame + 1])


def test_a_long_series_does_not_keep_all_files_open(hdf5: Write) -> None:
    paths = [hdf5({"data": np.full((2, 3), i)}, f"{i}.h5") for i in range(30)]
    descriptors = len(list(Path("/proc/self/fd").iterdir()))

    with daisy.open(paths) as scan:
        assert scan.signal[:, 0, 0].tolist() == list(range(30))
        assert len(list(Path("/proc/self/fd").iterdir())) <= descriptors + 10


def test_missing_file_and_empty_list_are_named(hdf5: Write, tmp_path: Path) -> None:
    a = hdf5({"data": np.zeros((2, 2))})

    with pytest.raises(errors.FileMissing, match=r"no\.h5"):
        daisy.open([a, tmp_path / "no.h5"])
    with pytest.raises(errors.FileMissing, match="list of files is empty"):
        daisy.open([])


def test_file_without_numbers_is_named(hdf5: Write) -> None:
    with pytest.raises(errors.NothingToShow, match=r"b\.h5"):
        daisy.open(
            [hdf5({"data": np.zeros((2, 2))}, "a.h5"), hdf5({"t": "gold"}, "b.h5")]
        )


def test_every_file_must_lie_in_the_roots(hdf5: Write, tmp_path: Path) -> None:
    inside = hdf5({"data": np.zeros((2, 2))}, "in/a.h5")
    outside = hdf5({"data": np.zeros((2, 2))}, "out/b.h5")

    with pytest.raises(errors.OutsideData, match=r"b\.h5"):
        daisy.open([inside, outside], roots=[tmp_path / "in"])


def test_pickled_series_is_small(hdf5: Write) -> None:
    paths = [hdf5({"data": np.zeros((2, 3))}, f"{i}.h5") for i in range(3)]

    with daisy.open(paths) as scan:
        assert len(pickle.dumps(scan.signal)) < 2000


def test_what_is_still_being_written_is_not_counted(
    tmp_path: Path, frames: np.ndarray
) -> None:
    paths = [tmp_path / f"{i}.h5" for i in range(2)]
    for path, count in zip(paths, (5, 2), strict=True):
        with h5py.File(path, "w") as file:
            made = file.create_dataset("data", (5, 4, 6), "u2", chunks=(1, 4, 6))
            made[:count] = frames[:count]

    with daisy.open(paths) as scan:
        assert (scan.signal.shape[0], scan.signal.written) == (10, 7)
