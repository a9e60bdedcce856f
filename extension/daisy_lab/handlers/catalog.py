"""Routes of the catalogue: proposals and their scans."""

import getpass
import os
from pathlib import Path

from tornado.web import authenticated

from daisy_lab.handlers.base import LARGEST_PAGE, PAGE, Handler, errors_in_one_place


class ProposalsHandler(Handler):
    """`proposals`: what the user may see."""

    @authenticated
    @errors_in_one_place
    async def get(self) -> None:
        """List proposals."""
        root = self.places.data
        found = []
        if root.is_dir():
            found = (await self.ask("proposals", root=str(root.resolve()))).value
        for proposal in found:
            proposal["path"] = self.places.page_path(Path(proposal["path"]))
        self.send({"root": str(root), "user": user_name(), "proposals": found})


class ScansHandler(Handler):
    """`scans?proposal&offset&limit&filter`: a page of scans, newest first."""

    @authenticated
    @errors_in_one_place
    async def get(self) -> None:
        """List scans."""
        folder = self.places.resolve(self.get_query_argument("proposal"))
        answer = await self.ask(
            "scans",
            proposal=str(folder),
            offset=self.number("offset", 0, 10**9),
            limit=self.number("limit", PAGE, LARGEST_PAGE),
            filter=self.text("filter"),
        )
        for scan in answer.value["items"]:
            scan["path"] = self.places.page_path(Path(scan["path"]))
        self.send(answer.value)


def user_name() -> str:
    """Return the name under which the user is known."""
    try:
        return os.environ.get("JUPYTERHUB_USER") or getpass.getuser()
    except (KeyError, OSError):
        return "your account"
