"""Who lets support look into their server, and until when.

Only the owner gives it, for hours at most, and may end it at any time. By it the hub
lets the accounts with the role `support` in; the server itself lets them look, and
change and run nothing (`daisy_lab.guests`).
"""

import json
import time
from pathlib import Path

from daisy_hub.accounts import Accounts
from daisy_hub.files import write_atomically
from daisy_hub.settings import Settings

FILE = "consents.json"
SUPPORT = "support"
LONGEST = 8 * 60  # minutes


class ConsentRefused(Exception):
    """A consent that cannot be given; the text says why."""


class Consents:
    """The consents of an installation.

    Parameters
    ----------
    path
        File that keeps them; one that cannot be understood is as if there were none.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def of(cls, settings: Settings) -> "Consents":
        """Return those of an installation."""
        return cls(settings.state / FILE)

    def until(self, owner: str) -> float | None:
        """Return when an owner's consent ends, in seconds since 1970; None without."""
        return self._valid().get(owner)

    def owners(self) -> list[str]:
        """Name those who let support look now."""
        return sorted(self._valid())

    def give(self, owner: str, minutes: object) -> None:
        """Let support look for some minutes from now on.

        Raises
        ------
        ConsentRefused
        """
        if type(minutes) is not int or not 1 <= minutes <= LONGEST:
            raise ConsentRefused(f"minutes is a whole number from 1 to {LONGEST}.")
        self._write({**self._valid(), owner: time.time() + 60 * minutes})

    def end(self, owner: str) -> None:
        """End it; one that was never given stays so."""
        if owner not in self._valid():
            return
        self._write({o: until for o, until in self._valid().items() if o != owner})

    def _valid(self) -> dict[str, float]:
        try:
            content = json.loads(self.path.read_text())
            found = {str(o): float(until) for o, until in content.items()}
        except (FileNotFoundError, ValueError, TypeError, AttributeError):
            return {}
        now = time.time()
        return {owner: until for owner, until in found.items() if until > now}

    def _write(self, content: dict[str, float]) -> None:
        write_atomically(self.path, json.dumps(content, indent=1) + "\n")


def support_of(accounts: Accounts) -> list[str]:
    """Name the accounts that are support."""
    return sorted(a.name for a in accounts.all() if SUPPORT in a.roles)


def looks_of(name: str, roles: tuple[str, ...], settings: Settings) -> list[str]:
    """Name the owners whose servers an account may look into now."""
    if SUPPORT not in roles:
        return []
    return [owner for owner in Consents.of(settings).owners() if owner != name]
