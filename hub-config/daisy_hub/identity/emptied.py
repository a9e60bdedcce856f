"""Whether somebody of whom a provider says nothing any more has really lost all groups.

Requirements: a provider that has lost its directory, or whose groups claim is gone,
takes nothing from anybody; a person who was taken out of every group loses access a
minute or two later. One answer looks like the other; what tells them apart is what the
provider says of others afterwards.
"""

from dataclasses import dataclass, field

from daisy_hub.identity.provider import SECONDS

ON_THE_WAY = SECONDS  # an answer that comes may be of so long ago


@dataclass
class Emptied:
    """Remembers what was heard of whom.

    Attributes
    ----------
    alone_seconds
        After so long it is believed if nobody else was asked for.
    longest_seconds
        After so long it is believed, whatever is said of others.
    """

    alone_seconds: float
    longest_seconds: float
    _since: dict[str, float] = field(default_factory=dict)
    _heard: dict[str, tuple[float, bool]] = field(default_factory=dict)

    def heard_of(self, name: str, groups: bool, now: float) -> None:
        """Note an answer: whether it gives groups or roles to somebody who had some."""
        self._heard[name] = now, groups
        if groups:
            self._since.pop(name, None)
        else:
            self._since.setdefault(name, now)

    def is_believed(self, name: str, now: float) -> bool:
        """Whether to take everything from somebody; asked after such an answer."""
        waited = now - self._since[name]
        others = self._later_answers(name)
        if any(others) or waited >= self.longest_seconds:
            return True
        return not others and waited >= self.alone_seconds

    def forget(self, name: str) -> None:
        """Everything was taken: that is no sign of a fault any more."""
        self._since.pop(name, None)
        self._heard.pop(name, None)

    def doubted(self, now: float) -> list[str]:
        """Name those who keep what they had."""
        return sorted(name for name in self._since if not self.is_believed(name, now))

    def _later_answers(self, name: str) -> list[bool]:
        """Say of others who were asked for since then whether they have groups."""
        since = self._since[name]
        return [
            groups
            for other, (when, groups) in self._heard.items()
            if other != name and when > since + ON_THE_WAY
        ]
