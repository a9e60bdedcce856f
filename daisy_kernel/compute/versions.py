"""Whether workers run the same software as this process.

Functions and data travel as pickles, and results have to be the same wherever they
are computed: so Python, numpy and DAISY itself must agree.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

_PACKAGES = ("daisy-kernel", "numpy")
_MISSING = "not installed"

Versions = Mapping[str, str]


def ours() -> Versions:
    """Give the versions of this process, by name; of Python only major and minor."""
    found = {"python": f"{sys.version_info[0]}.{sys.version_info[1]}"}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = _MISSING
    return found


def theirs(client: Any) -> tuple[Versions, Mapping[str, Versions]]:
    """Ask the scheduler of a dask client, and its workers by their addresses."""
    answer = client.get_versions(packages=list(_PACKAGES))
    workers = {name: _plain(found) for name, found in answer["workers"].items()}
    return _plain(answer["scheduler"]), workers


def difference(there: Versions, here: Versions | None = None) -> str:
    """Say in what versions differ, with both; empty where they agree."""
    here = ours() if here is None else here
    return ", ".join(
        f"{name} {there[name]} there and {here[name]} here"
        for name in here
        if there.get(name) != here[name]
    )


def _plain(answer: Any) -> Versions:
    packages = (answer or {}).get("packages", {})
    python = str(packages.get("python") or _MISSING)
    found = {"python": ".".join(python.split(".")[:2])}
    for name in _PACKAGES:
        found[name] = str(packages.get(name) or _MISSING)
    return found
