"""The process that reads with h5py for another one, into memory that both see.

Requests come as lines of JSON on the standard input, answers leave as lines of JSON;
the numbers go through a memory file whose descriptor is the first argument. The process
ends with its parent, even in the middle of a read.
"""

from __future__ import annotations

import json
import math
import mmap
import os
import select
import signal
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from h5py import h5d, h5p

from daisy_kernel.io.hdf5.files import open_file
from daisy_kernel.model.errors import DataError, FileDamaged, FileMissing

_MOST_FILES = 4
Stamp = tuple[int, int, int]


@dataclass
class _OpenFile:
    stamp: Stamp
    file: h5py.File
    datasets: dict[str, h5py.Dataset] = field(default_factory=dict)


class Reader:
    """Keeps the last files open, and the memory mapped."""

    def __init__(self, memory: int) -> None:
        self._memory = memory
        self._mapping: mmap.mmap | None = None
        self._files: dict[str, _OpenFile] = {}

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Read one piece and say how that went."""
        try:
            self._read(request)
        except DataError as error:
            return {"error": type(error).__name__, "arguments": list(error.args)}
        except Exception as error:  # a filter may raise anything
            reason = f"cannot be read: {error}"
            return {"error": "FileDamaged", "arguments": [request["where"], reason]}
        return {}

    def _read(self, request: dict[str, Any]) -> None:
        dataset = self._dataset(request["file"], request["dataset"])
        if str(dataset.dtype) != request["dtype"]:
            raise FileDamaged(
                request["where"],
                f"the file has changed: it holds {dataset.dtype} now, "
                f"not {request['dtype']}. Open it again.",
            )
        source = tuple(slice(*numbers) for numbers in request["source"])
        shape = tuple(len(range(s.start, s.stop, s.step)) for s in source)
        memory = self._room(request["room"])
        if math.prod(shape) * dataset.dtype.itemsize > len(memory):
            raise ValueError("the shared memory is too small")
        buffer: Any = np.ndarray(shape, dataset.dtype, memory)
        dataset.read_direct(buffer, source)

    def _room(self, size: int) -> mmap.mmap:
        if self._mapping is None or len(self._mapping) != size:
            self._mapping = mmap.mmap(self._memory, size)
        return self._mapping

    def _dataset(self, path: str, name: str) -> h5py.Dataset:
        opened = self._file(path)
        if name not in opened.datasets:
            access = h5p.create(h5p.DATASET_ACCESS)
            # as everywhere: raw data files lie beside the file that names them
            access.set_efile_prefix(b"${ORIGIN}")
            found = h5d.open(opened.file.id, name.encode(), access)
            opened.datasets[name] = h5py.Dataset(found)
        return opened.datasets[name]

    def _file(self, path: str) -> _OpenFile:
        stamp = _stamp(path)
        opened = self._files.pop(path, None)
        if opened and opened.stamp != stamp:
            opened.file.close()
            opened = None
        if opened is None:
            opened = _OpenFile(stamp, open_file(Path(path)))
        self._files[path] = opened
        if len(self._files) > _MOST_FILES:  # the first one was not used for longest
            self._files.pop(next(iter(self._files))).file.close()
        return opened


def _stamp(path: str) -> Stamp:
    """Give what changes when a file is written or replaced."""
    try:
        found = os.stat(path)
    except PermissionError as error:
        raise FileMissing(path, "permission denied") from error
    except FileNotFoundError as error:
        raise FileMissing(path, "no such file") from error
    return found.st_ino, found.st_mtime_ns, found.st_size


def _leave_with_parent() -> None:
    """End when the other end of the standard input is closed."""
    watch = select.poll()
    watch.register(0, 0)  # hanging up is reported always
    watch.poll()
    os._exit(0)


def main() -> None:
    """Answer requests until there are no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "w")
    # a library that prints must not disturb the answers
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    reader = Reader(int(sys.argv[1]))
    answers.write("{}\n")  # ready
    answers.flush()
    while line := sys.stdin.readline():
        answers.write(json.dumps(reader.answer(json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
