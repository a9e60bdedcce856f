"""Routes of what is drawn: pictures, lines, the value of a pixel."""

from collections.abc import Callable
from functools import partial

from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, authenticated

from daisy_lab.handlers.base import Handler, errors_in_one_place, framed
from daisy_lab.jobs import cells
from daisy_lab.jobs.sums import HOWS
from daisy_lab.paths import identity

BINARY = "application/octet-stream"
LARGEST_TILE = 4096
LARGEST_STEP = 1024
SCALES = ("linear", "log", "sqrt")
LAST_TWO = [-2, -1]
LAST = -1
MOST_REMEMBERED = 10_000
BOX = 4
AGAINST = ("flat", "minus", "over")
REGION = 3
# not in the address, by which the browser knows what it has been given
TICKET = "X-Daisy-Ticket"
LONGEST_TICKET = 64


class TileHandler(Handler):
    """`tile?path&node&index&axes&sum&step&max&lo&hi&scale&box&bin&preview&marks&how`.

    A picture, no larger than the screen.

    `axes` are the axes of rows and of columns, `sum` an axis that is added up with
    its first position and its end (several one after the other), `index` the
    positions on all others. With `bin` a cell has at least so many pixels each way.
    `how` is sum, or max, mean, std instead of it. `against`
    is flat (the flat field of the scan), or minus or over (another scan: `other`,
    and `other_node` where its dataset has another path).

    The body is the length of the JSON part (u32, little endian), that part, zeros
    up to a multiple of 8, and `bytes` bytes: the picture row by row, 8 bits a pixel,
    each row as the difference to the one above it, deflated. With `preview` a large
    picture comes twice: first with so many rows and columns at most.

    With a header `X-Daisy-Ticket` the route `events` tells how far a long one has come.
    """

    @authenticated
    @errors_in_one_place
    async def get(self) -> None:
        """Make a picture."""
        file = self.file()
        scale = self.text("scale") or SCALES[0]
        if scale not in SCALES:
            raise HTTPError(400, f"scale is one of {', '.join(SCALES)}")
        box = self.integers("box")
        if len(box) not in (0, BOX):
            raise HTTPError(
                400, "box is four numbers: first row, end, first column, end"
            )
        most = [min(max(n, 16), LARGEST_TILE) for n in self.integers("max") or [512]]
        wish = (identity(file), self.text("node"))
        if self.same_as_before(file) and wish in self._alone:
            self.set_status(304)
            self.finish()
            return
        answer = await self.ask_of_file(
            "tile",
            file,
            node=self.text("node"),
            index=self.position(),
            axes=picture_axes(self),
            summed=regions(self),
            step=max(self.number("step", 1, LARGEST_STEP), 1),
            max_shape=[most[0], most[-1]],
            box=box or None,
            lo=self.value("lo"),
            hi=self.value("hi"),
            scale=scale,
            preview=self.number("preview", 0, LARGEST_TILE),
            marks=bool(self.number("marks", 0, 1)),
            how=how(self),
            against=against(self),
            bin=bin_of(self),
            tell=self._teller(),
        )
        self._remember(wish, answer.value[0].pop("alone"))
        self.set_header("Content-Type", BINARY)
        start = 0
        for part in answer.value:
            end = start + part["bytes"]
            self.write(framed(part, answer.body[start:end]))
            try:
                await self.flush()
            except StreamClosedError:
                return  # the page has moved on
            start = end
        self.finish(set_content_type=BINARY)

    def _teller(self) -> Callable[[int, int], None] | None:
        ticket = self.request.headers.get(TICKET, "")
        if not 0 < len(ticket) <= LONGEST_TICKET:
            return None
        return partial(self.settings["daisy_progress"].tell, ticket)

    @property
    def _alone(self) -> set[tuple[str, str]]:
        """Datasets of which all is in the file that is named, as far as known."""
        found: set[tuple[str, str]] = self.settings["daisy_alone"]
        return found

    def _remember(self, wish: tuple[str, str], is_alone: bool) -> None:
        """Take the tag away where other files can change what is shown."""
        if not is_alone:
            self.clear_header("Etag")
            self.set_header("Cache-Control", "no-store")
        elif "Etag" in self._headers:
            if len(self._alone) > MOST_REMEMBERED:
                self._alone.clear()
            self._alone.add(wish)


class SeriesHandler(Handler):
    """`series?path&node&index&axis&sum&points&x&over&from&to`: a curve, thinned."""

    @authenticated
    @errors_in_one_place
    async def get(self) -> None:
        """Read a line."""
        ends = (self.value("from"), self.value("to"))
        answer = await self.ask_of_file(
            "series",
            self.file(),
            node=self.text("node"),
            index=self.position(),
            axis=int(self.text("axis") or LAST),
            summed=regions(self),
            points=self.number("points", 1000, 10_000) or 1000,
            x=self.text("x"),
            over=self.text("over"),
            within=None if None in ends else list(ends),
        )
        self.send(answer.value)


class PixelHandler(Handler):
    """`pixel?path&node&index&axes&sum&how&row&column&bin`: one exact value.

    With `bin` it is the mean of the cell around the pixel, without marked ones.
    """

    @authenticated
    @errors_in_one_place
    async def get(self) -> None:
        """Read a pixel."""
        answer = await self.ask_of_file(
            "pixel",
            self.file(),
            node=self.text("node"),
            index=self.position(),
            axes=picture_axes(self),
            row=self.number("row", 0, 10**9),
            column=self.number("column", 0, 10**9),
            summed=regions(self),
            how=how(self),
            against=against(self),
            bin=bin_of(self),
        )
        self.send(answer.value)


def bin_of(handler: Handler) -> int:
    """Return how many pixels a cell has each way: 1 where nothing is said."""
    return cells.check(int(handler.text("bin") or 1))


def against(handler: Handler) -> list[str] | None:
    """Return what a frame is compared with: its flat field, or another scan."""
    kind = handler.text("against")
    if not kind:
        return None
    if kind not in AGAINST:
        raise HTTPError(400, f"against is one of {', '.join(AGAINST)}, not {kind!r}")
    if kind == AGAINST[0]:
        return [kind]
    other = handler.places.resolve(handler.get_query_argument("other", strip=False))
    return [kind, str(other), handler.text("other_node")]


def picture_axes(handler: Handler) -> list[int]:
    """Return the axes of rows and columns: the last two where none are named."""
    axes = handler.integers("axes") or LAST_TWO
    if len(axes) != len(LAST_TWO):
        raise HTTPError(400, "axes is two numbers: the axis of rows, that of columns")
    return axes


def regions(handler: Handler) -> list[int]:
    """Return the axes that are added up, each with its first position and end."""
    summed = handler.integers("sum")
    if len(summed) % REGION:
        raise HTTPError(400, "sum is three numbers: axis, first position, end")
    return summed


def how(handler: Handler) -> str:
    """Return what is taken along the axes that are added up."""
    chosen = handler.text("how") or HOWS[0]
    if chosen not in HOWS:
        raise HTTPError(400, f"how is one of {', '.join(HOWS)}, not {chosen!r}")
    return chosen
