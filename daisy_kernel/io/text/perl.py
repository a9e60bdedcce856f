"""Understand what Perl's Data::Dumper has written: data only, nothing is executed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_TOKEN = re.compile(
    r"""\s*(?:
        '(?P<single>(?:[^'\\]|\\.)*)'
      | "(?P<double>(?:[^"\\]|\\.)*)"
      | (?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
      | (?P<key>[A-Za-z_]\w*)(?=\s*=>)
      | (?P<word>undef|[A-Za-z_]\w*)
      | (?P<sign>=>|[\[\]{}(),])
    )""",
    re.X | re.S,
)
_DEEPEST = 20
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_ESCAPED = re.compile(r"\\(['\\])")
_ESCAPED_MORE = re.compile(r"\\(.)", re.S)
_LETTERS = {"n": "\n", "t": "\t", "r": "\r"}


class NotPerl(ValueError):
    """The text is no list of plain values; says where."""


def values_of(text: str) -> list[Any]:
    """Read a list in round brackets: numbers, texts, lists, and {} as dicts.

    Raises
    ------
    NotPerl
        At the first sign that does not belong there.
    """
    tokens = _tokens(text)
    if next(tokens, ("", "", 0))[:2] != ("sign", "("):
        raise NotPerl("a list begins with (")
    found = _items(tokens, ")", 1)
    for _, token, at in tokens:
        raise NotPerl(f"{token!r} at {at}, behind the end of the list")
    return found


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    at, end = 0, len(text.rstrip().rstrip(";").rstrip())
    while at < end:
        found = _TOKEN.match(text, at, end)
        if not found:
            raise NotPerl(f"{text[at : at + 20]!r} at {at} is no value")
        kind = str(found.lastgroup)
        yield kind, found[kind], at
        at = found.end()


def _items(tokens: Iterator[tuple[str, str, int]], close: str, depth: int) -> list[Any]:
    if depth > _DEEPEST:
        raise NotPerl(f"lists in lists, more than {_DEEPEST} deep")
    found: list[Any] = []
    for kind, token, at in tokens:
        if kind != "sign":
            found.append(_value(kind, token, at))
        elif token in _CLOSING:
            inner = _items(tokens, _CLOSING[token], depth + 1)
            found.append(pairs(inner) if token == "{" else inner)
        elif token in (",", "=>"):
            continue
        elif token == close:
            return found
        else:
            raise NotPerl(f"{token!r} at {at} where {close!r} is missing")
    raise NotPerl(f"the text ends where {close!r} is missing")


def pairs(items: list[Any]) -> dict[str, Any]:
    """Give a list of names and values as a dict."""
    if len(items) % 2:
        raise NotPerl("a name without a value")
    return {
        str(name): value for name, value in zip(items[::2], items[1::2], strict=True)
    }


def _value(kind: str, token: str, at: int) -> Any:
    if kind == "number":
        number = float(token)
        return int(number) if re.fullmatch(r"[+-]?\d{1,15}", token) else number
    if kind == "single":
        return _ESCAPED.sub(r"\1", token)
    if kind == "double":
        return _ESCAPED_MORE.sub(lambda m: _LETTERS.get(m[1], m[1]), token)
    if kind == "key":
        return token
    if token == "undef":
        return None
    raise NotPerl(f"{token!r} at {at} is a word without quotes: nothing is executed")
