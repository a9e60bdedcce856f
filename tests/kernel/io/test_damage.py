"""Broken input: each error names the file and the cause."""

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
import tifffile

import daisy_kernel as daisy
from daisy_kernel import errors

Write = Callable[..., Path]


def test_truncated_file_says_how_much_is_missing(hdf5: Write) -> None:
    path = hdf5({"data": np.zeros((100, 100))})
    whole = path.read_bytes()
    path.write_bytes(whole[:3000])

    with pytest.raises(errors.FileDamaged) as raised:
        daisy.open(path)

    assert f"should have {len(whole)} bytes, it has 3000" in str(raised.value)
    assert path.name in str(raised.value)


@pytest.mark.parametrize("name", ["empty.h5", "empty.tif", "empty.nxs"])
def test_empty_file_is_called_empty(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.touch()

    with pytest.raises(errors.FileDamaged, match=f"{name}: the file is empty"):
        daisy.open(path)


def test_text_named_h5_is_no_hdf5(tmp_path: Path) -> None:
    path = tmp_path / "notes.h5"
    path.write_text("dear diary\n" * 200)

    with pytest.raises(errors.FormatNotSupported, match=r"notes.h5: this is no HDF5"):
        daisy.open(path)


def test_mixed_frame_sizes_name_the_odd_frame(tmp_path: Path) -> None:
    for i, shape in enumerate([(4, 6), (4, 6), (5, 6)]):
        tifffile.imwrite(tmp_path / f"frame_{i}.tif", np.zeros(shape, np.uint16))

    with pytest.raises(errors.ShapeMismatch) as raised:
        daisy.open(tmp_path)

    assert "frame_2.tif: this frame is 5 x 6 uint16" in str(raised.value)
    assert "4 x 6 uint16" in str(raised.value)


def test_folder_without_frames_says_so(tmp_path: Path) -> None:
    with pytest.raises(errors.FormatNotSupported, match="holds no TIFF"):
        daisy.open(tmp_path)


def test_missing_file_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(errors.FileMissing, match="no such file"):
        daisy.open(tmp_path / "no.h5")


def test_scan_without_frames_opens_and_explains_itself(hdf5: Write) -> None:
    path = hdf5({"exchange/data": np.zeros((0, 4, 6), np.uint16)})

    with daisy.open(path) as scan:
        assert scan.signal is not None
        assert scan.signal.shape == (0, 4, 6)
        assert "holds no data" in scan.notes[0]
        with pytest.raises(errors.SelectionNotSupported, match="has no frames"):
            scan.signal[0]


def test_damaged_chunk_names_file_and_dataset(tmp_path: Path) -> None:
    path = tmp_path / "scan.h5"
    with h5py.File(path, "w") as file:
        made = file.create_dataset("data", data=np.arange(4000), compression="gzip")
        where = made.id.get_chunk_info(0)
    content = bytearray(path.read_bytes())
    content[where.byte_offset : where.byte_offset + where.size] = bytes(where.size)
    path.write_bytes(content)

    with daisy.open(path) as scan, pytest.raises(errors.FileDamaged) as raised:
        scan["data"].read()

    assert "scan.h5: data: chunk at (0,) cannot be read" in str(raised.value)


def test_damaged_frame_of_a_real_detector_is_named(real_data: Path) -> None:
    with (
        daisy.open(real_data / "scattering/Pilatus.tiff") as scan,
        pytest.raises(
            errors.FileDamaged, match=r"Pilatus.tiff: chunk at \(0, 0, 0\) .* ends too"
        ),
    ):
        scan.signal.read()


def test_closed_scan_says_that_it_is_closed(hdf5: Write) -> None:
    scan = daisy.open(hdf5({"data": np.zeros((3, 3))}))
    data = scan["data"]
    scan.close()

    with pytest.raises(errors.FileDamaged, match="closed"):
        data.read()
