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
    """List a page of the scans of a proposal, newest first."""
    page = catalog.scans(Path(proposal), offset=offset, limit=limit, filter=filter)
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
