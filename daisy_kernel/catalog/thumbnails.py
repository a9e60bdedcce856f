"""Small pictures of scans, kept beside the index of their proposal.

One PNG file per scan, named after the scan and its identity: a file that was written
again has another. An empty file says that there is nothing to draw.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import uuid
from pathlib import Path

from daisy_kernel.catalog.place import place_of
from daisy_kernel.catalog.scans import AREAS

LARGEST = 2**18  # bytes; another member may have put anything there
_PNG = b"\x89PNG\r\n\x1a\n"


class Thumbnails:
    """The small pictures of one proposal.

    Parameters
    ----------
    proposal
        Folder of the proposal. Where it may not be written, they are kept in the
        user's cache.
    """

    def __init__(self, proposal: str | os.PathLike[str]) -> None:
        self._place = place_of(proposal)

    def get(self, scan: str | os.PathLike[str]) -> bytes | None:
        """Give the PNG of a scan, b"" if it has none, None if it was not made yet."""
        with contextlib.suppress(OSError):
            file = self._file(Path(scan))
            if file.stat().st_size > LARGEST:
                return None
            known = file.read_bytes()
            if not known or known.startswith(_PNG):
                return known
        return None

    def put(self, scan: str | os.PathLike[str], png: bytes) -> None:
        """Keep the PNG of a scan, in place of older ones; b"" if it has none.

        A folder that cannot be written is no error: it is made again next time.
        """
        with contextlib.suppress(OSError):
            file = self._file(Path(scan))
            self._place.make()
            part = file.with_name(f".{uuid.uuid4().hex}.part")
            try:
                part.write_bytes(png)
                part.chmod(file.parent.stat().st_mode & 0o666)
                part.replace(file)
            finally:
                part.unlink(missing_ok=True)
            self._forget(file.name.partition("-")[0], but=file.name)

    def forget(self, area: str, name: str) -> None:
        """Remove the pictures of a scan that is gone."""
        self._forget(_digest(f"{area}/{name}"))

    def _file(self, scan: Path) -> Path:
        name = scan.relative_to(self._place.proposal)
        if name.parts[0] not in AREAS:
            raise FileNotFoundError(scan)
        status = scan.stat()
        identity = f"{status.st_ino}-{status.st_mtime_ns}-{status.st_size}"
        key = f"{_digest(name.as_posix())}-{_digest(identity)}.png"
        return self._place.thumbnails / key

    def _forget(self, key: str, but: str = "") -> None:
        for old in self._place.thumbnails.glob(f"{key}-*.png"):
            if old.name != but:
                with contextlib.suppress(OSError):
                    old.unlink()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:20]
