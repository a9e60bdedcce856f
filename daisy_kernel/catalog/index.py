"""Ask the index of one proposal: scans, samples, techniques."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from daisy_kernel.catalog.info import ScanInfo
from daisy_kernel.catalog.place import place_of
from daisy_kernel.catalog.query import Query
from daisy_kernel.catalog.snapshot import COLUMNS, connect, rows
from daisy_kernel.model import Page
from daisy_kernel.model.closing import Closing

Order = Literal["newest", "oldest", "name", "sample"]
COUNTED = 10_000  # matches; beyond, a list is only said to be longer
_ORDERS = {
    "newest": "scan.id DESC",
    "oldest": "scan.id",
    "name": "scan.name, scan.id DESC",
    "sample": "scan.sample, scan.id DESC",
}


@dataclass(frozen=True)
class Sample:
    """A sample of a proposal, and how many scans there are of it."""

    name: str
    scans: int
    newest: float


class Index(Closing):
    """The index of a proposal as it was when this was made.

    Parameters
    ----------
    proposal
        Folder of the proposal.

    Raises
    ------
    LookupError
        There is no index yet, or none that can be read.
    """

    def __init__(self, proposal: str | os.PathLike[str]) -> None:
        self.proposal = Path(proposal).absolute()
        connection = connect(place_of(proposal).index)
        if connection is None:
            raise LookupError(f"{proposal} has no index")
        self._connection = connection

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def search(
        self,
        query: Query,
        offset: int = 0,
        limit: int = 100,
        order: Order = "newest",
        sample: str | None = None,
    ) -> Page[ScanInfo]:
        """Find scans, page by page.

        Parameters
        ----------
        query
            See `understand`.
        offset, limit, order
            The page.
        sample
            Only scans of this sample; "" for those that name none.

        Returns
        -------
        :
            The total is counted up to `COUNTED` + 1.
        """
        source, values = self._source(query, sample)
        order_by = _ORDERS[order]
        if query.match and order in ("newest", "oldest"):
            # full-text search walks in this order by itself
            order_by = order_by.replace("scan.id", "words.rowid")
        found = rows(
            self._connection,
            f"SELECT {COLUMNS} {source} ORDER BY {order_by} LIMIT ? OFFSET ?",
            (*values, limit, offset),
            self.proposal,
        )
        return Page(tuple(found), self._count(source, values), offset)

    def samples(self, query: Query) -> list[Sample]:
        """List the samples that a search finds scans of, newest first."""
        source, values = self._source(query, None)
        return [
            Sample(name, count, newest * 1e-6)
            for name, count, newest in self._all(
                f"SELECT scan.sample, count(*), max(scan.id) {source} "
                "GROUP BY scan.sample ORDER BY 3 DESC",
                values,
            )
        ]

    def techniques(self) -> list[str]:
        """List the techniques of the proposal, by name."""
        found = self._all("SELECT DISTINCT technique FROM scan ORDER BY technique", ())
        return [name for (name,) in found if name]

    def not_described(self) -> int:
        """Count the scans whose files were not opened yet."""
        ((count,),) = self._all("SELECT count(*) FROM scan WHERE NOT described", ())
        return int(count)

    def neighbour(self, area: str, name: str, by: Literal[-1, 1]) -> ScanInfo | None:
        """Give the scan before (-1) or after (1) in time, of the same area."""
        sign, way = ("<", "DESC") if by < 0 else (">", "ASC")
        query = (
            f"SELECT {COLUMNS} FROM scan WHERE area = ?1 AND problem = '' AND id {sign}"
            " (SELECT id FROM scan WHERE area = ?1 AND name = ?2)"
            f" ORDER BY id {way} LIMIT 1"
        )
        return next(rows(self._connection, query, (area, name), self.proposal), None)

    def _source(self, query: Query, sample: str | None) -> tuple[str, list[Any]]:
        """Say FROM ... WHERE, and the values in it."""
        conditions: list[str] = []
        values: list[Any] = []
        tables = "FROM scan"
        key = "scan.id"
        if query.match:
            tables = "FROM words JOIN scan ON scan.id = words.rowid"
            key = "words.rowid"
            conditions.append("words MATCH ?")
            values.append(query.match)
        if query.without:
            conditions.append(
                f"{key} NOT IN (SELECT rowid FROM words WHERE words MATCH ?)"
            )
            values.append(query.without)
        for sign, seconds in ((">=", query.first), ("<", query.end)):
            if seconds is not None:
                conditions.append(f"{key} {sign} ?")
                values.append(int(min(seconds, 2**33) * 1e6))
        for condition, given in query.where:
            conditions.append(f"scan.{condition}")
            values += given
        if sample is not None:
            conditions.append("scan.sample = ?")
            values.append(sample)
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        return tables + where, values

    def _count(self, source: str, values: Sequence[Any]) -> int:
        query = f"SELECT count(*) FROM (SELECT 1 {source} LIMIT {COUNTED + 1})"
        ((count,),) = self._all(query, values)
        return int(count)

    def _all(self, query: str, values: Sequence[Any]) -> list[Any]:
        try:
            return self._connection.execute(query, tuple(values)).fetchall()
        except sqlite3.DatabaseError as error:
            raise LookupError(
                f"the index of {self.proposal} cannot be read: {error}"
            ) from error
