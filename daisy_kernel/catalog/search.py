"""`daisy.search`: scans of all proposals one sees."""

from __future__ import annotations

import heapq
import os
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import overload

from daisy_kernel.catalog.index import COUNTED, Index
from daisy_kernel.catalog.info import ScanInfo
from daisy_kernel.catalog.proposals import Proposal, proposals
from daisy_kernel.catalog.query import Query, understand
from daisy_kernel.catalog.snapshot import began
from daisy_kernel.io import data_folder


class Found(Sequence[ScanInfo]):
    """Scans that a search has found, newest first.

    Attributes
    ----------
    total
        How many there are; more than `counted` are not counted further.
    without_index
        Proposals that could not be searched yet: nobody has looked into them.
    """

    counted = COUNTED

    def __init__(
        self, infos: Sequence[ScanInfo], total: int, without_index: Sequence[str]
    ) -> None:
        self._infos = tuple(infos)
        self.total = total
        self.without_index = tuple(without_index)

    @overload
    def __getitem__(self, index: int) -> ScanInfo: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[ScanInfo]: ...
    def __getitem__(self, index: int | slice) -> ScanInfo | Sequence[ScanInfo]:
        return self._infos[index]

    def __len__(self) -> int:
        return len(self._infos)

    def __iter__(self) -> Iterator[ScanInfo]:
        return iter(self._infos)

    def __repr__(self) -> str:
        from daisy_kernel.catalog.table import found_text

        return found_text(self)

    def _repr_html_(self) -> str:
        from daisy_kernel.catalog.table import found_html

        return found_html(self)


def search(
    text: str = "", limit: int = 100, root: str | os.PathLike[str] | None = None
) -> Found:
    """Find scans in the indexes of all proposals one sees, newest first.

    Parameters
    ----------
    text
        Words, and fields with a colon: `sample:tooth technique:tomography
        after:2026-01 energy:8..9 -dark`. Fields are name, title, sample, technique,
        user, instrument, detector, axis, beamline, proposal, area, kind, energy
        (keV), after, before and on. Empty text finds everything.
    limit
        Most scans to give.
    root
        Folder with a folder per beamline; the data folder by default.

    Raises
    ------
    SearchNotUnderstood
        Names the part, and what can stand there.

    Examples
    --------
    >>> for scan in daisy.search("sample:tooth after:2026-01"):  # doctest: +SKIP
    ...     print(scan.name, scan.open().signal)
    """
    query = understand(text)
    found: list[list[ScanInfo]] = []
    total, absent = 0, []
    for proposal in wanted(query, proposals(root or data_folder())):
        try:
            with Index(proposal.path) as index:
                page = index.search(query, limit=limit)
        except LookupError:
            absent.append(f"{proposal.beamline}/{proposal.name}")
            continue
        found.append(list(page.items))
        total += page.total
    merged = heapq.merge(*found, key=began, reverse=True)
    return Found(list(islice(merged, limit)), total, absent)


def wanted(query: Query, known: Sequence[Proposal]) -> list[Proposal]:
    """Give the proposals that a search asks for, or all."""
    return [
        proposal
        for proposal in known
        if (not query.beamlines or proposal.beamline.lower() in query.beamlines)
        and (not query.proposals or proposal.name.lower() in query.proposals)
    ]
