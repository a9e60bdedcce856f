"""Jobs on the catalogue: proposals, their samples and scans."""

from pathlib import Path
from typing import Literal

from daisy_kernel import catalog
from daisy_kernel.catalog import ScanInfo
from daisy_lab.jobs.values import Json, Result

MOST_WALKED = 1000  # scans gone through where there is no index


def proposals(root: str) -> Result:
    """List the proposals below the data folder."""
    found = catalog.proposals(Path(root))
    return [
        {
            "beamline": p.beamline,
            "name": p.name,
            "path": str(p.path),
            "title": p.title,
            "problem": p.problem,
        }
        for p in found
    ], b""


def scans(
    proposal: str,
    offset: int,
    limit: int,
    filter: str,
    order: Literal["newest", "oldest", "name"],
    sample: str | None,
) -> Result:
    """List a page of the scans that a search finds in a proposal.

    Where nobody has made an index yet, the names in the folders are listed, the
    newest first.
    """
    query = catalog.understand(filter)
    try:
        with catalog.Index(proposal) as index:
            page = index.search(query, offset, limit, order, sample)
    except LookupError:
        page = catalog.scans(proposal, offset, limit, filter)
    items = [told_scan(info) for info in page.items]
    return {"items": items, "total": page.total, "offset": page.offset}, b""


def samples(proposal: str, filter: str) -> Result:
    """List the samples that a search finds in a proposal, and what to search for."""
    query = catalog.understand(filter)
    try:
        with catalog.Index(proposal) as index:
            found, techniques = index.samples(query), index.techniques()
            pending = index.not_described()
    except LookupError:
        return {"samples": [], "techniques": [], "pending": 0}, b""
    return {
        "samples": [
            {"name": s.name, "scans": s.scans, "newest": s.newest} for s in found
        ],
        "techniques": techniques,
        "pending": pending,
    }, b""


def neighbour(path: str, proposal: str, by: Literal[-1, 1]) -> Result:
    """Give the scan before (-1) or after (1) in time, of the same area, or None."""
    area, *names = Path(path).relative_to(proposal).parts
    name = "/".join(names)
    try:
        with catalog.Index(proposal) as index:
            found = index.neighbour(area, name, by)
    except LookupError:
        found = _walked_neighbour(proposal, area, name, by)
    return {"scan": None if found is None else told_scan(found)}, b""


def newest(proposals: list[str]) -> Result:
    """Give the scan of all these proposals that began last, of raw data, or None."""
    query = catalog.understand("area:raw")
    found: list[ScanInfo] = []
    for proposal in proposals:
        try:
            with catalog.Index(proposal) as index:
                found += index.search(query, limit=1).items
        except LookupError:
            walked = catalog.scans(proposal, limit=MOST_WALKED).items
            found += [info for info in walked if info.area == "raw"][:1]
    last = max(found, key=catalog.began, default=None)
    return {"scan": None if last is None else told_scan(last)}, b""


def _walked_neighbour(
    proposal: str, area: str, name: str, by: Literal[-1, 1]
) -> ScanInfo | None:
    walked = catalog.scans(proposal, limit=MOST_WALKED).items
    row = [info for info in walked if info.area == area]
    here = next((i for i, info in enumerate(row) if info.name == name), None)
    # the newest is the first
    there = -1 if here is None else here - by
    return row[there] if 0 <= there < len(row) else None


def told_scan(info: ScanInfo) -> Json:
    """Tell what the catalogue knows of a scan."""
    return {
        "name": info.name,
        "path": info.path,
        "area": info.area,
        "kind": info.kind,
        "size": info.size,
        "mtime": info.mtime,
        "title": info.title,
        "technique": info.technique,
        "start_time": info.start_time,
        "sample": info.sample,
        "users": list(info.users),
        "instrument": info.instrument,
        "detectors": list(info.detectors),
        "shape": list(info.shape),
        "axes": list(info.axes),
        "energy_kev": info.energy_kev,
        "problem": info.problem,
    }
