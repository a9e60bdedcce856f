"""A workflow as a picture: algorithms in columns, and lines for their objects."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from daisy_kernel.workflow.check import in_order
from daisy_kernel.workflow.workflow import Step, Workflow

_WIDE, _HIGH, _GAP_X, _GAP_Y, _EDGE = 170, 44, 70, 22, 12
_LONGEST = 24  # characters of a name


def to_svg(workflow: Workflow) -> str:
    """Draw a workflow.

    Returns
    -------
    :
        SVG. What has to be given stands left, results are drawn bold; colours are
        those of the page around it.

    Raises
    ------
    WorkflowRefused
        Its algorithms wait for each other.
    """
    places = _places(workflow)
    columns = max((x for x, _ in places.values()), default=0) + 1
    rows = max((y for _, y in places.values()), default=0) + 1
    width = 2 * _EDGE + columns * _WIDE + (columns - 1) * _GAP_X
    height = 2 * _EDGE + rows * _HIGH + (rows - 1) * _GAP_Y
    lines = "".join(_lines(workflow, places))
    boxes = "".join(_boxes(workflow, places))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" font-family="sans-serif" '
        f'font-size="12" aria-label="Workflow {escape(workflow.name)}" '
        f'stroke="currentColor" fill="none">{lines}{boxes}</svg>'
    )


def _places(workflow: Workflow) -> dict[str, tuple[int, int]]:
    """Give column and row of each object that is given, and of each step."""
    depth: dict[str, int] = {f"<{name}": 0 for name in workflow.inputs}
    makers = {name: step for step in workflow.steps for name in step.into}
    for step in in_order(workflow):
        before = [
            depth[makers[n].name] if n in makers else depth[f"<{n}"] for n in step.needs
        ]
        depth[step.name] = max(before, default=0) + 1
    taken: dict[int, int] = {}
    places = {}
    for name, column in depth.items():
        places[name] = column, taken.get(column, 0)
        taken[column] = taken.get(column, 0) + 1
    return places


def _lines(workflow: Workflow, places: dict[str, tuple[int, int]]) -> Iterator[str]:
    makers = {name: step for step in workflow.steps for name in step.into}
    for step in workflow.steps:
        for name in step.needs:
            source = makers[name].name if name in makers else f"<{name}"
            (x1, y1), (x2, y2) = _corner(places[source]), _corner(places[step.name])
            x1, y1, y2 = x1 + _WIDE, y1 + _HIGH // 2, y2 + _HIGH // 2
            middle = (x1 + x2) // 2
            yield (
                f'<path d="M{x1} {y1}C{middle} {y1} {middle} {y2} {x2} {y2}" '
                f'opacity=".5"><title>{escape(name)}</title></path>'
            )


def _boxes(workflow: Workflow, places: dict[str, tuple[int, int]]) -> Iterator[str]:
    for name in workflow.inputs:
        yield _box(places[f"<{name}"], name, "", given=True)
    for step in workflow.steps:
        bold = any(name in workflow.results for name in step.into)
        yield _box(places[step.name], step.name, _makes(step), bold=bold)


def _makes(step: Step) -> str:
    return "→ " + ", ".join(step.into)


def _box(
    place: tuple[int, int],
    title: str,
    below: str,
    given: bool = False,
    bold: bool = False,
) -> str:
    x, y = _corner(place)
    dash = ' stroke-dasharray="4 3"' if given else ""
    weight = ' font-weight="bold"' if bold else ""
    lines = [(title, 18 if below else 27)] + ([(below, 34)] if below else [])
    texts = "".join(
        f'<text x="{x + _WIDE // 2}" y="{y + dy}" text-anchor="middle" stroke="none" '
        f'fill="currentColor"{weight}>{escape(_short(text))}</text>'
        for text, dy in lines
    )
    return (
        f'<g><title>{escape(title)} {escape(below)}</title><rect x="{x}" y="{y}" '
        f'width="{_WIDE}" height="{_HIGH}" rx="6"{dash} '
        f'stroke-width="{2 if bold else 1}"/>{texts}</g>'
    )


def _corner(place: tuple[int, int]) -> tuple[int, int]:
    column, row = place
    return _EDGE + column * (_WIDE + _GAP_X), _EDGE + row * (_HIGH + _GAP_Y)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
