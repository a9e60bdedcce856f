"""Routes of what is drawn: pictures, lines, the value of a pixel."""

from tornado.web import HTTPError, authenticated

from daisy_lab.handlers.base import Handler, errors_in_one_place, framed

LARGEST_TILE = 4096
SCALES = ("linear", "log", "sqrt")


class TileHandler(Handler):
    """`tile?path&node&index&max&lo&hi&scale&box`: one 8-bit picture.

    The body is the length of the JSON part (u32, little endian), that part, zeros
    up to a multiple of 8, and the picture row by row.
    """

    @authenticated
    @errors_in_one_place
    async def get(self) -> None:
        """Make a picture."""
        file = self.file()
        scale = self.text("scale") or SCALES[0]
        if scale not in SCALES:
            raise HTTPError(400, f"scale is one of {', '.join(SCALES)}")
        box = [int(n) for n in self.text("box").split(",") if n]
        if len(box) not in (0, 4):
            raise HTTPError(
                400, "box is four numbers: first row, end, first column, end"
            )
        most = [int(n) for n in (self.text("max") or "512,512").split(",")]
        most = [min(max(n, 16), LARGEST_TILE) for n in most]
        if self.same_as_before(file):
            self.set_status(304)
            self.finish()
            return
        answer = await self.ask_of_file(
            "tile",
            file,
            node=self.text("node"),
            index=self.position(),
            max_shape=[most[0], most[-1]],
            box=box or None,
            lo=self.value("lo"),
            hi=self.value("hi"),
            scale=scale,
        )
        self.finish(
            framed(answer.value, answer.body),
            set_content_type="application/octet-stream",
        )


class SeriesHandler(Handler):
    """`series?path&node&index&points`: a line, thinned."""

    @authenticated
    @errors_in_one_place
    async def get(self) -> None:
        """Read a line."""
        answer = await self.ask_of_file(
            "series",
            self.file(),
            node=self.text("node"),
            index=self.position(),
            points=self.number("points", 1000, 10_000) or 1000,
        )
        self.send(answer.value)


class PixelHandler(Handler):
    """`pixel?path&node&index&row&column`: one exact value."""

    @authenticated
    @errors_in_one_place
    async def get(self) -> None:
        """Read a pixel."""
        answer = await self.ask_of_file(
            "pixel",
            self.file(),
            node=self.text("node"),
            index=self.position(),
            row=self.number("row", 0, 10**9),
            column=self.number("column", 0, 10**9),
        )
        self.send(answer.value)
