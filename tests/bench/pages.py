"""docs/benchmarks.md: each benchmark writes its own part, and leaves the others."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"


def write_part(name: str, text: str, page: Path = PAGE) -> None:
    """Put *text* between the marks of a part, which are there already.

    Raises
    ------
    ValueError
        The page has no such part.
    """
    begin, end = f"<!-- part: {name} -->", f"<!-- end: {name} -->"
    marks = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    made, count = marks.subn(
        lambda _: f"{begin}\n\n{text.strip()}\n\n{end}", page.read_text()
    )
    if count != 1:
        raise ValueError(f"{page} has {count} parts {name}")
    page.write_text(made)


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Give a table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines) + "\n"
