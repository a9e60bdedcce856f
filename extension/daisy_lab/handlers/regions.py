"""The route of drawn regions."""

import numpy as np
from tornado.web import HTTPError, authenticated

from daisy_kernel.apps import shapes
from daisy_lab.handlers.base import Handler, errors_in_one_place
from daisy_lab.handlers.pictures import against, how, picture_axes, regions

PAIR = 2


class RegionHandler(Handler):
    """`region?path&node&index&axes&sum&how&kind&width` (POST): statistics of a region.

    The body is {points}: row and column of each point, one after the other; painted
    pixels have more of them than an address can hold. The centre of the first pixel
    is at 0.5. All pixels are taken as they are in the file.
    """

    @authenticated
    @errors_in_one_place
    async def post(self) -> None:
        """Describe a region."""
        kind, points = self.text("kind"), points_of(self)
        width = self.number("width", 1, shapes.WIDEST)
        shapes.check(kind, np.asarray(points, np.float64).reshape(-1, PAIR), width)
        answer = await self.ask_of_file(
            "region",
            self.file(),
            node=self.text("node"),
            index=self.position(),
            axes=picture_axes(self),
            kind=kind,
            points=points,
            width=width,
            summed=regions(self),
            how=how(self),
            against=against(self),
        )
        self.send(answer.value)


def points_of(handler: Handler) -> list[list[float]]:
    """Return the points of a request: row and column of each."""
    values = (handler.get_json_body() or {}).get("points")
    if not isinstance(values, list) or len(values) % PAIR:
        raise HTTPError(400, "points is two numbers for each point: row, column")
    pairs = zip(*[iter(map(float, values))] * PAIR, strict=True)
    return [list(pair) for pair in pairs]
