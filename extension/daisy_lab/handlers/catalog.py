"""Routes of the catalogue: proposals and their scans."""

import getpass
import os
from pathlib import Path

from tornado.web import HTTPError, authenticated

from daisy_lab.handlers.base import LARGEST_PAGE, PAGE, Handler, errors_in_one_place

ORDERS = ("newest", "oldest", "name")


class ProposalsHandler(Handler):
    """`proposals`: what the user may see."""

    @authenticated
    @errors_in_one_place
    async def get(self) -> None:
        """List proposals."""
        root, found = self.places.data, await self.proposals()
        for proposal in found:
            proposal["path"] = self.places.page_path(Path(proposal["path"]))
        self.send({"root": str(root), "user": user_name(), "proposals": found})


class ScansHandler(Handler):
    """`scans?proposal&offset&limit&filter&order&sample`: a page of scans."""

    @authenticated
    @errors_in_one_place
    async def get(self) -> None:
        """List scans; without `sample`, those of all samples."""
        folder = self.places.resolve(self.get_query_argument("proposal"))
        order = self.text("order") or "newest"
        if order not in ORDERS:
            raise ValueError(f"scans are ordered by {', '.join(ORDERS)}, not {order}")
        answer = await self.ask(
            "scans",
            proposal=str(folder),
            offset=self.number("offset", 0, 10**9),
            limit=self.number("limit", PAGE, LARGEST_PAGE),
            filter=self.text("filter"),
            order=order,
            sample=self.get_query_argument("sample", None, strip=False),
        )
        for scan in answer.value["items"]:
            self.page_scan(scan)
        self.send(answer.value)


class SamplesHandler(Handler):
    """`samples?proposal&filter`: samples with scans that a search finds."""

    @authenticated
    @errors_in_one_place
    async def get(self) -> None:
        """List samples, and the techniques of the proposal."""
        folder = self.places.resolve(self.get_query_argument("proposal"))
        filter = self.text("filter")
        answer = await self.ask("samples", proposal=str(folder), filter=filter)
        self.send(answer.value)


class NeighbourHandler(Handler):
    """`neighbour?path&by`: the scan before (-1) or after (1) in time."""

    @authenticated
    @errors_in_one_place
    async def get(self) -> None:
        """Give one scan, or none at an end."""
        file = self.file()
        proposal = self.places.proposal_of(file)
        by = self.text("by")
        if by not in ("-1", "1"):
            raise ValueError(f"by is -1 or 1, not {by}")
        if proposal is None:
            raise HTTPError(404, f"{file.name} belongs to no proposal")
        answer = await self.ask(
            "neighbour", path=str(file), proposal=str(proposal.resolve()), by=int(by)
        )
        self.send({"scan": self.page_scan(answer.value["scan"])})


class NewestHandler(Handler):
    """`newest`: the scan of raw data that began last, in all proposals one sees."""

    @authenticated
    @errors_in_one_place
    async def get(self) -> None:
        """Give one scan, or none where there is none."""
        paths = [proposal["path"] for proposal in await self.proposals()]
        answer = await self.ask("newest", proposals=paths)
        self.send({"scan": self.page_scan(answer.value["scan"])})


class ThumbHandler(Handler):
    """`thumb?path`: a small picture of a scan as PNG; 204 where it has none."""

    @authenticated
    @errors_in_one_place
    async def get(self) -> None:
        """Make a picture, or give the one that is kept."""
        file = self.file()
        proposal = self.places.proposal_of(file)
        if proposal is None:
            raise HTTPError(404, f"{file.name} belongs to no proposal")
        if self.same_as_before(file):
            self.set_status(304)
            self.finish()
            return
        # nobody waits for it: what somebody waits for always finds a free process
        async with self.settings["daisy_thumbs"]:
            answer = await self.ask_of_file(
                "thumb", file, proposal=str(proposal.resolve())
            )
        if not answer.body:
            self.set_status(204)
            self.finish()
            return
        self.set_header("X-Content-Type-Options", "nosniff")
        self.finish(answer.body, set_content_type="image/png")


def user_name() -> str:
    """Return the name under which the user is known."""
    try:
        return os.environ.get("JUPYTERHUB_USER") or getpass.getuser()
    except (KeyError, OSError):
        return "your account"
