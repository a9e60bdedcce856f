"""Identity of inputs: what a result remembers of the files that it was made from.

Requirements
- It does not depend on where files lie: a copy that keeps names and times, in another
  folder or seen through another mount, is the same input.
- A file that was touched, rewritten, grown or changed in place is another one; so is
  a dataset when a member of it is.
- No numbers are read, but by `full_hash`.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from daisy_kernel.io.open import AnyPath, locate, open_scan
from daisy_kernel.io.tracing import (
    apart_from_place,
    digest,
    joined,
    stamp,
    trace_of,
    trace_of_files,
)
from daisy_kernel.model import Dataset, Scan
from daisy_kernel.model.errors import FormatNotSupported, NothingToShow
from daisy_kernel.model.nodes import Trace

# goes up when the same input would get another digest
_VERSION = 1
_NS = 1_000_000_000


@dataclass(frozen=True)
class InputFile:
    """A file when it was looked at.

    Attributes
    ----------
    size
        In bytes.
    modified_ns
        Time of its last change, ns since 1970.
    """

    path: str
    size: int
    modified_ns: int

    @property
    def modified(self) -> str:
        """Time of its last change, ISO 8601 in UTC, to the nanosecond."""
        seconds, ns = divmod(self.modified_ns, _NS)
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{ns:09d}Z"

    def as_dict(self) -> dict[str, Any]:
        """Give plain values, for JSON."""
        return {**asdict(self), "modified": self.modified}


@dataclass(frozen=True)
class Identity:
    """What tells an input from another one.

    Attributes
    ----------
    files
        The file that was opened, and all that hold the numbers.
    header
        Digest of what says what the numbers are: shape, type, filters, attributes.
    chunks
        Digest of where they are in the files.
    digest
        Of all this but the folders, 32 hexadecimal characters.
    """

    files: tuple[InputFile, ...]
    header: str
    chunks: str
    digest: str

    def as_dict(self) -> dict[str, Any]:
        """Give plain values, for JSON."""
        files = [file.as_dict() for file in self.files]
        return {**asdict(self), "files": files}


def identity(of: Dataset | Scan | AnyPath | Sequence[AnyPath]) -> Identity:
    """Look at files as they are now, and say which input they are.

    Parameters
    ----------
    of
        A dataset; a scan, for all that is worth drawing in it; or what `daisy.open`
        opens. Of a file that is no scan, only its first bytes are the header.

    Raises
    ------
    FileMissing, FileDamaged, SourceMissing
        As when it is opened and read.
    NothingToShow
        A folder without numbers.
    """
    if isinstance(of, Dataset):
        return _identity(_trace(of), of.file)
    if isinstance(of, Scan):
        return _of_scan(of)
    try:
        with open_scan(of) as scan:
            return _of_scan(scan)
    except FormatNotSupported:
        if not isinstance(of, str | os.PathLike) or not (path := locate(of)).is_file():
            raise
        return _identity(trace_of_files([str(path)]), str(path))


def _of_scan(scan: Scan) -> Identity:
    traces = [_trace(signal) for signal in scan.signals]
    if traces:
        return _identity(joined(traces), scan.path)
    if not os.path.isfile(scan.path):
        raise NothingToShow(scan.path, "there are no numbers in it to identify")
    return _identity(trace_of_files([scan.path]), scan.path)


def _trace(dataset: Dataset) -> Trace:
    return trace_of(dataset.source)


def _identity(trace: Trace, opened: str) -> Identity:
    """Add the file that was opened: it may only lead to those with the numbers."""
    files = list(trace.files)
    if Path(opened).is_file() and opened not in (path for path, *_ in files):
        files.insert(0, stamp(opened))
    whole = digest(_VERSION, apart_from_place(files), trace.header, trace.chunks)
    return Identity(
        tuple(InputFile(*file) for file in files),
        trace.header.hex(),
        trace.chunks.hex(),
        whole.hex(),
    )
