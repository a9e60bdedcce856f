"""The words of a search: `tooth technique:tomography after:2026-01 energy:8..9`.

Words are found at the beginning of words of the text, upper or lower case; several
must all occur; `"quoted words"` stand together; `-word` must not occur.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from daisy_kernel.model.errors import SearchNotUnderstood

# fields of text, and the column of the index that holds them
TEXT_FIELDS = {
    "name": "name",
    "title": "title",
    "sample": "sample",
    "technique": "technique",
    "user": "users",
    "instrument": "instrument",
    "detector": "detectors",
    "axis": "axes",
}
FIELDS = (
    *TEXT_FIELDS,
    "beamline",
    "proposal",
    "area",
    "kind",
    "energy",
    "after",
    "before",
    "on",
)

_TERM = re.compile(r'(-?)(?:(\w+):)?(?:"([^"]*)"|(\S+))')
_NUMBERS = re.compile(r"(?:(>|<)=?)?\s*([\d.]+?)(?:\.\.([\d.]+))?")
_CJK = re.compile("([\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff])")


@dataclass
class Query:
    """What is asked of an index.

    Attributes
    ----------
    match, without
        Expressions of SQLite's full-text search: what must occur, and must not.
    where
        Conditions on the other columns, with their values.
    beamlines, proposals
        Names that are looked into; empty for all.
    first, end
        Times in seconds since 1970 between which a scan began.
    """

    match: str = ""
    without: str = ""
    where: list[tuple[str, tuple[object, ...]]] = field(default_factory=list)
    beamlines: set[str] = field(default_factory=set)
    proposals: set[str] = field(default_factory=set)
    first: float | None = None
    end: float | None = None


def understand(text: str, now: datetime | None = None) -> Query:
    """Read a search.

    Raises
    ------
    SearchNotUnderstood
        Names the part, and what can stand there.

    Examples
    --------
    >>> understand("sample:tooth -dark").match
    '{sample} : ("tooth" *)'
    """
    query = Query()
    found: list[str] = []
    unwanted: list[str] = []
    for minus, name, quoted, word in _TERM.findall(text):
        value = quoted or word
        if not value.strip('-"'):
            continue
        if name and name.lower() not in FIELDS:
            raise SearchNotUnderstood(f"{name}:{value}", f"fields are {_list(FIELDS)}")
        column = TEXT_FIELDS.get(name.lower()) if name else None
        if name and column is None:
            _restrict(query, name.lower(), value, bool(minus), now or datetime.now())
            continue
        term = f'"{spaced(value).replace(chr(34), "")}"' + ("" if quoted else " *")
        (unwanted if minus else found).append(
            f"{{{column}}} : ({term})" if column else f"({term})"
        )
    query.match = " AND ".join(found)
    query.without = " OR ".join(unwanted)
    return query


def spaced(text: str) -> str:
    """Put spaces around every Chinese, Japanese or Korean sign: each is a word."""
    return " ".join(_CJK.sub(r" \1 ", text).split())


def _restrict(
    query: Query, name: str, value: str, unwanted: bool, now: datetime
) -> None:
    if name == "beamline" and not unwanted:
        query.beamlines.add(value.lower())
    elif name == "proposal" and not unwanted:
        query.proposals.add(value.lower())
    elif name in ("after", "before", "on") and not unwanted:
        _restrict_time(query, name, value, now)
    elif name == "energy" and not unwanted:
        query.where.append(_energies(value))
    elif name in ("area", "kind"):
        sign = "!=" if unwanted else "="
        query.where.append((f"{name} {sign} ?", (value.lower(),)))
    else:
        raise SearchNotUnderstood(f"-{name}:{value}", f"write {name}: without the -")


def _restrict_time(query: Query, name: str, value: str, now: datetime) -> None:
    start, end = period(value, now)
    if name in ("after", "on"):
        query.first = max(query.first or 0.0, start.timestamp())
    if name == "before":
        end = start
    if name in ("before", "on"):
        query.end = min(query.end or float("inf"), end.timestamp())


_FORMS = (
    ("%Y", "year"),
    ("%Y-%m", "month"),
    ("%Y-%m-%d", "day"),
    ("%Y-%m-%dT%H:%M", "minute"),
    ("%Y-%m-%dT%H:%M:%S", "second"),
)


def period(text: str, now: datetime) -> tuple[datetime, datetime]:
    """Read a year, month, day or minute, as when it begins and when it ends.

    Also `today`, `yesterday`, and `7d` or `3h`: so long ago until now. Local time;
    `@1764000000` is a second since 1970, the same in all time zones.
    """
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    day = timedelta(days=1)
    if text.lower() == "today":
        return today, today + day
    if text.lower() == "yesterday":
        return today - day, today
    ago = re.fullmatch(r"(\d{1,5})([dh])", text.lower())
    if ago:
        unit = day if ago[2] == "d" else timedelta(hours=1)
        return now - int(ago[1]) * unit, now
    second = re.fullmatch(r"@(\d{1,10})", text)
    if second:
        start = datetime.fromtimestamp(int(second[1]))
        return start, start + timedelta(seconds=1)
    for form, unit_name in _FORMS:
        try:
            start = datetime.strptime(text, form)
        except ValueError:
            continue
        return start, _end_of(start, unit_name)
    raise SearchNotUnderstood(
        text, "write a date like 2026, 2026-01, 2026-01-31, 2026-01-31T18:00, "
        "today, yesterday, 7d or 3h"
    )  # fmt: skip


def _end_of(start: datetime, unit: str) -> datetime:
    if unit == "year":
        return start.replace(year=start.year + 1)
    if unit == "month":
        return (start + timedelta(days=31)).replace(day=1)
    return start + timedelta(**{f"{unit}s": 1})


def _energies(value: str) -> tuple[str, tuple[object, ...]]:
    found = _NUMBERS.fullmatch(value)
    try:
        if found is None:
            raise ValueError
        sign, low, high = found[1], float(found[2]), found[3]
        if high:
            return "energy_kev BETWEEN ? AND ?", (low, float(high))
    except ValueError:
        raise SearchNotUnderstood(
            f"energy:{value}", "write keV: energy:8.0, energy:7..9, energy:>20"
        ) from None
    if sign:
        return f"energy_kev {sign} ?", (low,)
    return "abs(energy_kev - ?) <= 0.005 * ?", (low, low)


def _list(names: tuple[str, ...]) -> str:
    return ", ".join(f"{name}:" for name in names)
