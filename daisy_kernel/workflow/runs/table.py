"""Tables of runs and of their algorithms, in a terminal and in a notebook."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from html import escape

from daisy_kernel.model.text import format_bytes
from daisy_kernel.workflow.runs.line import duration
from daisy_kernel.workflow.runs.record import Progress, StepProgress

Row = Sequence[str]
STEPS = ("algorithm", "blocks", "in it", "read", "written")


def step_rows(progress: Progress) -> list[Row]:
    """Say what each algorithm has done so far; one that was not needed has dashes."""
    return [(name, *_cells(step)) for name, step in progress.steps.items()]


def _cells(step: StepProgress) -> Row:
    if not step.of:
        return ("-",) * (len(STEPS) - 1)
    return (
        f"{step.blocks} of {step.of}",
        duration(step.seconds),
        format_bytes(step.read) if step.read else "-",
        format_bytes(step.written) if step.written else "-",
    )


def text_table(head: Row, rows: Iterable[Row]) -> list[str]:
    """Give the lines of a table whose columns are as wide as they need to be."""
    every = [head, *rows]
    widths = [max(map(len, column)) for column in zip(*every, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in every]


def html_table(
    head: Row, rows: Iterable[Row], pictures: Iterable[bytes] | None = None
) -> str:
    """Give a table as HTML; what stands in it is text.

    Parameters
    ----------
    pictures
        A PNG, or b"", for each row, which begins with it.
    """
    if pictures is None:
        lines = [_line("td", row) for row in rows]
        return f"<table>{_line('th', head)}{''.join(lines)}</table>"
    shown = zip(rows, pictures, strict=True)
    lines = [_line("td", row, f"<td>{_image(png)}</td>") for row, png in shown]
    return f"<table>{_line('th', head, '<th></th>')}{''.join(lines)}</table>"


def _line(kind: str, row: Row, first: str = "") -> str:
    # notebooks put numbers to the right, and everything else as well
    cell = f'<{kind} style="text-align:left">'
    cells = "".join(f"{cell}{escape(text)}</{kind}>" for text in row)
    return f"<tr>{first}{cells}</tr>"


def _image(png: bytes) -> str:
    if not png:
        return ""
    data = base64.b64encode(png).decode()
    return f'<img alt="" src="data:image/png;base64,{data}" style="height:64px">'
