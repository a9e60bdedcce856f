"""Pieces of an identity: digests of values, and what a file is like now."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from daisy_kernel.model import Dataset
from daisy_kernel.model.errors import FileMissing
from daisy_kernel.model.gathered import GatheredArray
from daisy_kernel.model.nodes import ArraySource, HasFiles, HasTrace, Trace
from daisy_kernel.model.taken import TakenArray
from daisy_kernel.model.windowed import WindowArray

# path, size in bytes, time of change in ns
FileStamp = tuple[str, int, int]
_BYTES = 16


def digest(*values: Any) -> bytes:
    """Give 16 bytes that are the same for the same values, in every process.

    Text, bytes, numbers, arrays, and lists and mappings of these; of what is
    something else only its type counts.
    """
    found = hashlib.blake2b(digest_size=_BYTES)
    for piece in _pieces(values):
        # with its length, so that ("ab", "c") is not ("a", "bc")
        found.update(len(piece).to_bytes(8, "little"))
        found.update(piece)
    return found.digest()


def stamp(path: str | Path) -> FileStamp:
    """Say what a file is like now.

    Raises
    ------
    FileMissing
        It is gone, or in a folder that may not be read.
    """
    try:
        status = os.stat(path)
    except OSError as error:
        raise FileMissing(str(path), f"cannot be found: {error.strerror}") from error
    return str(path), status.st_size, status.st_mtime_ns


def apart_from_place(files: Iterable[FileStamp]) -> list[FileStamp]:
    """Give what of files does not depend on where they lie.

    Their names stay: times can be coarse, and the files of two scans alike.
    """
    return [(os.path.basename(path), size, time) for path, size, time in files]


def first_bytes(path: str | Path, count: int = 4096) -> bytes:
    """Read the beginning of a file.

    Raises
    ------
    FileMissing
        It is gone, or may not be read.
    """
    try:
        with open(path, "rb") as file:
            return file.read(count)
    except OSError as error:
        raise FileMissing(str(path), f"cannot be read: {error.strerror}") from error


def trace_of(source: ArraySource) -> Trace:
    """Give the trace of any array: by its reader, else of its files.

    Raises
    ------
    DataError
        A file is gone or damaged, as for `read`.
    """
    if isinstance(source, HasTrace):
        return source.trace()
    if isinstance(source, TakenArray | WindowArray | GatheredArray):
        whole = trace_of(source.whole)
        header = digest(whole.header, type(source).__name__, source.part)
        return Trace(whole.files, header, whole.chunks)
    names = source.files() if isinstance(source, HasFiles) else ()
    return trace_of_files(names or (source.file,), source)


def trace_of_files(
    names: Sequence[str], array: ArraySource | Dataset | None = None
) -> Trace:
    """Give the trace of files of which only names and first bytes are known."""
    files = tuple(stamp(name) for name in names)
    header: list[Any] = [first_bytes(n) for n in names[:1] if os.path.isfile(n)]
    if array is not None:
        header += [array.path, array.shape, repr(array.dtype), array.attrs]
    return Trace(files, digest(header), digest(apart_from_place(files)))


def joined(traces: Sequence[Trace]) -> Trace:
    """Make one trace of several; a file that is behind some of them comes once."""
    if len(traces) == 1:
        return traces[0]
    files = {file[0]: file for trace in traces for file in trace.files}
    return Trace(
        tuple(files.values()),
        digest([trace.header for trace in traces]),
        digest([(len(t.files), t.chunks) for t in traces]),
    )


def _pieces(value: Any) -> Iterator[bytes]:
    """Take a value apart: its kind, and then what is in it."""
    if isinstance(value, bytes):
        yield from (b"bytes", value)
    elif isinstance(value, str):
        yield from (b"text", value.encode("utf-8", "surrogateescape"))
    elif isinstance(value, np.ndarray | np.generic):  # before float, which some are
        yield from _pieces_of_array(np.asarray(value))
    elif value is None or isinstance(value, bool | int | float | complex):
        yield from (b"number", repr(value).encode())
    elif isinstance(value, Mapping):
        yield b"mapping %d" % len(value)
        for name in sorted(value, key=str):
            yield from _pieces(str(name))
            yield from _pieces(value[name])
    elif isinstance(value, list | tuple):
        yield b"list %d" % len(value)
        for item in value:
            yield from _pieces(item)
    else:
        yield from (b"other", type(value).__name__.encode())


def _pieces_of_array(array: Any) -> Iterator[bytes]:
    yield f"array {array.shape} {array.dtype!r}".encode()
    if array.dtype.hasobject:
        for item in array.reshape(-1).tolist():
            yield from _pieces(item)
    else:
        yield array.tobytes()
