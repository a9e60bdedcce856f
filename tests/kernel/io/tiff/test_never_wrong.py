"""What is read from TIFF files is what was written, or tifffile's, bit for bit."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from indices import indices

import daisy_kernel as daisy
from daisy_kernel.model.errors import DataError, FileDamaged, FileMissing, ShapeMismatch

DTYPES = ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8")
WITH_PREDICTOR = ("lzw", "zlib", "zstd")
# what these lose tifffile loses as well
LOSSY = ("jpeg",)
KINDS = ("pages", "one directory", "folder", "single")


@st.composite
def packings(draw: st.DrawFn) -> dict[str, Any]:
    """Draw how frames are packed, in tifffile's words."""
    compression = draw(
        st.sampled_from([None, *WITH_PREDICTOR, "packbits", *LOSSY, None])
    )
    dtype = np.dtype("u1" if compression in LOSSY else draw(st.sampled_from(DTYPES)))
    made: dict[str, Any] = {"compression": compression, "dtype": dtype}
    if compression in WITH_PREDICTOR and draw(st.booleans()):
        made["predictor"] = 3 if dtype.kind == "f" else 2
    if draw(st.booleans()):
        made["tile"] = draw(st.sampled_from([(16, 16), (32, 16), (16, 48)]))
    elif draw(st.booleans()):
        made["rowsperstrip"] = draw(st.integers(1, 40))
    made["rgb"] = dtype in ("u1", "u2") and draw(st.booleans())
    return made


def write(path: Path, frames: np.ndarray, packing: dict[str, Any], kind: str) -> None:
    """Write frames to a file, as pages of their own or as one directory."""
    options = {k: v for k, v in packing.items() if k not in ("dtype", "rgb", "file")}
    options["photometric"] = "rgb" if packing["rgb"] else "minisblack"
    with tifffile.TiffWriter(path, **packing.get("file", {})) as file:
        if kind == "one directory":
            file.write(frames, metadata=None, **options)
            return
        for frame in frames:
            file.write(frame, metadata=None, contiguous=False, **options)


def frames_like(count: int, size: tuple[int, int], packing: dict[str, Any]) -> Any:
    rng = np.random.default_rng(count)
    shape = (count, *size, 3) if packing["rgb"] else (count, *size)
    return rng.poisson(60, shape).astype(packing["dtype"])


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data(), packings(), st.sampled_from(KINDS))
def test_every_selection_of_every_packing_is_what_was_written(
    tmp_path_factory: pytest.TempPathFactory,
    data: st.DataObject,
    packing: dict[str, Any],
    kind: str,
) -> None:
    folder = tmp_path_factory.mktemp("tiff")
    size = (data.draw(st.integers(2, 70)), data.draw(st.integers(5, 70)))
    count = 1 if kind == "single" else data.draw(st.integers(2, 5))
    order, big = data.draw(st.sampled_from("<>")), data.draw(st.booleans())
    packing["file"] = {"byteorder": order, "bigtiff": big}
    frames = frames_like(count, size, packing)
    paths = [folder / "scan.tif"]
    try:
        if kind == "folder":
            paths = [folder / f"frame_{i:03}.tif" for i in range(count)]
            for path, frame in zip(paths, frames, strict=True):
                write(path, frame[np.newaxis], packing, "pages")
        else:
            write(paths[0], frames, packing, kind)
    except (ValueError, NotImplementedError, KeyError):
        reject()  # tifffile does not write this
    expected = frames[0] if kind == "single" else frames
    if packing["compression"] in LOSSY:
        pages = [tifffile.imread(p, key=i) for p in paths for i in _pages(p)]
        expected = pages[0] if kind == "single" else np.stack(pages)

    with daisy.open(folder if kind == "folder" else paths[0]) as scan:
        assert scan.signal.shape == expected.shape
        assert scan.signal.dtype == expected.dtype.newbyteorder("=")
        for _ in range(6):
            index = data.draw(indices(expected.shape))
            wanted = expected[index]

            found = scan.signal.read(index)

            assert found.shape == wanted.shape
            assert found.dtype == scan.signal.dtype
            np.testing.assert_array_equal(found, wanted)


def _pages(path: Path) -> range:
    with tifffile.TiffFile(path) as file:
        return range(len(file.pages))


PLAIN: dict[str, Any] = {"compression": None, "rgb": False, "dtype": np.dtype("u2")}
PACKED: dict[str, Any] = {**PLAIN, "compression": "zlib", "rowsperstrip": 8}


@pytest.fixture
def folder(tmp_path: Path) -> Callable[..., Path]:
    """Write a folder of frames whose pixels are all the frame's number."""

    def make(
        packing: dict[str, Any],
        count: int = 5,
        numbers: tuple[int, ...] = (),
        size: tuple[int, int] = (40, 50),
    ) -> Path:
        for number in numbers or range(count):
            frame = np.full((1, *size), number, "u2")
            write(tmp_path / f"frame_{number:03}.tif", frame, packing, "pages")
        return tmp_path

    return make


