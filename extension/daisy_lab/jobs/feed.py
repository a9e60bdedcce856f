"""Jobs on the feed: the newest scans, and what rules have made of each."""

import os
from pathlib import Path

from daisy_kernel import catalog
from daisy_kernel.apps.previews import PREVIEWS
from daisy_kernel.catalog import ScanInfo
from daisy_kernel.model.errors import WorkflowRefused
from daisy_kernel.workflow.feed import Item, default_rules, items, read_rules
from daisy_kernel.workflow.feed.rules import rules_file, write_rules
from daisy_lab.jobs import runfiles
from daisy_lab.jobs.catalog import told_scan
from daisy_lab.jobs.runs import UNREADABLE, told_run
from daisy_lab.jobs.values import Json, Result

MOST_WALKED = 1000  # scans gone through where there is no index
WORDS = {
    "waiting": "waits for its turn",
    "running": "begins",
    "done": "done",
    "failed": "failed",
    "passed": "passed over",
}


def feed(proposal: str, roots: list[str], offset: int, limit: int) -> Result:
    """List a page of the newest raw scans, each with what the rules made of it."""
    scans, total = _newest(proposal, offset, limit)
    known: dict[str, list[Item]] = {}
    for item in items(proposal).values():
        known.setdefault(str(item.scan), []).append(item)
    told = [
        {
            **told_scan(info),
            "items": [
                _told(item, Path(proposal), roots)
                for item in sorted(known.get(info.name, []), key=lambda i: str(i.rule))
            ],
        }
        for info in scans
    ]
    rules = _rules(proposal)
    return {"items": told, "total": total, "offset": offset, "rules": rules}, b""


def write_default_rules(proposal: str) -> Result:
    """Write a rule for every technique that has a preview, where there are none."""
    write_rules(proposal, default_rules(PREVIEWS))
    return _rules(proposal), b""


def _newest(proposal: str, offset: int, limit: int) -> tuple[list[ScanInfo], int]:
    try:
        with catalog.Index(proposal) as index:
            page = index.search(catalog.understand("area:raw"), offset, limit)
            return list(page.items), page.total
    except LookupError:
        walked = catalog.scans(proposal, limit=MOST_WALKED).items
        raw = [info for info in walked if info.area == "raw"]
        return raw[offset : offset + limit], len(raw)


def _told(item: Item, proposal: Path, roots: list[str]) -> Json:
    """Tell what a rule made of a scan: in words of its run, if there is one."""
    found = _run_of(item, proposal, roots)
    state = str(item.state)
    words = WORDS.get(state, state)
    if found is not None and state in ("running", "done"):
        words = found["words"]
    return {
        "rule": str(item.rule),
        "state": state,
        "words": words,
        "problem": str(item.problem),
        "run": found,
    }


def _run_of(item: Item, proposal: Path, roots: list[str]) -> Json | None:
    place = Path(str(item.run))
    if not item.run or ".." in place.parts or place.parts[0] != "processed":
        return None
    try:
        return told_run(runfiles.open_run(proposal / place, roots), roots)
    except UNREADABLE:
        return None  # it was removed, or belongs to somebody who does not show it


def _rules(proposal: str) -> Json:
    """Tell which rules there are, or what is wrong with them."""
    file = rules_file(proposal)
    told: Json = {"state": "good", "problem": "", "names": [], "run_by": ""}
    try:
        rules = read_rules(proposal)
    except WorkflowRefused as error:
        told |= {"state": "wrong", "problem": str(error)}
        rules = None
    else:
        if rules is None:
            told["state"] = "none"
        else:
            told |= {"names": [r.name for r in rules.rules], "run_by": rules.run_by}
    place = file.parent if file.parent.is_dir() else file.parents[1]
    may_write = os.access(place, os.W_OK | os.X_OK)
    return {**told, "file": str(file), "may_write": may_write}
