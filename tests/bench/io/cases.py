"""What is measured: per row of the table, our call and those of the peers.

Each body is a function that does one thing with files in a folder and gives an
array, so that a test can compare all of them. Whoever runs a body holds its buffers,
touched, from one call to the next.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import h5py
import hdf5plugin  # noqa: F401
import numpy as np
import tifffile
from bench.io.data import LAYOUTS, Size

Body = Callable[[Path, Size], np.ndarray]
BAND = 8


@dataclass(frozen=True)
class Case:
    """One row of the table.

    Attributes
    ----------
    asked
        Least ratio of a peer's wall time to ours; most, where *at_most* is true.
    rivals
        Names of the peers whose best counts.
    """

    name: str
    asked: float
    ours: Body
    rivals: dict[str, Body] = field(default_factory=dict)
    cold: bool = False
    before: Callable[[Path, Size], None] | None = None


@cache
def buffer(shape: tuple[int, ...], dtype: str = "<u2") -> np.ndarray:
    """Give memory that was touched before, the same for all."""
    made = np.empty(shape, dtype)
    made.fill(1)
    return made


# --- the readers -----------------------------------------------------------------
@cache
def scan(folder: Path) -> Any:
    import daisy_kernel as daisy

    return daisy.open(folder / "scan.h5")


@cache
def dataset(folder: Path, name: str) -> Any:
    return scan(folder)[name]


@cache
def tiff(folder: Path, kind: str) -> Any:
    import daisy_kernel as daisy

    return daisy.open(folder / kind).signal


@cache
def plain(folder: Path, rdcc: int | None = None) -> h5py.File:
    options = {} if rdcc is None else {"rdcc_nbytes": rdcc}
    return h5py.File(folder / "scan.h5", "r", locking=False, **options)


def daisy_reads(name: str, pick: Callable[[Size], Any]) -> Body:
    def body(folder: Path, size: Size) -> np.ndarray:
        index = pick(size)
        out = buffer(shape_of(index, size))
        return dataset(folder, name).read(index, out=out)

    return body


def h5py_reads(name: str, pick: Callable[[Size], Any]) -> dict[str, Body]:
    """Give the three ways in which h5py can be used well."""

    def index(folder: Path, size: Size) -> np.ndarray:
        return plain(folder)[name][pick(size)]

    def direct(rdcc: int | None) -> Body:
        def body(folder: Path, size: Size) -> np.ndarray:
            chosen = pick(size)
            out = buffer(shape_of(chosen, size))
            plain(folder, rdcc)[name].read_direct(out, chosen)
            return out

        return body

    return {
        "h5py ds[...]": index,
        "h5py read_direct": direct(None),
        "h5py rdcc_nbytes=0": direct(0),
    }


def shape_of(index: Any, size: Size) -> tuple[int, ...]:
    whole = np.broadcast_to(np.int8(0), (size.frames, *size.frame))
    return whole[index].shape


def whole(size: Size) -> Any:
    return np.s_[...]


class Calls:
    """Counts: every call reads other rows, so what was decoded before is of no use."""

    def __init__(self) -> None:
        self.start_over()

    def start_over(self) -> None:
        """Let the next call read the first rows."""
        self._count = itertools.count()

    def next(self) -> int:
        return next(self._count)


calls = Calls()


def sinogram(size: Size) -> Any:
    return np.s_[:, (size.rows // 2 + 97 * calls.next()) % size.rows]


def band(size: Size) -> Any:
    first = (size.rows // 2 + 4 * BAND * calls.next()) % (size.rows - BAND)
    return np.s_[:, first : first + BAND]


# --- bodies that are not one read -------------------------------------------------
def parallel_pread(name: str) -> Body:
    """Read the stored bytes of a dataset with a thread per CPU: the machine's limit."""

    def body(folder: Path, size: Size) -> np.ndarray:
        places = chunk_places(folder, name)
        most = sum(length for _, length in places)
        out = buffer((most,), "u1")
        with open(folder / "scan.h5", "rb") as file, workers() as pool:
            at, jobs = 0, []
            for offset, length in places:
                jobs.append((file.fileno(), out[at : at + length], offset))
                at += length
            list(pool.map(lambda job: pread(*job), jobs))
        return out

    return body


def workers() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(len(os.sched_getaffinity(0)))


def pread(descriptor: int, out: np.ndarray, offset: int) -> None:
    done = 0
    while done < out.nbytes:
        done += os.preadv(descriptor, [out[done:]], offset + done)


@cache
def chunk_places(
    folder: Path, name: str, piece: int = 8 << 20
) -> list[tuple[int, int]]:
    dataset = plain(folder)[name]
    if dataset.chunks is None:
        start, total = dataset.id.get_offset(), dataset.nbytes
        cuts = range(0, total, piece)
        return [(start + at, min(piece, total - at)) for at in cuts]
    found: list[tuple[int, int]] = []
    dataset.id.chunk_iter(lambda info: found.append((info.byte_offset, info.size)))
    return sorted(found)


