"""Find runs by words: of whom, of which scan and workflow, in which state."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from daisy_kernel.model.errors import SearchNotUnderstood
from daisy_kernel.workflow.runs.index import Entry

_TERM = re.compile(r'(-?)(?:(\w+):)?(?:"([^"]*)"|(\S+))')
FIELDS: dict[str, Callable[[Entry], str]] = {
    "workflow": lambda run: f"{run.workflow} {run.title}",
    "scan": lambda run: f"{run.scan} {run.path.rsplit('/', 2)[-2]}",
    "by": lambda run: run.user,
    "state": lambda run: run.state,
    "note": lambda run: run.note,
}


def find(runs: Iterable[Entry], text: str) -> list[Entry]:
    """Give the runs of which all words are true, in the order they have.

    Parameters
    ----------
    text
        Words that occur in workflow, scan, account, state, note or name of the run;
        ``by:anna``, ``state:failed`` for one of these; ``-word`` for what is not there;
        ``"two words"`` as they stand.

    Raises
    ------
    SearchNotUnderstood
        There is no such field; the message names those there are.
    """
    terms = _terms(text)
    return [run for run in runs if all(_fits(run, *term) for term in terms)]


def _terms(text: str) -> list[tuple[bool, str, str]]:
    """Read a search: whether a word is wanted, its field or "", the word."""
    found = []
    for minus, field, quoted, word in _TERM.findall(text):
        wanted = (quoted or word).casefold()
        if field and field.lower() not in FIELDS:
            known = ", ".join(FIELDS)
            raise SearchNotUnderstood(f"{field}:{wanted}", f"fields are {known}")
        found.append((not minus, field.lower(), wanted))
    return found


def _fits(run: Entry, wanted: bool, field: str, word: str) -> bool:
    texts = [FIELDS[field](run)] if field else [text(run) for text in FIELDS.values()]
    if not field:
        texts.append(run.path.rpartition("/")[2])
    return any(word in text.casefold() for text in texts) == wanted
