"""The note of a run: what its owner says of it, also long after it has ended.

It lies in a file of its own. The record, by which a run is known and which its results
carry, stays as it was written when the run began.
"""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

from daisy_kernel.io.writing.publishing import refused
from daisy_kernel.model.errors import ParameterRefused, WriteFailed
from daisy_kernel.workflow.runs import environment
from daisy_kernel.workflow.runs.plain import read_plain
from daisy_kernel.workflow.runs.record import NOTE, Record, write_text

LONGEST = 1000  # characters
_BYTES = 4 * LONGEST  # of them as UTF-8
# control characters, halves of characters, ends of lines and paragraphs
_REFUSED = ("Cc", "Cs", "Zl", "Zp")
# what turns the order of all that follows around
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def checked(text: str) -> str:
    """Give a note as it is kept, without blanks around it.

    Raises
    ------
    ParameterRefused
        It is longer than 1000 characters, has several lines or control characters.
    """
    found = str(text).strip()
    if len(found) > LONGEST:
        raise ParameterRefused(
            f"the note has {len(found)} characters, and may have {LONGEST}: shorten it"
        )
    for place, letter in enumerate(found, 1):
        if letter in "\r\n\u2028\u2029":
            raise ParameterRefused("the note has several lines: write it as one")
        if unicodedata.category(letter) in _REFUSED or letter in _TURNING:
            raise ParameterRefused(
                f"character {place} of the note, U+{ord(letter):04X}, is a control "
                "character: leave it out"
            )
    return found


def read_note(folder: Path, before: str) -> str:
    """Give the note of a run.

    Only the owner of the folder may have written it: what somebody else has put there
    is no note, and neither is a link.

    Parameters
    ----------
    before
        The note that the run began with.
    """
    try:
        owner = folder.stat().st_uid
        return checked(read_plain(folder / NOTE, _BYTES, owner).decode())
    except (OSError, ValueError):
        return before


def write_note(folder: Path, record: Record, text: str) -> None:
    """Change the note of a run, or take it away with an empty one.

    Raises
    ------
    ParameterRefused
        It is too long, has several lines or control characters.
    WriteFailed
        The run is somebody else's, or its folder may not be written.
    """
    note = checked(text)
    if not is_own(folder, record):
        whose = record.user or "somebody else"
        raise WriteFailed(
            str(folder / NOTE), f"it is the run of {whose}, who alone changes its note"
        )
    with refused(folder / NOTE):
        write_text(folder / NOTE, note)


def is_own(folder: Path, record: Record) -> bool:
    """Whether a run is one's own; accounts that share a uid are told by their names."""
    try:
        if folder.stat().st_uid != os.getuid():
            return False
    except OSError:
        return False
    return record.user in ("", environment.user())