def never_opened_sinogram(name: str) -> Body:
    """Open the file, and read one sinogram, when nobody has an index of its blocks."""

    def body(folder: Path, size: Size) -> np.ndarray:
        import daisy_kernel as daisy

        forget_blocks()
        index = sinogram(size)
        with daisy.open(folder / "scan.h5") as opened:
            return opened[name].read(index, out=buffer(shape_of(index, size)))

    return body


def forget_blocks() -> None:
    import platformdirs

    for path in (platformdirs.user_cache_path("daisy") / "blocks").glob("*.npz"):
        path.unlink(missing_ok=True)


def knows_blocks(name: str) -> Callable[[Path, Size], None]:
    def before(folder: Path, size: Size) -> None:
        dataset(folder, name).read(sinogram(size))

    return before


def hidefix_reads(name: str) -> Body:
    def body(folder: Path, size: Size) -> np.ndarray:
        import hidefix

        index = _hidefix_index(hidefix, folder)
        return np.asarray(index.dataset(name)[:, :, :])

    return body


@cache
def _hidefix_index(hidefix: Any, folder: Path) -> Any:
    return hidefix.Index(str(folder / "tiles.h5"))


def one_by_one(read: Callable[[Path], Any]) -> Body:
    """Read the sinograms of a band, one after the other."""

    def body(folder: Path, size: Size) -> np.ndarray:
        dataset, first = read(folder), band(size)[1].start
        out = buffer((size.frames, BAND, size.columns))
        for i in range(BAND):
            out[:, i] = dataset[:, first + i]
        return out

    return body


def daisy_one_by_one(folder: Path, size: Size) -> np.ndarray:
    """Begin without the bands of the calls before."""
    from daisy_kernel.io.reading.bands import cache as bands

    bands.make_room(1, 0)
    return one_by_one(lambda folder: dataset(folder, "gzip"))(folder, size)


def tiff_row(folder: Path, size: Size) -> np.ndarray:
    out = buffer((size.tiffs, size.columns))
    return tiff(folder, "none").read(sinogram(size), out=out)


def tifffile_row(folder: Path, size: Size) -> np.ndarray:
    out, row = buffer((size.tiffs, size.columns)), sinogram(size)[1]
    for i, path in enumerate(tiff_paths(folder, "none")):
        out[i] = tifffile.imread(path)[row]
    return out


def tiff_paths(folder: Path, kind: str) -> list[Path]:
    return sorted((folder / kind).glob("*.tif"))


def daisy_tiffs(kind: str) -> Body:
    def body(folder: Path, size: Size) -> np.ndarray:
        return tiff(folder, kind).read(out=buffer((size.tiffs, *size.frame)))

    return body


def tifffile_reads(kind: str) -> dict[str, Body]:
    """Give the ways in which tifffile can be used well."""

    def loop(threads: int) -> Body:
        def body(folder: Path, size: Size) -> np.ndarray:
            out = buffer((size.tiffs, *size.frame))
            for i, path in enumerate(tiff_paths(folder, kind)):
                tifffile.imread(path, out=out[i], maxworkers=threads)
            return out

        return body

    def sequence(folder: Path, size: Size) -> np.ndarray:
        out = buffer((size.tiffs, *size.frame))
        paths = [str(path) for path in tiff_paths(folder, kind)]
        return tifffile.imread(paths, out=out, ioworkers=2, maxworkers=1)

    return {
        "tifffile loop": loop(1),
        "tifffile loop, 2 threads": loop(2),
        "tifffile sequence, 2 files at a time": sequence,
    }


def daisy_reduces(folder: Path, size: Size) -> np.ndarray:
    found = scan(folder)["bslz4"].reduce(["sum", "min", "max"], axis=0)
    return np.stack([found[name].astype(np.int64) for name in ("sum", "min", "max")])


def h5py_reduces(folder: Path, size: Size) -> np.ndarray:
    """Frame by frame into one buffer, the best that numpy can do in little memory."""
    dataset, frame = plain(folder)["bslz4"], buffer(size.frame)
    total = np.zeros(size.frame, np.uint64)
    least, most = np.full(size.frame, 65535, np.uint16), np.zeros(size.frame, np.uint16)
    for i in range(size.frames):
        dataset.read_direct(frame, np.s_[i])
        np.add(total, frame, out=total)
        np.minimum(least, frame, out=least)
        np.maximum(most, frame, out=most)
    return np.stack([total.astype(np.int64), least, most])


