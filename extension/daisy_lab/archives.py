"""Files and folders as they are, from any byte on.

A folder comes as a tar file that is not compressed: where each file lies in it is
known from names and sizes alone, so that nothing has to be read to go on.
"""

import asyncio
import hashlib
import io
import os
import tarfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from daisy_lab.paths import is_recent
from daisy_lab.ranges import ContentChanged

BLOCK = 2**20
_RECORD = tarfile.BLOCKSIZE


@dataclass(frozen=True)
class Member:
    """A file of a folder: its name in the archive, and what it was like."""

    name: str
    file: str
    identity: tuple[int, int, int, int]  # device, inode, time of change, size

    @property
    def size(self) -> int:
        """Bytes."""
        return self.identity[3]


class FileContent:
    """Implements Content for one file."""

    def __init__(self, file: Path) -> None:
        self._member = Member(file.name, str(file), identity_of(os.stat(file)))
        self.size = self._member.size
        self.tag = tag_of([self._member])

    async def read(self, start: int, end: int) -> AsyncIterator[bytes]:
        """Give the bytes from *start* to *end*."""
        async for data in _bytes_of(self._member, start, end):
            yield data


class TarContent:
    """Implements Content for a folder.

    Parameters
    ----------
    left_out
        Names that are not in the archive, each with the reason.
    """

    def __init__(self, name: str, members: list[Member], left_out: list[str]) -> None:
        self._segments: list[tuple[int, bytes | Member]] = []
        self.size = 0
        for member in members:
            info = tarfile.TarInfo(member.name)
            info.size, info.mtime = member.size, member.identity[2] // 10**9
            self._add(info.tobuf(tarfile.PAX_FORMAT, "utf-8", "surrogateescape"))
            self._add(member)
            self._add(bytes(-member.size % _RECORD))
        if left_out:
            self._add_text(f"{name}/LEFT_OUT.txt", "\n".join([*left_out, ""]))
        self._add(bytes(2 * _RECORD))
        self.tag = tag_of(members, *left_out)

    async def read(self, start: int, end: int) -> AsyncIterator[bytes]:
        """Give the bytes from *start* to *end*."""
        for at, segment in self._segments:
            length = segment.size if isinstance(segment, Member) else len(segment)
            first, last = max(start - at, 0), min(end - at, length)
            if first >= last:
                continue
            if isinstance(segment, bytes):
                yield segment[first:last]
            else:
                async for data in _bytes_of(segment, first, last):
                    yield data

    def _add(self, segment: bytes | Member) -> None:
        self._segments.append((self.size, segment))
        self.size += segment.size if isinstance(segment, Member) else len(segment)

    def _add_text(self, name: str, text: str) -> None:
        data = text.encode("utf-8", "surrogateescape")
        info = tarfile.TarInfo(name)
        info.size = len(data)
        self._add(info.tobuf(tarfile.PAX_FORMAT) + data + bytes(-len(data) % _RECORD))


def identity_of(status: os.stat_result) -> tuple[int, int, int, int]:
    """Give what changes when a file is replaced or written."""
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size


def tag_of(members: list[Member], *more: str) -> str | None:
    """Give a tag without reading; None where a file may still be written."""
    if any(is_recent(member.identity[2] / 1e9) for member in members):
        return None
    told: Any = ([(m.name, m.identity) for m in members], more)
    text = repr(told).encode("utf-8", "surrogateescape")
    return f'"{hashlib.sha256(text).hexdigest()[:32]}"'


async def _bytes_of(member: Member, start: int, end: int) -> AsyncIterator[bytes]:
    """Read a file in threads; never more or less than was told of it."""
    file = await asyncio.to_thread(_open, member)
    try:
        while start < end:
            count = min(BLOCK, end - start)
            data = await asyncio.to_thread(os.pread, file.fileno(), count, start)
            if not data:
                raise ContentChanged(f"{member.file} has become shorter")
            yield data
            start += len(data)
    finally:
        file.close()


def _open(member: Member) -> io.FileIO:
    file = io.FileIO(member.file)
    now, then = identity_of(os.fstat(file.fileno())), member.identity
    grown = is_recent(then[2] / 1e9) and now[:2] == then[:2] and now[3] >= then[3]
    if now != then and not grown:
        file.close()
        raise ContentChanged(f"{member.file} has been changed")
    return file
