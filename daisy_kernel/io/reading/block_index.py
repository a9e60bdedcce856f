"""The block index of bitshuffle chunks, kept from one session to the next.

A bitshuffle chunk is a chain of blocks that can be decoded alone, but whose places
are found only by walking through all that is stored. Whoever has done so keeps the
places: for everybody in the proposal's `processed/.daisy`, else in the user's cache;
never beside the raw data.

Requirements
- An index that does not belong to these very chunks is not used: the file's inode,
  size and time of change, and the table of its chunks, are compared; the core checks
  each length in the file against it again.
- It appears whole or not at all; a lost race between two writers does no harm.
- What cannot be kept is no error: it is only found again.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import platformdirs

from daisy_kernel.io.proposal import processed_folder
from daisy_kernel.native import ChunkTable, block_index, set_block_index

_VERSION = 1
# less is walked through in milliseconds
WORTH_KEEPING = 16 << 20
_MOST_BYTES = 2 << 30
# a file that has just changed will change again
_SETTLED_SECONDS = 2.0


@dataclass(frozen=True)
class Identity:
    """Which chunks an index is of.

    Attributes
    ----------
    file
        Its path.
    inode, size, modified_ns
        Of the file. Its device differs between containers, and is left out.
    digest
        Offsets and sizes of all chunks: a dataset may have many names.
    """

    file: Path
    inode: int
    size: int
    modified_ns: int
    digest: bytes

    @property
    def name(self) -> str:
        """Name of the index's file."""
        text = f"{_VERSION} {self.inode} {self.size} {self.modified_ns} "
        return hashlib.sha256(text.encode() + self.table).hexdigest()[:32] + ".npz"

    @property
    def table(self) -> bytes:
        """What the table of chunks has to be."""
        return hashlib.sha256(self.digest).digest()


class BlockIndex:
    """The blocks of one table: looked up when it is made, kept once all are known.

    Attributes
    ----------
    path
        Where the index is kept, if it is.
    """

    def __init__(self, table: ChunkTable, of: Identity) -> None:
        self._table, self._of = table, of
        self.path = load(table, of)
        self._settled = self.path is not None

    @property
    def is_complete(self) -> bool:
        """Whether the blocks of every chunk are known."""
        return self._settled or self._table.indexed == len(self._table)

    def keep(self) -> None:
        """Keep the index if a read has just completed it."""
        if not self._settled and self.is_complete:
            self.path = keep(self._table, self._of)
            self._settled = True

    @property
    def why_not(self) -> str:
        """Say why an index that was built is not kept."""
        if not self.is_complete:
            return "some chunks are stored without the filter"
        if _is_fresh(self._of):
            return "the file has just changed: it may still be written"
        folders = " or ".join(str(folder) for folder in _folders(self._of.file))
        return f"it cannot be written to {folders}"


def load(table: ChunkTable, of: Identity) -> Path | None:
    """Give a table the blocks that somebody found before; gives the index's file."""
    for folder in _folders(of.file):
        try:
            path = folder / of.name
            with path.open("rb") as file, np.load(file, allow_pickle=False) as kept:
                if kept["table"].tobytes() != of.table:
                    continue
                columns = (kept[name] for name in ("counts", "sizes", "starts"))
                if set_block_index(table, *columns):
                    return path
        except Exception:  # none there, or a broken one, which is as good as none
            continue
    return None


def keep(table: ChunkTable, of: Identity) -> Path | None:
    """Keep what a table knows; gives the file, None if it could not be written."""
    if _is_fresh(of):
        return None
    counts, sizes, starts = block_index(table)
    for folder in _folders(of.file):
        temporary = folder / f".{uuid.uuid4().hex}.part"
        try:
            _make(folder)
            with temporary.open("wb") as file:
                kept = np.frombuffer(of.table, np.uint8)
                np.savez(file, table=kept, counts=counts, sizes=sizes, starts=starts)
            temporary.replace(folder / of.name)
            _forget_oldest(folder)
        except OSError:
            continue
        finally:
            _remove(temporary)
        return folder / of.name
    return None


def _is_fresh(of: Identity) -> bool:
    return abs(time.time() - of.modified_ns / 1e9) < _SETTLED_SECONDS


def _folders(file: Path) -> Iterator[Path]:
    """Where an index may be: for the proposal, then for the user alone."""
    processed = processed_folder(file) or processed_folder(file.resolve())
    if processed:
        yield processed / ".daisy" / "blocks"
    yield platformdirs.user_cache_path("daisy") / "blocks"


def _make(folder: Path) -> None:
    """Make a folder that the proposal's members can write to as to its parent."""
    missing = [p for p in (folder.parent, folder) if not p.exists()]
    for path in missing:
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(path.parent.stat().st_mode & 0o7777)


def _forget_oldest(folder: Path) -> None:
    found = [(p.stat().st_mtime, p.stat().st_size, p) for p in folder.glob("*.npz")]
    total = sum(size for _, size, _ in found)
    for _, size, path in sorted(found):
        if total <= _MOST_BYTES:
            return
        _remove(path)
        total -= size


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)