def numpy_reduces(folder: Path, size: Size) -> np.ndarray:
    data = plain(folder)["bslz4"][...]
    found = data.sum(0), data.min(0), data.max(0)
    return np.stack([values.astype(np.int64) for values in found])


WRITTEN_FRAMES = 16


@cache
def to_write(folder: Path, size: Size) -> np.ndarray:
    return np.ascontiguousarray(plain(folder)["contiguous"][:WRITTEN_FRAMES])


def daisy_writes(compression: str) -> Body:
    def body(folder: Path, size: Size) -> np.ndarray:
        import daisy_kernel as daisy

        path = folder / "written by daisy.h5"
        path.unlink(missing_ok=True)
        frames = to_write(folder, size)
        daisy.write(path, frames, compression=compression, chunks=(1, *size.frame))
        return np.array([len(frames)])

    return body


def h5py_writes(options: dict[str, Any]) -> Body:
    """Write as our writer does, which only calls a file whole once it is on disk."""

    def body(folder: Path, size: Size) -> np.ndarray:
        path, frames = folder / "written by h5py.h5", to_write(folder, size)
        with h5py.File(path, "w", locking=False) as file:
            file.create_dataset("d", data=frames, chunks=(1, *size.frame), **options)
        with path.open("rb") as file:
            os.fsync(file.fileno())
        return np.array([len(frames)])

    return body


def write_case(name: str, asked: float, layout: str, compression: str) -> Case:
    options = {k: v for k, v in LAYOUTS[layout].items() if k != "frames"}
    return Case(name, asked, daisy_writes(compression), {"h5py": h5py_writes(options)})


def read_case(
    name: str, asked: float, layout: str, pick: Callable[[Size], Any], **more: Any
) -> Case:
    rivals = h5py_reads(layout, pick)
    return Case(name, asked, daisy_reads(layout, pick), rivals, **more)


def cases() -> list[Case]:
    """Give all rows of the table."""
    tiles = read_case("whole stack, gzip tiles", 4, "tiles", whole)
    return [
        read_case("whole stack, gzip frames", 4.5, "gzip", whole),
        read_case("whole stack, bitshuffle-LZ4", 1.6, "bslz4", whole),
        read_case("whole stack, bitshuffle-zstd", 4, "bszstd", whole),
        tiles,
        Case("the same, against hidefix", 1, tiles.ours,
             {"hidefix": hidefix_reads("tiles")}),
        read_case("whole stack, unfiltered frames (1.8x or the next)", 1.8,
                  "unfiltered", whole),
        Case("the same, against parallel pread", 0.9,
             daisy_reads("unfiltered", whole), {"pread": parallel_pread("unfiltered")}),
        Case("whole stack, contiguous, against parallel pread", 0.95,
             daisy_reads("contiguous", whole), {"pread": parallel_pread("contiguous")}),
        read_case("sinogram, bitshuffle-LZ4, warm", 500, "bslz4", sinogram,
                  before=knows_blocks("bslz4")),
        read_case("sinogram, bitshuffle-LZ4, cold", 50, "bslz4", sinogram,
                  before=knows_blocks("bslz4"), cold=True),
        Case("sinogram, bitshuffle-LZ4, never opened, against one pass", 1 / 1.1,
             never_opened_sinogram("bslz4"), {"pread": parallel_pread("bslz4")}),
        read_case("sinogram, bitshuffle-zstd, warm", 1000, "bszstd", sinogram,
                  before=knows_blocks("bszstd")),
        read_case("sinogram, bitshuffle-zstd, cold", 150, "bszstd", sinogram,
                  before=knows_blocks("bszstd"), cold=True),
        Case("8 sinograms, gzip frames, against one by one", 12,
             daisy_reads("gzip", band),
             {"h5py": one_by_one(lambda folder: plain(folder)["gzip"])}),
        Case("8 sinograms one by one, gzip frames, against one by one", 4,
             daisy_one_by_one,
             {"h5py": one_by_one(lambda folder: plain(folder)["gzip"])}),
        read_case("8 sinograms, gzip frames, against the band", 1.5, "gzip", band),
        Case("one row of all frames, TIFF folder", 100, tiff_row,
             {"tifffile": tifffile_row}),
        *(Case(f"TIFF folder, {kind}", asked, daisy_tiffs(kind), tifffile_reads(kind))
          for kind, asked in (("none", 1.4), ("deflate", 2), ("lzw", 1.3),
                              ("zstd", 1.8))),
        Case("reduce: sum, min, max", 2, daisy_reduces,
             {"h5py frame loop": h5py_reduces, "h5py, then numpy": numpy_reduces}),
        write_case("write gzip", 6, "gzip", "gzip"),
        write_case("write bitshuffle-LZ4", 1.4, "bslz4", "bitshuffle-lz4"),
    ]  # fmt: skip
