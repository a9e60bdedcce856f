"""Route `feed`: the newest scans of a proposal, and what its rules made of each."""

from pathlib import Path
from typing import Any

from tornado.web import authenticated

from daisy_lab.handlers.base import LARGEST_PAGE, errors_in_one_place
from daisy_lab.handlers.runs import RunHandler

PAGE = 50


class FeedHandler(RunHandler):
    """`feed?proposal&offset&limit`; POST {proposal} writes the usual rules."""

    @authenticated
    @errors_in_one_place
    async def get(self) -> None:
        """List scans with what was made of them."""
        folder = self.places.resolve(self.get_query_argument("proposal"))
        answer = await self.ask(
            "feed",
            proposal=str(folder),
            roots=self.roots,
            offset=self.number("offset", 0, 10**9),
            limit=self.number("limit", PAGE, LARGEST_PAGE),
        )
        for scan in answer.value["items"]:
            self._page_items(scan)
        answer.value["rules"] = self._page_rules(folder, answer.value["rules"])
        self.send(answer.value)

    @authenticated
    @errors_in_one_place
    async def post(self) -> None:
        """Write a rule for every technique, where there are none."""
        wanted = self.get_json_body() or {}
        folder = self.places.resolve(str(wanted.get("proposal") or ""))
        answer = await self.ask("write_default_rules", proposal=str(folder))
        self.send(self._page_rules(folder, answer.value))

    def _page_items(self, scan: dict[str, Any]) -> None:
        self.page_scan(scan)
        for item in scan["items"]:
            item["problem"] = self.shortened(item["problem"])
            if item["run"] is not None:
                self.page_run(item["run"])

    def _page_rules(self, proposal: Path, rules: dict[str, Any]) -> dict[str, Any]:
        """Name the file of the rules, and the command that writes them."""
        rules["file"] = self.places.code_path(Path(rules["file"]))
        rules["problem"] = self.shortened(rules["problem"])
        rules["command"] = f"daisy rules {self.places.code_path(proposal)} --write"
        return rules
