"""Reader processes: real ones, killed, forked, interrupted and fed with damage."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import hdf5plugin
import numpy as np
import pytest

from daisy_kernel import errors
from daisy_kernel.io.reading import plan
from daisy_kernel.io.reading.cut import cut
from daisy_kernel.io.reading.plan import Piece
from daisy_kernel.io.reading.workers import (
    Location,
    Pool,
    _state,
    close_workers,
    read_in_workers,
)
from daisy_kernel.model import select

SHAPE, CHUNKS = (20, 64, 128), (3, 20, 50)


@pytest.fixture(scope="module", autouse=True)
def pool() -> Iterator[None]:
    close_workers()
    yield
    close_workers()


@pytest.fixture(autouse=True)
def two_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAISY_READERS", "2")
    monkeypatch.setattr("daisy_kernel.io.reading.workers._LEAST_BYTES", 10_000)


def counts(dtype: Any = "u2") -> np.ndarray:
    return np.random.default_rng(1).poisson(100, SHAPE).astype(dtype)


def write(path: Path, data: Any, chunks: Any = CHUNKS, **options: Any) -> Location:
    with h5py.File(path, "w", libver="latest") as file:
        made = file.create_dataset("entry/data", data=data, chunks=chunks, **options)
        dtype = made.dtype
    return Location(path, "entry/data", dtype, chunks, f"{path}: entry/data")


def read(location: Location, index: Any = ...) -> np.ndarray:
    with h5py.File(location.file, locking=False) as file:
        shape = file["entry/data"].shape
    selection = select(index, shape)
    out = np.empty(selection.full_shape, location.dtype)
    out[...] = np.frombuffer(b"\xa5" * out.itemsize, out.dtype)[0]
    read_in_workers(location, plan(selection, location.chunks, 2, 50_000).pieces, out)
    return out[selection.finish]


def pids() -> set[int]:
    assert _state.pool is not None
    return {worker.pid for worker in _state.pool.workers}


def gone(pid: int, seconds: float = 10) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.02)
    return False


FILTERS: dict[str, dict[str, Any]] = {
    "none": {},
    "gzip": {"compression": "gzip", "shuffle": True},
    "scale-offset": {"scaleoffset": 0},
    "blosc": dict(hdf5plugin.Blosc()),
    "blosc2": dict(hdf5plugin.Blosc2()),
    "zfp": dict(hdf5plugin.Zfp(reversible=True)),
    "szip": {"compression": "szip"},
}


@pytest.mark.parametrize("index", [..., np.s_[4:17:3, 5, ::-1], np.s_[2], np.s_[3:3]])
@pytest.mark.parametrize("name", FILTERS)
def test_filter_gives_what_h5py_gives(tmp_path: Path, name: str, index: Any) -> None:
    if name == "szip" and not h5py.h5z.filter_avail(h5py.h5z.FILTER_SZIP):
        pytest.skip("this HDF5 has no szip")
    data = counts("i4")
    location = write(tmp_path / "scan.h5", data, **FILTERS[name])

    assert np.array_equal(read(location, index), data[index])


def test_nbit_gives_what_h5py_gives(tmp_path: Path) -> None:
    data = counts() & 0xFFF
    path = tmp_path / "scan.h5"
    twelve = h5py.h5t.STD_U16LE.copy()
    twelve.set_precision(12)
    made = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    made.set_chunk(CHUNKS)
    made.set_filter(h5py.h5z.FILTER_NBIT)
    with h5py.File(path, "w") as file:
        space = h5py.h5s.create_simple(SHAPE)
        group = file.create_group("entry")
        low = h5py.h5d.create(group.id, b"data", twelve, space, made)
        h5py.Dataset(low)[...] = data
        dtype = h5py.Dataset(low).dtype
    location = Location(path, "entry/data", dtype, CHUNKS, "scan")

    assert np.array_equal(read(location), data)


TYPES: dict[str, Any] = {
    "compound": np.dtype([("a", "i4"), ("b", ">f8"), ("c", "S3")]),
    "padded": np.dtype([("a", "i1"), ("b", "f8")], align=True),
    "text": np.dtype("S7"),
    "bool": np.dtype(bool),
    "complex": np.dtype("c8"),
    "half": np.dtype("f2"),
    "big_endian": np.dtype(">u4"),
    "opaque": np.dtype("V5"),
    "enum": h5py.enum_dtype({"OFF": 0, "ON": 1}, basetype="i1"),
}


@pytest.mark.parametrize("name", TYPES)
def test_type_is_read_bit_for_bit(tmp_path: Path, name: str) -> None:
    dtype, rng = TYPES[name], np.random.default_rng(2)
    raw = rng.integers(0, 2, (30, 40, dtype.itemsize), np.uint8)
    data = raw.view(dtype)[..., 0]
    location = write(tmp_path / "scan.h5", data, (7, 40))
    with h5py.File(location.file) as file:
        expected = file["entry/data"][...]

    found = read(location)
    assert found.dtype == expected.dtype
    assert found.tolist() == expected.tolist()


def test_scalar_and_contiguous_data_are_read(tmp_path: Path) -> None:
    scalar = write(tmp_path / "scalar.h5", np.float32(3.5), None)
    plain = write(tmp_path / "plain.h5", counts(), None)

    assert read(scalar) == np.float32(3.5)
    assert np.array_equal(read(plain), counts())


def test_out_may_be_wider_and_strided(tmp_path: Path) -> None:
    location = write(tmp_path / "scan.h5", counts())
    whole = np.zeros((*SHAPE, 2), "f4")

    pieces = plan(select(..., SHAPE), CHUNKS, 2).pieces
    read_in_workers(location, pieces, whole[..., 1])

    assert np.array_equal(whole[..., 1], counts())
    assert not whole[..., 0].any()
    with pytest.raises(errors.FormatNotSupported, match="uint16 cannot be read into"):
        read_in_workers(location, pieces, np.zeros(SHAPE, bool))


def test_python_objects_are_refused_before_anything_starts(tmp_path: Path) -> None:
    location = write(tmp_path / "scan.h5", np.array(["a", "b"], object), None)
    close_workers()

    with pytest.raises(errors.FormatNotSupported, match="in another process"):
        read_in_workers(
            location, [Piece((slice(0, 2, 1),), (slice(0, 2),))], np.empty(2)
        )
    assert _state.pool is None


def test_large_pieces_are_cut_at_chunk_borders() -> None:
    whole = Piece(
        (slice(1, 20, 2), slice(5, 64, 1), slice(0, 128, 3)),
        (slice(0, 10), slice(0, 59), slice(0, 43)),
    )
    parts = list(cut(whole, CHUNKS, 2, 1))
    data, out = counts(), np.zeros((10, 59, 43), "u2")

    for part in parts:
        out[part.target] = data[part.source]

    assert np.array_equal(out, data[whole.source])
    assert len(parts) == 7 * 4 * 3  # as many as chunks are touched
    assert list(cut(whole, CHUNKS, 2, 1 << 30)) == [whole]


def test_a_piece_larger_than_the_kept_memory_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("daisy_kernel.io.reading.worker._KEPT_BYTES", 1 << 20)
    data = np.random.default_rng(3).random((1, 700, 700))
    location = write(tmp_path / "scan.h5", data, data.shape)

    assert np.array_equal(read(location), data)
    assert _state.pool is not None
    assert all(worker._room == 1 << 20 for worker in _state.pool.workers)


def test_processes_are_kept(tmp_path: Path) -> None:
    location = write(tmp_path / "scan.h5", counts())

    read(location)
    first = pids()
    read(location)

    assert first
    assert first <= pids()


def test_killed_process_is_replaced(tmp_path: Path) -> None:
    location = write(tmp_path / "scan.h5", counts())
    read(location)
    before = pids()

    for pid in before:
        os.kill(pid, signal.SIGKILL)

    assert np.array_equal(read(location), counts())
    assert not before & pids()


def test_process_killed_while_it_reads_is_replaced(tmp_path: Path) -> None:
    location = write(tmp_path / "scan.h5", counts())
    read(location)
    before = pids()
    for pid in before:
        os.kill(pid, signal.SIGSTOP)
    found: list[np.ndarray] = []
    reading = threading.Thread(target=lambda: found.append(read(location)))
    reading.start()
    time.sleep(0.1)  # the requests are under way, and will not be answered

    for pid in before:
        os.kill(pid, signal.SIGKILL)
    reading.join(30)

    assert np.array_equal(found[0], counts())


def test_crash_names_file_and_dataset(tmp_path: Path) -> None:
    location = write(tmp_path / "scan.h5", counts())
    read(location)
    before = pids()
    for pid in before:
        os.kill(pid, signal.SIGSTOP)
    timer = threading.Timer(
        0.2, lambda: [os.kill(pid, signal.SIGSEGV) for pid in before]
    )
    timer.start()
    threading.Timer(
        0.3, lambda: [os.kill(pid, signal.SIGCONT) for pid in before]
    ).start()

    with pytest.raises(errors.FileDamaged) as raised:
        read(location)

    assert f"{location.where}: cannot be read" in str(raised.value)
    assert "SIGSEGV" in str(raised.value)
    assert np.array_equal(read(location), counts())


def test_damaged_chunk_reads_like_in_this_process(tmp_path: Path) -> None:
    location = write(tmp_path / "scan.h5", counts(), **hdf5plugin.Blosc2())
    with h5py.File(location.file) as file:
        chunk = file["entry/data"].id.get_chunk_info(5)
    content = bytearray(location.file.read_bytes())
    content[chunk.byte_offset : chunk.byte_offset + chunk.size] = bytes(chunk.size)
    location.file.write_bytes(content)

    with pytest.raises(errors.FileDamaged, match=r"entry/data: cannot be read: Can't"):
        read(location)
    assert np.array_equal(read(location, 19), counts()[19])


def test_vanished_and_foreign_files_are_named(tmp_path: Path) -> None:
    location = write(tmp_path / "scan.h5", counts())
    pieces = plan(select(..., SHAPE), CHUNKS, 2).pieces
    out = np.empty(SHAPE, "u2")
    read_in_workers(location, pieces, out)

    location.file.unlink()
    with pytest.raises(errors.FileMissing, match=r"scan\.h5: no such file"):
        read_in_workers(location, pieces, out)
    location.file.write_text("dear diary")
    with pytest.raises(errors.FormatNotSupported, match="no HDF5 signature"):
        read_in_workers(location, pieces, out)


def test_changed_file_is_opened_again(tmp_path: Path) -> None:
    location = write(tmp_path / "scan.h5", counts())
    read(location)

    write(tmp_path / "new.h5", counts() + 1).file.rename(location.file)
    assert np.array_equal(read(location), counts() + 1)

    write(location.file, counts("f8"))
    with pytest.raises(errors.FileDamaged, match="it holds float64 now"):
        read(location)


@pytest.mark.usefixtures("interruptible")
def test_interrupt_leaves_processes_that_can_be_used(tmp_path: Path) -> None:
    location = write(tmp_path / "scan.h5", counts())
    read(location)
    for pid in pids():
        os.kill(pid, signal.SIGSTOP)  # as a file system that hangs
    main = threading.main_thread().ident
    assert main is not None
    threading.Timer(0.3, signal.pthread_kill, (main, signal.SIGINT)).start()

    with pytest.raises(KeyboardInterrupt):
        read(location)

    assert np.array_equal(read(location), counts())


def test_many_threads_share_the_processes(tmp_path: Path) -> None:
    location = write(tmp_path / "scan.h5", counts(), **hdf5plugin.Blosc2())
    found: list[np.ndarray] = []

    threads = [
        threading.Thread(target=lambda: found.append(read(location))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert len(found) == 8
    assert all(np.array_equal(data, counts()) for data in found)
    assert len(pids()) <= 2


def test_fork_has_processes_of_its_own(tmp_path: Path) -> None:
    location = write(tmp_path / "scan.h5", counts())
    read(location)
    before = pids()

    child = os.fork()
    if not child:
        try:
            right = np.array_equal(read(location), counts()) and not before & pids()
            close_workers()
            os._exit(0 if right else 1)
        finally:
            os._exit(2)
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 0
    assert np.array_equal(read(location), counts())
    assert pids() == before


PARENT = """
    import os, sys, time
    import numpy as np
    from pathlib import Path
    from daisy_kernel.io.reading import Piece
    from daisy_kernel.io.reading.workers import Location, _state, read_in_workers
    file, dtype = Path(sys.argv[1]), np.dtype("u2")
    location = Location(file, "entry/data", dtype, (3, 20, 50), "x")
    whole = tuple(slice(0, n, 1) for n in (20, 64, 128))
    out = np.empty((20, 64, 128), "u2")
    read_in_workers(location, [Piece(whole, whole)] * 4, out)
    if not os.fork():  # holds nothing that would keep the readers alive
        os.close(1)
        time.sleep(20)
        os._exit(0)
    print(*[worker.pid for worker in _state.pool.workers], flush=True)
    sys.argv[2:] or time.sleep(60)
