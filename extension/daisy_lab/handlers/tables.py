"""Routes of what is listed: pages of values, attributes."""

from tornado.web import HTTPError, authenticated

from daisy_lab.handlers.base import Handler, errors_in_one_place

MOST_ROWS, MOST_COLUMNS = 500, 200
RANGE = 2


class ValuesHandler(Handler):
    """`values?path&node&index&axes&rows&columns`: a page of exact values.

    `rows` and `columns` are the first one and the end.
    """

    @authenticated
    @errors_in_one_place
    async def get(self) -> None:
        """Read a page."""
        answer = await self.ask_of_file(
            "values",
            self.file(),
            node=self.text("node"),
            index=self.position(),
            axes=self.integers("axes"),
            rows=self._range("rows", MOST_ROWS),
            columns=self._range("columns", MOST_COLUMNS),
        )
        self.send(answer.value)

    def _range(self, name: str, most: int) -> list[int]:
        ends = self.integers(name) or [0, most]
        if len(ends) != RANGE or not 0 <= ends[0] < ends[1]:
            raise HTTPError(400, f"{name} is two numbers: the first, and the end")
        return [ends[0], min(ends[1], ends[0] + most)]


class AttributesHandler(Handler):
    """`attributes?path&node`: all attributes of a node and of the groups above."""

    @authenticated
    @errors_in_one_place
    async def get(self) -> None:
        """List attributes."""
        answer = await self.ask_of_file(
            "attributes", self.file(), node=self.text("node")
        )
        self.send(answer.value)
