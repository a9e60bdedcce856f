"""The index of a proposal as a file: written aside, then put in place as a whole.

SQLite's own locks cannot be trusted on network file systems, and are not used:
writers work on a copy that nobody else knows, in the machine's temporary folder;
readers open what was put in place as immutable.

The key of a scan is the time at which it began, in microseconds, so that full-text
search gives the newest first without sorting.
"""

from __future__ import annotations

import contextlib
import glob
import os
import re
import shutil
import sqlite3
import tempfile
import time
import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from daisy_kernel.catalog.info import ScanInfo
from daisy_kernel.catalog.query import TEXT_FIELDS, spaced

VERSION = 2  # of the tables; an index of another version is made anew
_LISTS = ("users", "detectors", "axes")
_COLUMNS = (
    "name",
    "area",
    "kind",
    "size",
    "mtime",
    "problem",
    "title",
    "sample",
    "technique",
    "start_time",
    "users",
    "instrument",
    "detectors",
    "shape",
    "axes",
    "energy_kev",
    "identity",
)
_TABLES = f"""
CREATE TABLE scan (
  id INTEGER PRIMARY KEY,
  described INTEGER NOT NULL,
  {", ".join(_COLUMNS)},
  UNIQUE (area, name)
);
CREATE INDEX sample_of_scan ON scan (sample, id);
CREATE INDEX technique_of_scan ON scan (technique);
CREATE INDEX not_described ON scan (area, id) WHERE NOT described;
CREATE VIRTUAL TABLE words USING fts5 (
  {", ".join(TEXT_FIELDS.values())},
  tokenize = "unicode61 remove_diacritics 2", prefix = '1 2 3'
);
PRAGMA user_version = {VERSION};
"""
_SEPARATOR = "\n"
# AgBehenate_228b -> Ag, Behenate, 228, b
_PIECES = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_FAST = ("journal_mode = OFF", "synchronous = OFF", "cache_size = -65536")
_LEFT_OVER = 3600.0  # seconds after which an unfinished copy has no owner any more


def connect(path: Path) -> sqlite3.Connection | None:
    """Open a snapshot for reading; None if there is none that can be read."""
    if not path.is_file():
        return None
    address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    try:
        connection = sqlite3.connect(address, uri=True)
        # another member may have written it: nothing in it is run
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA query_only = ON")
        connection.execute(f"PRAGMA mmap_size = {2**30}")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    except sqlite3.Error:
        return None
    if version != VERSION:
        connection.close()
        return None
    return connection


def info_of(row: sqlite3.Row | tuple[Any, ...], proposal: Path) -> ScanInfo:
    """Make a line of the catalogue of a row with all columns."""
    fields = dict(zip(_COLUMNS, row, strict=True))
    for name in _LISTS:
        fields[name] = tuple(filter(None, str(fields[name]).split(_SEPARATOR)))
    fields["shape"] = tuple(int(n) for n in str(fields["shape"]).split())
    path = proposal / str(fields["area"]) / str(fields["name"])
    return ScanInfo(
        path=str(path),
        beamline=proposal.parent.name,
        proposal=proposal.name,
        **fields,
    )


COLUMNS = ", ".join(f"scan.{name}" for name in _COLUMNS)


