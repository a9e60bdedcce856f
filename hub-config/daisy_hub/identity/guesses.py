"""Holds back who guesses passwords, without locking out whom they guess at.

Requirements: a password cannot be tried out; nobody can keep somebody else from logging
in where they have logged in before; a class that logs in at once behind one address is
not taken for an attack; whether a name exists is not told.
"""

from dataclasses import dataclass, field
from math import ceil

MANY_KEYS = 10_000  # then those that are as new are forgotten


@dataclass(frozen=True)
class Allowance:
    """So many attempts at once, and then one after each so many seconds."""

    attempts: int
    seconds: float


OF_NAME = Allowance(attempts=10, seconds=30)
# an address may be that of a whole institute
OF_ADDRESS = Allowance(attempts=300, seconds=2)

Key = tuple[str, str]


@dataclass(frozen=True)
class Held:
    """An attempt that is not looked at.

    Attributes
    ----------
    seconds
        After so long one may be made.
    first
        Whether none was held back here since one was looked at: the others would only
        fill the audit log.
    """

    seconds: int
    first: bool


@dataclass
class Guesses:
    """Attempts that were wrong, or are not known to be right yet.

    They are kept in memory: a hub that starts anew has forgotten them.
    """

    _used: dict[Key, tuple[float, float]] = field(default_factory=dict)
    _proven: set[Key] = field(default_factory=set)
    _held: set[Key] = field(default_factory=set)

    def begin(self, name: str, address: str, now: float) -> Held | None:
        """Count an attempt as wrong, or say that it is held back."""
        keys = self._keys(name, address)
        waits = {
            key: (self._level(key, now) + 1 - allowance.attempts) * allowance.seconds
            for key, allowance in keys.items()
        }
        key, wait = max(waits.items(), key=lambda entry: entry[1])
        if (wait := round(wait, 3)) > 0:
            first = key not in self._held
            self._held.add(key)
            return Held(ceil(wait), first)
        for key in keys:
            self._used[key] = self._level(key, now) + 1, now
            self._held.discard(key)
        if len(self._used) > MANY_KEYS:
            self._forget(now)
        return None

    def was_right(self, name: str, address: str, now: float) -> None:
        """Take back an attempt; this name is not held back at this address any more."""
        for key in self._keys(name, address):
            self._used[key] = max(self._level(key, now) - 1, 0), now
        self._proven.add((name, address))
        self._used.pop((name, address), None)

    def _keys(self, name: str, address: str) -> dict[Key, Allowance]:
        """Say what is counted: of who was here before, only what happens here."""
        if (name, address) in self._proven:
            return {(name, address): OF_NAME}
        return {(name, ""): OF_NAME, ("", address): OF_ADDRESS}

    def _level(self, key: Key, now: float) -> float:
        level, since = self._used.get(key, (0.0, now))
        return max(level - (now - since) / _allowance(key).seconds, 0)

    def _forget(self, now: float) -> None:
        self._used = {k: v for k, v in self._used.items() if self._level(k, now) > 0}
        self._held &= self._used.keys()


def _allowance(key: Key) -> Allowance:
    return OF_NAME if key[0] else OF_ADDRESS
