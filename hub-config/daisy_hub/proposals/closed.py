"""Proposals that an operator has closed: nobody sees anything of them.

Requirements: replaced in one step; what cannot be read is an error, never "none",
which would open what was closed.
"""

import json
from pathlib import Path

from daisy_hub.files import write_atomically
from daisy_hub.proposals.entries import MembersInvalid


class Closed:
    """The closed proposals, and why.

    Parameters
    ----------
    path
        File that keeps them.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def reasons(self) -> dict[str, str]:
        """Return the reason of each closed proposal, by its identifier.

        Raises
        ------
        MembersInvalid
            The file cannot be understood.
        """
        try:
            content = json.loads(self.path.read_text())
            return {str(name): str(reason) for name, reason in content.items()}
        except FileNotFoundError:
            return {}
        except (ValueError, AttributeError) as error:
            raise MembersInvalid(
                f"{self.path} is no JSON object of closed proposals ({error}). Mend "
                "it, or delete it to open all of them."
            ) from error

    def close(self, proposal: str, reason: str) -> None:
        """Close a proposal."""
        self._write({**self.reasons(), proposal: reason})

    def reopen(self, proposal: str) -> None:
        """Open it again; one that is open stays so."""
        self._write({n: r for n, r in self.reasons().items() if n != proposal})

    def _write(self, reasons: dict[str, str]) -> None:
        write_atomically(self.path, json.dumps(reasons, indent=1) + "\n")


def closed_of(state: Path) -> Closed:
    """Return those of an installation, by the folder of its state."""
    return Closed(state / "closed-proposals.json")
