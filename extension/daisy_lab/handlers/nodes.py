"""Routes of the tree of a file: members, one node, the default plot."""

from tornado.web import authenticated

from daisy_lab.handlers.base import LARGEST_PAGE, PAGE, Handler, errors_in_one_place
from daisy_lab.paths import is_growing


class ChildrenHandler(Handler):
    """`children?path&node&offset&limit&filter`: a page of a group's members."""

    @authenticated
    @errors_in_one_place
    async def get(self) -> None:
        """List members."""
        answer = await self.ask_of_file(
            "children",
            self.file(),
            node=self.text("node"),
            offset=self.number("offset", 0, 10**9),
            limit=self.number("limit", PAGE, LARGEST_PAGE),
            filter=self.text("filter"),
        )
        self.send(answer.value)


class FindHandler(Handler):
    """`find?path&text&limit`: members of all groups of a file, by name."""

    @authenticated
    @errors_in_one_place
    async def get(self) -> None:
        """Search inside a file."""
        answer = await self.ask_of_file(
            "find",
            self.file(),
            text=self.text("text"),
            limit=self.number("limit", PAGE, LARGEST_PAGE),
        )
        self.send(answer.value)


class DifferenceHandler(Handler):
    """`difference?path&other`: where the metadata of two scans differ."""

    @authenticated
    @errors_in_one_place
    async def get(self) -> None:
        """Compare two scans."""
        other = self.places.resolve(self.get_query_argument("other", strip=False))
        answer = await self.ask_of_file("difference", self.file(), other=str(other))
        self.send(answer.value)


class NodeHandler(Handler):
    """`node?path&node`: all about one group or dataset."""

    @authenticated
    @errors_in_one_place
    async def get(self) -> None:
        """Describe a node."""
        answer = await self.ask_of_file("node", self.file(), node=self.text("node"))
        self.send(answer.value)


class PlotHandler(Handler):
    """`plot?path&node`: what to draw first, and where the scan belongs."""

    @authenticated
    @errors_in_one_place
    async def get(self) -> None:
        """Describe the default plot."""
        file = self.file()
        answer = await self.ask_of_file("plot", file, node=self.text("node"))
        proposal = self.places.proposal_of(file)
        told = {
            "code": self.places.code_path(file),
            "growing": is_growing(file),
            "proposal": None if proposal is None else self.places.page_path(proposal),
        }
        self.send(answer.value | told)
