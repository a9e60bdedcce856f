"""Job that searches inside a file: members of all groups, by name."""

import time
from collections import deque

from daisy_kernel.model import Child, Group
from daisy_lab.jobs.datasets import open_scan
from daisy_lab.jobs.nodes import told_of
from daisy_lab.jobs.values import Result

SECONDS = 5.0  # for one search; what is found until then is told


def find(path: str, roots: list[str], text: str, limit: int) -> Result:
    """Find members whose name contains a text, upper or lower case.

    Groups near the root come first. A group that a link leads back to is not gone
    into again. `entry/data/x` searches for `x` below `entry/data`.

    Returns
    -------
    :
        `items`, and whether they are all: `complete`.
    """
    below, _, name = text.rpartition("/")
    end = time.monotonic() + SECONDS
    found: list[Child] = []
    complete = True
    with open_scan(path, roots) as scan:
        top = scan[below] if below.strip("/") else scan.root
        waiting = deque([top] if isinstance(top, Group) else [])
        while waiting and complete:
            group = waiting.popleft()
            page = group.children(limit=limit - len(found), filter=name)
            found += page.items
            complete = len(page.items) == page.total
            if not complete:
                break
            for member in group.subgroups():
                if time.monotonic() > end:
                    complete = False
                    break
                waiting.append(member)
        return {"items": [told_of(child) for child in found], "complete": complete}, b""
