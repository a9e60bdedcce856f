"""What is done with an application, and measured."""

from __future__ import annotations

from bench.browser import data, table
from bench.browser.apps import App
from bench.browser.clock import Drawn
from bench.browser.table import Found

STEPS = 5
PAUSE = 0.3  # seconds for which a user looks at a picture
_MEGA = 1e6


def one_round(app: App, found: Found, number: int, size: data.Size) -> None:
    """Open files in a fresh page, step through them, cut them."""
    app.new_page()
    first, again = (number * 2) % size.names, (number * 2 + 1) % size.names
    _take(found, table.FIRST, app.open(data.name("bslz4", first)))
    app.shut()
    _take(found, table.AGAIN, app.open(data.name("bslz4", again)))
    slices(app, found)
    app.shut()
    for row, kind in ((table.LARGE, "large"), (table.LARGER, "larger")):
        _take(found, row, app.open(data.name(kind, number % size.names)))
        app.shut()
    cuts(app, found, number, size)


def slices(app: App, found: Found) -> None:
    """Go forward to new slices, and back to those seen before."""
    for _ in range(STEPS):
        _look(app)
        drawn = app.step(app.new_slice)
        _take(found, table.NEW, drawn)
        settled = app.traffic.between(drawn.began, drawn.settled_seen)
        follows = app.follows(drawn)
        first = app.traffic.between(drawn.began, drawn.first_seen, follows)
        found.add(table.BYTES, first / _MEGA)
        found.add(table.PER_PIXEL, settled / drawn.pixels)
    for _ in range(STEPS - 1):
        _look(app)
        _take(found, table.SEEN, app.step(app.seen_slice))
    if app.ahead_slice:
        _look(app)
        found.aside["next slice, fetched ahead"].append(
            app.step(app.ahead_slice).settled
        )


def cuts(app: App, found: Found, number: int, size: data.Size) -> None:
    """Cut across the frames, each time where nobody has cut before."""
    file = data.name("bslz4", 0)
    for row, axes in ((table.CUT_COLUMN, (0, 2)), (table.CUT_ROW, (0, 1))):
        at = (size.side // 3 + 37 * number) % (size.side - 1)
        if not found.values[row]:  # whoever makes an index makes it now
            app.cut(file, axes, size.side - 1, size)
        found.add(row, app.cut(file, axes, at, size))


def group(app: App, found: Found, limit: float) -> None:
    """Look into the large group of a fresh page; scroll, the first time."""
    app.new_page()
    drawn = app.open_group(limit)
    _take(found, table.GROUP, drawn)
    if not found.values[table.NODES]:
        app.scroll_group()
        found.add(table.NODES, app.nodes())


def far_away(app: App, found: Found) -> None:
    """Step through slices over a slow line."""
    app.new_page()
    app.open(data.name("bslz4", 0))
    for _ in range(STEPS):
        _look(app)
        drawn = app.step(app.new_slice)
        _take(found, table.FAR, drawn)
        found.aside["the same over a slow line, first tile"].append(drawn.first)


def _look(app: App) -> None:
    app.page.wait_for_timeout(PAUSE * 1e3)


def _take(found: Found, row: int, drawn: Drawn) -> None:
    found.add(row, drawn.settled)
    found.asked[table.ROWS[row].action] = drawn.asked
    if drawn.picture:
        found.shades.append(drawn.picture["shades"])
