"""Master files: data files as one stack, what is missing, and the pixel mask."""

import pickle
from pathlib import Path
from typing import Any

import h5py
import hdf5plugin
import numpy as np
import pytest

import daisy_kernel as daisy
from daisy_kernel import errors
from daisy_kernel.testing import ReaderTests


def master(frames: Any, folder: Path, cuts: Any = (2, 4), links: int = 0) -> Path:
    """Write a master file and its data files, as the detector does."""
    parts, first = np.split(frames, cuts), 1
    path = folder / "scan_master.h5"
    with h5py.File(path, "w") as file:
        data = file.create_group("entry/data")
        file["entry"].attrs["NX_class"] = "NXentry"
        data.attrs["NX_class"] = "NXdata"
        mask = np.zeros(frames.shape[1:], "u4")
        mask[1] = 1
        special = "entry/instrument/detector/detectorSpecific"
        file[f"{special}/pixel_mask"] = mask
        file[f"{special}/nimages"] = len(frames)
        for i in range(max(links, len(parts))):
            name = f"data_{i + 1:06d}"
            data[name] = h5py.ExternalLink(f"scan_{name}.h5", "entry/data/data")
    for i, part in enumerate(parts):
        with h5py.File(folder / f"scan_data_{i + 1:06d}.h5", "w") as file:
            made = file.create_dataset(
                "entry/data/data", data=part, chunks=(1, *part.shape[1:]),
                **hdf5plugin.Bitshuffle(cname="lz4"),
            )  # fmt: skip
            made.attrs["image_nr_low"] = first
            first += len(part)
            made.attrs["image_nr_high"] = first - 1
    return path


class TestMaster(ReaderTests):
    def write(self, frames: Any, folder: Path) -> Path:
        return master(frames, folder)


def test_all_frames_are_the_signal(tmp_path: Path, frames: np.ndarray) -> None:
    with daisy.open(master(frames, tmp_path)) as scan:
        assert scan.signal.path == "entry/data/data"
        assert not any("data_00" in s.path for s in scan.signals)
        assert scan.signal.chunks == (1, 4, 6)
        assert scan.signal.filters == ("bitshuffle-lz4",)
        assert scan.notes == ()
        assert np.array_equal(scan.signal[1:5:3, 2], frames[1:5:3, 2])
        assert np.array_equal(scan["entry/data/data_000002"][0], frames[2])


def test_frames_stop_at_a_missing_data_file(tmp_path: Path, frames: np.ndarray) -> None:
    path = master(frames, tmp_path, links=4)
    (tmp_path / "scan_data_000002.h5").rename(tmp_path / "later.h5")

    with daisy.open(path) as scan:
        assert scan.signal.shape == (2, 4, 6)
        assert "data_000002 and 2 behind it are left out" in scan.notes[0]
        assert scan.missing[0].path == "entry/data/data_000002"

        (tmp_path / "later.h5").rename(tmp_path / "scan_data_000002.h5")
        scan.refresh()

        assert scan.signal.shape == (5, 4, 6)
        assert np.array_equal(scan.signal.read(), frames)


def test_without_any_data_file_the_tree_is_there(
    tmp_path: Path, frames: np.ndarray
) -> None:
    path = master(frames, tmp_path)
    for file in tmp_path.glob("scan_data_*"):
        file.unlink()

    with daisy.open(path) as scan:
        assert scan.missing
        assert scan["entry/instrument/detector/detectorSpecific/nimages"].read() == 5


def test_images_out_of_order_are_noted(tmp_path: Path, frames: np.ndarray) -> None:
    path = master(frames, tmp_path)
    with h5py.File(tmp_path / "scan_data_000002.h5", "a") as file:
        file["entry/data/data"].attrs["image_nr_low"] = 7

    with daisy.open(path) as scan:
        assert scan.notes == (
            "entry/data/data_000002 begins with image 7, here it is 3",
        )


def test_data_files_outside_the_roots_are_not_read(
    tmp_path: Path, frames: np.ndarray
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    path = master(frames, tmp_path / "in")
    data = tmp_path / "in/scan_data_000002.h5"
    data.rename(tmp_path / "out/secret.h5")
    data.symlink_to(tmp_path / "out/secret.h5")

    with daisy.open(path, roots=[tmp_path / "in"]) as scan:
        assert scan.signal.shape == (2, 4, 6)
        assert "outside your data" in scan.notes[0]


def test_a_file_with_its_own_data_is_left_as_it_is(
    tmp_path: Path, frames: np.ndarray
) -> None:
    path = master(frames, tmp_path)
    with h5py.File(path, "a") as file:
        file["entry/data/data"] = frames[:3]

    with daisy.open(path) as scan:
        assert scan.signal.shape == (3, 4, 6)


def test_unlike_data_files_are_not_joined(tmp_path: Path, frames: np.ndarray) -> None:
    path = master(frames, tmp_path)
    with h5py.File(tmp_path / "scan_data_000003.h5", "w") as file:
        file["entry/data/data"] = np.zeros((1, 9, 9), "u2")

    with daisy.open(path) as scan:
        assert scan.signal.path != "entry/data/data"


def test_pixel_mask_of_a_master_file_is_found(
    tmp_path: Path, frames: np.ndarray
) -> None:
    with daisy.open(master(frames, tmp_path)) as scan:
        mask = scan.pixel_mask(scan.signal)
        assert mask is not None
        assert mask.path == "entry/instrument/detector/detectorSpecific/pixel_mask"
        assert mask[1].tolist() == [1] * 6


def test_a_mask_of_another_shape_does_not_belong(hdf5: Any) -> None:
    path = hdf5(
        {
            "entry/data/data": np.zeros((2, 4, 6)),
            "entry/instrument/a/pixel_mask": np.zeros((9, 9), "u4"),
            "entry/instrument/b/pixel_mask": np.ones((4, 6), "u4"),
            "entry/line": np.zeros(3),
        }
    )

    with daisy.open(path) as scan:
        mask = scan.pixel_mask(scan["entry/data/data"])
        assert mask is not None
        assert mask.path == "entry/instrument/b/pixel_mask"
        assert scan.pixel_mask(scan["entry/line"]) is None


def test_worker_reads_the_same_stack(tmp_path: Path, frames: np.ndarray) -> None:
    with daisy.open(master(frames, tmp_path)) as scan:
        again = pickle.loads(pickle.dumps(scan.signal))

    assert np.array_equal(again.read(), frames)
    (tmp_path / "scan_data_000002.h5").unlink()
    again.refresh()
    with pytest.raises(errors.DataError, match="2, 4, 6"):
        again[4]
