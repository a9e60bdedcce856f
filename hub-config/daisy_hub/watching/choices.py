"""Who has chosen to watch which proposal, in one small file.

Requirements: the file is replaced in one step, by one writer (the service); what
cannot be understood is refused, never overwritten.
"""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from daisy_hub.files import write_atomically


class ChoicesInvalid(Exception):
    """The file of the choices is damaged; the text says what to do."""


@dataclass(frozen=True)
class Choice:
    """An account's wish that a proposal be watched by its server.

    Attributes
    ----------
    proposal
        `<beamline>/<proposal>`.
    since
        When it was made, in seconds since 1970.
    """

    user: str
    proposal: str
    since: float


class Choices:
    """The choices of an installation, oldest first.

    Parameters
    ----------
    path
        File that keeps them, there or not.

    Raises
    ------
    ChoicesInvalid
        The file is there and holds something else.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._all = _read(path)

    def __iter__(self) -> Iterator[Choice]:
        """Give all choices, oldest first."""
        return iter(self._all)

    def users(self) -> tuple[str, ...]:
        """Name the accounts whose servers are to be kept, the oldest choice first."""
        return tuple(dict.fromkeys(choice.user for choice in self._all))

    def add(self, user: str, proposal: str) -> None:
        """Note a choice; one that is there keeps its time."""
        if not any((c.user, c.proposal) == (user, proposal) for c in self._all):
            self._replace((*self._all, Choice(user, proposal, time.time())))

    def remove(self, user: str, proposal: str) -> bool:
        """Forget a choice; say whether there was one."""
        return self.drop(lambda c: (c.user, c.proposal) == (user, proposal)) > 0

    def drop(self, ended: Callable[[Choice], bool]) -> int:
        """Forget the choices that have ended; say how many."""
        left = tuple(choice for choice in self._all if not ended(choice))
        gone = len(self._all) - len(left)
        if gone:
            self._replace(left)
        return gone

    def _replace(self, choices: tuple[Choice, ...]) -> None:
        # first on disk: what is answered as kept outlives a power cut
        text = json.dumps([asdict(choice) for choice in choices], indent=1)
        write_atomically(self._path, text + "\n")
        self._all = choices


def _read(path: Path) -> tuple[Choice, ...]:
    try:
        found = tuple(Choice(**entry) for entry in json.loads(path.read_text()))
    except FileNotFoundError:
        return ()
    except (ValueError, TypeError) as error:
        raise ChoicesInvalid(
            f"{path} does not hold the choices of who watches what ({error}). "
            "Move it away: the members choose again."
        ) from error
    return tuple(sorted(found, key=lambda choice: choice.since))
