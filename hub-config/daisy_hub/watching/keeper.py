"""Keeps the servers of those who watch a proposal running."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Protocol

from daisy_hub.settings import Settings
from daisy_hub.watching.attempts import Attempts
from daisy_hub.watching.choices import Choice, Choices
from daisy_hub.watching.hubapi import HubSilent, ServerState, StartRefused
from daisy_hub.watching.standing import Members, Standing
from daisy_hub.watching.stops import rests_for

log = logging.getLogger(__name__)

LOOK_EVERY = 5.0  # seconds
UP_EVERY = 30.0  # the hub itself looks no more often whether a server is alive

# what members are told of each other's servers
UP = "server up"
CHANGING = "server being started or stopped"
SOON = "server looked at in a moment"


class HubApi(Protocol):
    """What is asked of the hub."""

    async def state(self, user: str) -> ServerState:
        """Say how a user's server is."""

    async def start(self, user: str) -> None:
        """Start it."""


class MembersUnknown(Exception):
    """It cannot be said who is a member of what: nothing is changed or started."""


class Refused(Exception):
    """A choice that is not taken: an HTTP status, and why in words."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status, message)
        self.status, self.message = status, message


class Keeper:
    """Takes choices, and starts the servers of those who have made one.

    Parameters
    ----------
    hub
        Whom to ask for a server.
    """

    def __init__(self, settings: Settings, choices: Choices, hub: HubApi) -> None:
        self._settings, self._choices, self._hub = settings, choices, hub
        self._attempts: dict[str, Attempts] = {}
        self._words: dict[str, str] = {}
        self._said = ""

    def told(self, user: str) -> dict[str, Any]:
        """Tell a user which proposals could be watched, and who watches them.

        Raises
        ------
        Refused
            It cannot be said now who belongs to what.
        """
        members = self._members()
        watches = [
            {**asdict(choice), "state": self._state_of(choice)}
            for choice in self._choices
            if members.belongs(user, choice.proposal)
        ]
        proposals = members.proposals_of(user)
        return {"you": user, "proposals": proposals, "watches": watches}

    def choose(self, user: str, proposal: str) -> None:
        """Keep a user's server for a proposal.

        Raises
        ------
        Refused
            The user is no member, or the hub keeps as many servers as it may.
        """
        members = self._members()
        if not members.belongs(user, proposal):
            # the same words whether there is such a proposal or not
            raise Refused(403, f"{user} is no member of a proposal {proposal}.")
        kept, limit = self._choices.users(), self._settings.watching_servers
        if user not in kept and len(kept) >= limit:
            raise Refused(
                409,
                f"This hub keeps the servers of {len(kept)} accounts for watching and "
                f"may keep {limit}. Ask another member whose server is kept already, "
                "or the operator to raise watching_servers.",
            )
        self._choices.add(user, proposal)
        # who chooses asks from the own server
        self._words.setdefault(user, UP)

    def end(self, user: str, proposal: str) -> None:
        """End a user's own choice.

        Raises
        ------
        Refused
            There is none.
        """
        if not self._choices.remove(user, proposal):
            raise Refused(404, f"{user} has not chosen to watch {proposal}.")

    async def run(self) -> None:
        """Look for ever; what goes wrong is said once, and the next look is as good."""
        while True:
            try:
                await self.look()
                self._said = ""
            except Exception as error:
                if str(error) != self._said:
                    self._said = str(error)
                    log.warning("servers cannot be kept now: %s", error)
            await asyncio.sleep(LOOK_EVERY)

    async def look(self) -> None:
        """Look once: forget choices that have ended, start servers that are down.

        Raises
        ------
        HubSilent, MembersUnknown
        """
        members = Members(self._settings)
        if members.problem:
            raise MembersUnknown(members.problem)
        standing = {choice: members.standing(choice) for choice in self._choices}
        self._forget(lambda choice: standing.get(choice) is Standing.ENDED)
        holding = {c.user for c, found in standing.items() if found is Standing.HOLDS}
        silent = []
        for user in self._choices.users()[: self._settings.watching_servers]:
            if user in holding:
                try:
                    await self._keep(user)
                except HubSilent as error:  # of this one; the next may be answered
                    silent.append(error)
        self._let_go()
        if silent:
            raise silent[0]

    def _let_go(self) -> None:
        for user in set(self._attempts) - set(self._choices.users()):
            del self._attempts[user]
            self._words.pop(user, None)

    def _members(self) -> Members:
        members = Members(self._settings)
        if members.problem:
            log.warning("nobody can choose now: %s", members.problem)
            raise Refused(
                503,
                "It cannot be said now who is a member of what. The operator finds the "
                "reason in the log of the hub.",
            )
        return members

    async def _keep(self, user: str) -> None:
        attempts = self._attempts.setdefault(user, Attempts())
        rest, now = rests_for(self._settings, user), time.monotonic()
        if attempts.was_up_at + UP_EVERY > now and not rest:
            return
        state = await self._hub.state(user)
        if state == "nobody":  # deleted on the hub's own pages
            self._forget(lambda choice: choice.user == user)
            return
        if state == "up":
            attempts.is_up(now)
            self._words[user] = UP
            return
        attempts.is_down()
        if state == "busy":
            self._words[user] = CHANGING
            return
        if rest or now < attempts.next_at:
            self._words[user] = _waiting(rest, attempts, now)
            return
        await self._start(user, attempts, now)

    async def _start(self, user: str, attempts: Attempts, now: float) -> None:
        log.info("the server of %s is started, for it watches a proposal", user)
        attempts.start(now)
        self._words[user] = CHANGING
        try:
            await self._hub.start(user)
        except StartRefused as refused:
            attempts.problem = str(refused)
            log.warning("the server of %s is not started: %s", user, refused)

    def _forget(self, ended: Callable[[Choice], bool]) -> None:
        gone = self._choices.drop(ended)
        if gone:
            log.info("%d choices have ended: no account, or no member any more", gone)

    def _state_of(self, choice: Choice) -> str:
        kept = self._choices.users()[: self._settings.watching_servers]
        if choice.user not in kept:
            limit = self._settings.watching_servers
            return f"server not kept: this hub keeps {limit}"
        return self._words.get(choice.user, SOON)


def _waiting(rest: float, attempts: Attempts, now: float) -> str:
    """Say why a server that is down is not started now."""
    if rest:
        return f"server stopped, and started again in {_span(rest)}"
    problem = f" ({attempts.problem})" if attempts.problem else ""
    starts = "1 start" if attempts.begun == 1 else f"{attempts.begun} starts"
    return (
        f"server did not stay up after {starts}{problem}; the next one is in "
        f"{_span(attempts.next_at - now)}"
    )


def _span(seconds: float) -> str:
    minute = 60
    return f"{seconds:.0f} s" if seconds < minute else f"{seconds / minute:.0f} min"
