"""Jobs on the catalogue: proposals and their scans."""

from pathlib import Path

from daisy_kernel import catalog
from daisy_lab.jobs.values import Result


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


def scans(proposal: str, offset: int, limit: int, filter: str) -> Result:
    """List a page of the scans that a search finds in a proposal, newest first.

    Where nobody has made an index yet, the names in the folders are listed.
    """
    query = catalog.understand(filter)
    try:
        with catalog.Index(proposal) as index:
            page = index.search(query, offset, limit)
    except LookupError:
        page = catalog.scans(proposal, offset, limit, filter)
    items = [
        {
            "name": s.name,
            "path": str(s.path),
            "area": s.area,
            "kind": s.kind,
            "size": s.size,
            "mtime": s.mtime,
            "title": s.title,
            "technique": s.technique,
            "start_time": s.start_time,
            "sample": s.sample,
            "problem": s.problem,
        }
        for s in page.items
    ]
    return {"items": items, "total": page.total, "offset": page.offset}, b""