"""


@pytest.mark.parametrize("ending", ["killed", "returns"])
def test_processes_end_with_their_parent(tmp_path: Path, ending: str) -> None:
    location = write(tmp_path / "scan.h5", counts())
    command = [sys.executable, "-c", textwrap.dedent(PARENT), str(location.file)]
    command += ["now"] if ending == "returns" else []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        readers = [int(pid) for pid in parent.stdout.readline().split()]
        if ending == "killed":
            parent.kill()

    assert readers
    assert all(gone(pid) for pid in readers)


def test_closing_ends_the_processes_and_the_next_read_starts_new_ones(
    tmp_path: Path,
) -> None:
    location = write(tmp_path / "scan.h5", counts())
    read(location)
    before = pids()
    descriptors = len(os.listdir("/proc/self/fd"))

    close_workers()

    assert all(gone(pid) for pid in before)
    assert len(os.listdir("/proc/self/fd")) == descriptors - 4 * len(before)
    assert np.array_equal(read(location), counts())


def test_nothing_reaches_the_notebook(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    location = write(tmp_path / "scan.h5", counts())
    read(location)
    with pytest.raises(errors.FileDamaged, match="cannot be read"):
        read_in_workers(
            Location(location.file, "no/such", location.dtype, None, "scan"),
            [Piece((slice(0, 1, 1),), (slice(0, 1),))],
            np.empty(1, "u2"),
        )

    assert capfd.readouterr() == ("", "")


def test_no_processes_when_none_are_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from daisy_kernel.io.reading.workers import WorkersUnavailable

    location = write(tmp_path / "scan.h5", counts())
    close_workers()
    monkeypatch.setenv("DAISY_READERS", "0")

    with pytest.raises(WorkersUnavailable):
        read(location)


def test_a_process_that_does_not_start_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from daisy_kernel.io.reading.workers import WorkersUnavailable

    location = write(tmp_path / "scan.h5", counts())
    close_workers()
    monkeypatch.setattr(sys, "executable", "/bin/false")

    with pytest.raises(WorkersUnavailable, match="exit status 1"):
        read(location)


def in_dask(location: Location) -> bool:
    return bool(np.array_equal(read(location), counts()))


@pytest.mark.slow
def test_a_worker_of_dask_may_have_reader_processes(tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    location = write(tmp_path / "scan.h5", counts(), **hdf5plugin.Blosc2())

    with (
        distributed.LocalCluster(
            n_workers=1, threads_per_worker=2, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        futures = [client.submit(in_dask, location, pure=False) for _ in range(3)]
        assert client.gather(futures) == [True] * 3


def test_pool_never_has_more_processes_than_asked_for(tmp_path: Path) -> None:
    location = write(tmp_path / "scan.h5", counts())
    pool = Pool(1)
    out = np.empty(SHAPE, "u2")

    pool.read(location, plan(select(..., SHAPE), CHUNKS, 2, 20_000).pieces, out)

    assert len(pool.workers) == 1
    assert np.array_equal(out, counts())
    pool.close()