class Draft:
    """A copy of the index that is being changed, and put in place by `publish`."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._folder = tempfile.TemporaryDirectory(prefix="daisy-catalog-")
        self._file = Path(self._folder.name, "catalog.sqlite")
        self._changed = False
        known = connect(target)
        self._copied = known is None  # a copy is made when there is something to write
        self._connection = known or self._new()

    def __enter__(self) -> Draft:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        self._folder.cleanup()

    def identities(self) -> dict[tuple[str, str], str]:
        """Give what is known: (area, name) -> identity."""
        try:
            found = self._connection.execute("SELECT area, name, identity FROM scan")
            return {(area, name): identity for area, name, identity in found}
        except sqlite3.DatabaseError:  # damaged: everything is looked at again
            self._start_anew()
            return {}

    def put(self, infos: Iterable[ScanInfo], described: bool) -> None:
        """Add scans, or replace what was known of them."""
        for info in infos:
            self._change()
            self._remove(info.area, info.name)
            self._insert(info, described)

    def remove(self, names: Iterable[tuple[str, str]]) -> None:
        """Forget scans, by area and name."""
        for area, name in names:
            self._change()
            self._remove(area, name)

    def not_described(self, limit: int) -> list[tuple[str, str]]:
        """Give scans whose files were not opened yet: raw ones first, newest first."""
        query = (
            "SELECT area, name FROM scan WHERE NOT described "
            "ORDER BY area DESC, id DESC LIMIT ?"
        )
        return self._connection.execute(query, (limit,)).fetchall()

    def info(self, area: str, name: str, proposal: Path) -> ScanInfo | None:
        """Give what is known of a scan."""
        query = f"SELECT {COLUMNS} FROM scan WHERE area = ? AND name = ?"
        row = self._connection.execute(query, (area, name)).fetchone()
        return None if row is None else info_of(row, proposal)

    def sample_of(self, scan: str) -> str:
        """Give the sample of a raw scan by its name without suffix, "" if unknown."""
        query = (
            "SELECT sample FROM scan WHERE area = 'raw' AND sample != '' "
            "AND (name = ?1 OR name GLOB ?2) ORDER BY id DESC LIMIT 1"
        )
        row = self._connection.execute(query, (scan, f"{glob.escape(scan)}.*"))
        return next((str(sample) for (sample,) in row), "")

    def publish(self) -> None:
        """Put what was written so far in place of the snapshot, as a whole.

        Nothing happens where nothing has changed, and there is a snapshot.
        """
        if not self._changed and self._target.exists():
            return
        self._change()
        self._connection.commit()
        _forget_left_overs(self._target.parent)
        part = self._target.with_name(f".{uuid.uuid4().hex}.part")
        try:
            with self._file.open("rb") as source, part.open("wb") as target:
                shutil.copyfileobj(source, target, 2**22)
                target.flush()
                os.fsync(target.fileno())
            part.chmod(self._target.parent.stat().st_mode & 0o666)
            part.replace(self._target)
        finally:
            part.unlink(missing_ok=True)
        self._changed = False

    def _change(self) -> None:
        """Go from the snapshot, which is only read, to a copy of it."""
        self._changed = True
        if self._copied:
            return
        self._connection.close()
        shutil.copyfile(self._target, self._file)
        self._connection = self._opened()
        self._copied = True
        if not self._sound():
            self._start_anew()

    def _start_anew(self) -> None:
        self._connection.close()
        self._file.unlink(missing_ok=True)
        self._connection = self._new()
        self._copied = True

    def _new(self) -> sqlite3.Connection:
        connection = self._opened()
        connection.executescript(_TABLES)
        return connection

    def _opened(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._file)
        # what is lost in a crash is this copy, which nobody knows
        for pragma in _FAST:
            connection.execute(f"PRAGMA {pragma}")
        return connection

    def _sound(self) -> bool:
        try:
            (answer,) = self._connection.execute("PRAGMA quick_check(1)").fetchone()
        except sqlite3.DatabaseError:
            return False
        return bool(answer == "ok")

    def _remove(self, area: str, name: str) -> None:
        query = "SELECT id FROM scan WHERE area = ? AND name = ?"
        for (key,) in self._connection.execute(query, (area, name)).fetchall():
            self._connection.execute("DELETE FROM scan WHERE id = ?", (key,))
            self._connection.execute("DELETE FROM words WHERE rowid = ?", (key,))

    def _insert(self, info: ScanInfo, described: bool) -> None:
        values: dict[str, Any] = {name: getattr(info, name) for name in _COLUMNS}
        for name in _LISTS:
            values[name] = _SEPARATOR.join(values[name])
        values["shape"] = " ".join(str(n) for n in info.shape)
        key = self._free_key(began(info))
        marks = ", ".join("?" * (2 + len(_COLUMNS)))
        self._connection.execute(
            f"INSERT INTO scan VALUES ({marks})",
            (key, int(described), *values.values()),
        )
        texts = [words(str(values[name])) for name in TEXT_FIELDS.values()]
        marks = ", ".join("?" * (1 + len(texts)))
        names = ", ".join(TEXT_FIELDS.values())
        self._connection.execute(
            f"INSERT INTO words (rowid, {names}) VALUES ({marks})", (key, *texts)
        )

    def _free_key(self, seconds: float) -> int:
        key = int(seconds * 1e6)
        query = "SELECT 1 FROM scan WHERE id = ?"
        while self._connection.execute(query, (key,)).fetchone():
            key += 1
        return key


def began(info: ScanInfo) -> float:
    """Say when a scan began, seconds since 1970: as it says itself, else its mtime."""
    try:
        return datetime.fromisoformat(info.start_time).timestamp()
    except (ValueError, OverflowError, OSError):
        return info.mtime


def words(text: str) -> str:
    """Give a text as it is searched: with the pieces of names like AgBehenate_228b."""
    pieces = _PIECES.findall(text)
    apart = spaced(text)
    parts = [text, *([" ".join(pieces)] if len(pieces) > 1 else [])]
    return _SEPARATOR.join([*parts, *([apart] if apart != text else [])])


def rows(
    connection: sqlite3.Connection, query: str, values: Iterable[Any], proposal: Path
) -> Iterator[ScanInfo]:
    """Give the scans that a query with all columns finds."""
    for row in connection.execute(query, tuple(values)):
        yield info_of(row, proposal)


def _forget_left_overs(folder: Path) -> None:
    """Remove copies whose writers were killed."""
    for part in folder.glob(".*.part"):
        with contextlib.suppress(OSError):
            if time.time() - part.stat().st_mtime > _LEFT_OVER:
                part.unlink()
