"""What a numpy docstring says of a function's parameters."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

_RULE = re.compile(r"^-{3,}\s*$")


def summary(function: Callable[..., Any]) -> str:
    """First paragraph of the docstring, in one line."""
    text = inspect.getdoc(function) or ""
    return " ".join(text.split("\n\n", 1)[0].split())


def parameter_texts(function: Callable[..., Any]) -> dict[str, str]:
    """Text on each parameter by its name, from the section Parameters."""
    texts: dict[str, list[str]] = {}
    names: list[str] = []
    for line in _section(inspect.getdoc(function) or "", "Parameters"):
        if line and not line[0].isspace():
            names = [name.strip(" *") for name in line.split(":", 1)[0].split(",")]
            texts |= {name: [] for name in names}
        else:
            for name in names:
                texts[name].append(line.strip())
    return {name: " ".join(filter(None, lines)) for name, lines in texts.items()}


def _section(text: str, title: str) -> list[str]:
    lines = text.splitlines()
    heads = [i for i in range(1, len(lines)) if _RULE.match(lines[i])]
    for number, head in enumerate(heads):
        if lines[head - 1].strip() == title:
            following = heads[number + 1] - 1 if number + 1 < len(heads) else len(lines)
            return lines[head + 1 : following]
    return []
