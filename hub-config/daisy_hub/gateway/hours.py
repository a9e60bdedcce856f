"""How many core hours of clusters each account has used, month by month.

Counted while they run: a minute is lost at most where the gateway is killed, and none
is counted twice.
"""

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from daisy_hub.files import write_atomically

MONTHS = 24  # so long it is kept
FILE = "cluster-hours.json"


class Ledger:
    """Core hours by month and account.

    Parameters
    ----------
    path
        File that keeps them; the gateway alone writes it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def used(self, names: Iterable[str], month: str = "") -> float:
        """Return the core hours of accounts together, in this month or another."""
        hours = self._read().get(month or this_month(), {})
        return sum(hours.get(name, 0.0) for name in names)

    def add(self, hours: dict[str, float]) -> None:
        """Add core hours of accounts to this month."""
        found = self._read()
        month = found.setdefault(this_month(), {})
        for name, more in hours.items():
            month[name] = month.get(name, 0.0) + more
        kept = {name: found[name] for name in sorted(found)[-MONTHS:]}
        write_atomically(self._path, json.dumps(kept, indent=1) + "\n")

    def _read(self) -> dict[str, dict[str, float]]:
        try:
            content: dict[str, dict[str, float]] = json.loads(self._path.read_text())
        except FileNotFoundError:
            return {}
        return content


def this_month() -> str:
    """Return the month as `2026-11`."""
    return f"{date.today():%Y-%m}"


def next_month() -> date:
    """Return the first day of the month that follows."""
    today = date.today()
    return date(today.year + today.month // 12, today.month % 12 + 1, 1)
