"""Whether a choice still holds: who is a member of what, as the facility says."""

import enum

from daisy_hub.homes import accounts_of
from daisy_hub.proposals import (
    MembersInvalid,
    Proposal,
    TreeInvalid,
    all_proposals,
    person_of,
    seen_proposals,
)
from daisy_hub.settings import Settings
from daisy_hub.watching.choices import Choice


class Standing(enum.Enum):
    """What is known of a choice."""

    HOLDS = "holds"
    ENDED = "ended"  # the account is gone, or belongs to the proposal no more
    UNKNOWN = "unknown"  # it cannot be said now: the choice rests


class Members:
    """Accounts and proposals at one moment.

    Attributes
    ----------
    problem
        Why it cannot be said who is a member; "" where it can.
    """

    def __init__(self, settings: Settings) -> None:
        accounts = accounts_of(settings)
        self._people = {a.name: person_of(a) for a in accounts.all()}
        self.problem = ""
        self._proposals: dict[str, Proposal] = {}
        try:
            # the service runs with its hub, which in a container sees no data
            look = all_proposals if settings.profile == "local" else seen_proposals
            found = look(settings, accounts)
        except (MembersInvalid, TreeInvalid, OSError) as error:
            self.problem = str(error)
        else:
            self._proposals = {p.identifier: p for p in found}

    def belongs(self, user: str, proposal: str) -> bool:
        """Whether an account is a member of a proposal that is there."""
        found, person = self._proposals.get(proposal), self._people.get(user)
        return found is not None and person is not None and found.includes(person)

    def proposals_of(self, user: str) -> list[str]:
        """Name the proposals that an account belongs to."""
        return [name for name in self._proposals if self.belongs(user, name)]

    def standing(self, choice: Choice) -> Standing:
        """Judge a choice."""
        if choice.user not in self._people:
            return Standing.ENDED
        # a folder may be away for a while, as a file server that is not mounted
        if choice.proposal not in self._proposals:
            return Standing.UNKNOWN
        belongs = self.belongs(choice.user, choice.proposal)
        return Standing.HOLDS if belongs else Standing.ENDED
