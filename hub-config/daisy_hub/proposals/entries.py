"""What a source says of one proposal: who belongs to it, and when it is open."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from daisy_hub.proposals.windows import Window


class MembersInvalid(Exception):
    """It is not said clearly who belongs to what; nothing is granted by it."""


def _day(value: Any) -> Any:
    """Take a whole day; a time of day would be one of an unsaid time zone."""
    return date.fromisoformat(value) if isinstance(value, str) else value


Day = Annotated[date, BeforeValidator(_day)]


class RawDays(BaseModel):
    """Days of `raw`. There is no end: the team keeps its own data."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    begin: Day | None = Field(default=None, alias="from")
    everybody: Day | None = None

    def window(self) -> Window:
        """Return them as a window."""
        return Window(self.begin, None, self.everybody)


class ProcessedDays(RawDays):
    """Days of `processed`; after `until` members read what they have written."""

    end: Day | None = Field(default=None, alias="until")

    def window(self) -> Window:
        """Return them as a window."""
        return Window(self.begin, self.end, self.everybody)


class Entry(BaseModel):
    """One proposal, as a source knows it.

    Attributes
    ----------
    members
        Accounts that belong to it.
    groups
        Groups (of the identity provider, of the system) whose accounts belong to it.
    temporary
        Accounts that belong to it up to and including a day.
    raw, processed
        Days on which the areas are open.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    title: str = ""
    members: tuple[str, ...] = Field(default=(), strict=False)
    groups: tuple[str, ...] = Field(default=(), strict=False)
    temporary: Mapping[str, Day] = Field(default_factory=dict)
    raw: RawDays = RawDays()
    processed: ProcessedDays = ProcessedDays()

    @property
    def named(self) -> tuple[str, ...]:
        """Accounts that are named, whatever the day."""
        return (*self.members, *self.temporary)

    def includes(self, name: str, groups: Iterable[str], today: date) -> bool:
        """Whether an account belongs to it on a day."""
        if name in self.members or not set(groups).isdisjoint(self.groups):
            return True
        last = self.temporary.get(name)
        return last is not None and today <= last

    def concerned(self, by_group: Mapping[str, Iterable[str]]) -> set[str]:
        """Name the accounts that may belong to it, on whatever day.

        There are many accounts and many proposals: nobody goes through all pairs.
        """
        named = set(self.named)
        return named.union(*(by_group.get(group, ()) for group in self.groups))

    def joined(self, other: "Entry") -> "Entry":
        """Join with what another source says: members of both; the days of the first.

        A source that says nothing of days does not widen those of the other.
        """
        return self.model_copy(
            update={
                "title": self.title or other.title,
                "members": (*self.members, *other.members),
                "groups": (*self.groups, *other.groups),
                "temporary": {**other.temporary, **self.temporary},
                "raw": self.raw if self.raw != RawDays() else other.raw,
                "processed": self.processed
                if self.processed != ProcessedDays()
                else other.processed,
            }
        )


Entries = Mapping[str, Entry]


def entry_from(place: str, name: str, content: object) -> Entry:
    """Read one entry.

    Raises
    ------
    MembersInvalid
        Names the place, the entry, what is wrong, and what it should be.
    """
    try:
        return Entry.model_validate(content)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(map(str, e['loc'])) or 'entry'}: {e['msg']}"
            for e in error.errors()
        )
        raise MembersInvalid(
            f'{place}: {name!r} is not clear: {wrong}. Write ["{name}"] and below it '
            'members = ["name", ...].'
        ) from error
