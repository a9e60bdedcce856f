"""One sentence of an examination."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """Something that is right, or is not.

    Attributes
    ----------
    is_right
        Whether nothing has to be done.
    what
        A sentence.
    advice
        What to do; "" where nothing has to be done.
    """

    is_right: bool
    what: str
    advice: str = ""

    @classmethod
    def right(cls, what: str) -> "Finding":
        """Say what is as it should be."""
        return cls(True, what)

    @classmethod
    def problem(cls, what: str, advice: str = "") -> "Finding":
        """Say what is wrong, and what to do."""
        return cls(False, what, advice)