@pytest.mark.parametrize("packing", [PLAIN, PACKED], ids=["plain", "packed"])
def test_a_cut_file_is_named(
    folder: Callable[..., Path], packing: dict[str, Any]
) -> None:
    path = folder(packing)
    cut = path / "frame_002.tif"
    with tifffile.TiffFile(cut) as file:
        end = file.pages[0].dataoffsets[-1]
    os.truncate(cut, end + 3)

    with pytest.raises(DataError) as failure, daisy.open(path) as scan:
        scan.signal.read()

    assert "frame_002.tif" in str(failure.value)


def test_pixels_past_the_end_of_the_file_are_never_made_up(tmp_path: Path) -> None:
    path = tmp_path / "scan.tif"
    write(path, np.ones((1, 40, 50), "u2"), PACKED, "pages")
    with tifffile.TiffFile(path, mode="r+") as file:
        offsets = file.pages[0].tags["StripOffsets"]
        offsets.overwrite([n + 10_000_000 for n in offsets.value])

    with pytest.raises(FileDamaged) as failure, daisy.open(path) as scan:
        scan.signal.read()

    assert "scan.tif" in str(failure.value)


def test_a_frame_of_another_size_is_named(folder: Callable[..., Path]) -> None:
    path = folder(PLAIN)
    write(path / "frame_003.tif", np.ones((1, 40, 51), "u2"), PLAIN, "pages")

    with pytest.raises(ShapeMismatch, match=r"frame_003\.tif"):
        daisy.open(path)


def test_a_file_that_vanished_is_named(folder: Callable[..., Path]) -> None:
    path = folder(PLAIN)

    with daisy.open(path) as scan:
        (path / "frame_003.tif").unlink()
        with pytest.raises((FileMissing, FileDamaged)) as failure:
            scan.signal.read()
        others = scan.signal.read(np.s_[:2])

    assert "frame_003.tif" in str(failure.value)
    np.testing.assert_array_equal(others[:, 0, 0], [0, 1])


@pytest.mark.parametrize("packing", [PLAIN, PACKED], ids=["plain", "packed"])
def test_a_file_that_is_rewritten_gives_new_pixels_or_an_error(
    folder: Callable[..., Path], packing: dict[str, Any]
) -> None:
    path = folder(packing)

    with daisy.open(path) as scan:
        scan.signal.read()
        write(path / "frame_002.tif", np.full((1, 40, 50), 99, "u2"), packing, "pages")
        os.utime(path / "frame_002.tif", (time.time() + 5,) * 2)
        try:
            found = scan.signal.read(np.s_[2])
        except DataError as error:
            assert "frame_002.tif" in str(error)  # noqa: PT017
        else:
            assert (found == 99).all()
        scan.signal.refresh()
        again = scan.signal.read(np.s_[2])

    assert (again == 99).all()


def test_a_jump_in_the_numbering_is_noted(folder: Callable[..., Path]) -> None:
    path = folder(PLAIN, numbers=(1, 2, 3, 6, 7, 8))

    with daisy.open(path) as scan:
        assert scan.signal.shape == (6, 40, 50)
        assert scan.signal.notes == (
            "the numbering jumps from frame_003.tif to frame_006.tif",
        )
        assert list(scan.signal.read(np.s_[:, 0, 0])) == [1, 2, 3, 6, 7, 8]


@pytest.mark.parametrize(
    "other",
    [
        PACKED,
        {**PLAIN, "rowsperstrip": 7},
        {**PLAIN, "tile": (16, 16)},
        {**PLAIN, "file": {"byteorder": ">"}},
        {**PLAIN, "file": {"bigtiff": True}},
        {**PACKED, "compression": "lzw", "predictor": 2},
    ],
    ids=["packed", "strips", "tiles", "byte order", "big", "lzw"],
)
def test_frames_packed_in_different_ways_are_one_scan(
    folder: Callable[..., Path], other: dict[str, Any]
) -> None:
    path = folder(PLAIN)
    frames = np.arange(5 * 40 * 50, dtype="u2").reshape(5, 40, 50)
    for number, frame in enumerate(frames):
        name = path / f"frame_{number:03}.tif"
        write(name, frame[np.newaxis], other if number % 2 else PLAIN, "pages")

    with daisy.open(path) as scan:
        np.testing.assert_array_equal(scan.signal.read(), frames)
        np.testing.assert_array_equal(scan.signal.read(np.s_[1]), frames[1])
        np.testing.assert_array_equal(scan.signal.read(np.s_[:, 3]), frames[:, 3])
