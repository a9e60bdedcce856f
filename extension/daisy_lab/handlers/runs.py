"""Routes of runs: a list, one of them, its picture, and what one asks of it."""

from pathlib import Path
from typing import Any

from tornado.web import authenticated

from daisy_lab.handlers.base import LARGEST_PAGE, PAGE, Handler, errors_in_one_place

PICTURE = "picture.png"


class RunHandler(Handler):
    """What the routes of runs share."""

    def page_run(self, run: dict[str, Any]) -> dict[str, Any]:
        """Name the files of a run as pages do."""
        folder = Path(run["path"])
        run["path"] = self.places.page_path(folder)
        run["code"] = self.places.code_path(folder)
        run["error"] = self.shortened(run["error"])
        for file in [run["scan"], *run["files"]]:
            if file["path"]:
                file["path"] = self.places.page_path(Path(file["path"]))
        return run


class RunsHandler(RunHandler):
    """`runs?proposal&offset&limit&filter`: a page of runs, the newest first.

    Without a proposal, those of all that one sees.
    """

    @authenticated
    @errors_in_one_place
    async def get(self) -> None:
        """List runs."""
        answer = await self.ask(
            "runs",
            proposals=await self._proposals(),
            roots=self.roots,
            offset=self.number("offset", 0, 10**9),
            limit=self.number("limit", PAGE, LARGEST_PAGE),
            filter=self.text("filter"),
        )
        for run in answer.value["items"]:
            self.page_run(run)
        self.send(answer.value)

    async def _proposals(self) -> list[str]:
        if wanted := self.text("proposal"):
            return [str(self.places.resolve(wanted))]
        return [proposal["path"] for proposal in await self.proposals()]


class OneRunHandler(RunHandler):
    """`run?path`: all of one run, with the end of its log."""

    @authenticated
    @errors_in_one_place
    async def get(self) -> None:
        """Tell of a run."""
        answer = await self.ask_of_file("run", self.file())
        run = self.page_run(answer.value)
        run["inputs"] = [self.shortened(path) for path in run["inputs"]]
        self.send(run)


class RunPictureHandler(RunHandler):
    """`run/picture?path`: the picture of a run as PNG; 204 where it has none."""

    @authenticated
    @errors_in_one_place
    async def get(self) -> None:
        """Give the picture."""
        folder = self.file()
        picture = folder / PICTURE
        if picture.is_file() and self.same_as_before(picture):
            self.set_status(304)
            self.finish()
            return
        answer = await self.ask_of_file("run_picture", folder)
        if not answer.body:
            self.set_status(204)
            self.finish()
            return
        # another member may have put it there: it is a picture, and nothing else
        self.set_header("X-Content-Type-Options", "nosniff")
        self.finish(answer.body, set_content_type="image/png")


class ActionHandler(RunHandler):
    """What one asks of a run: POST {path}."""

    job = ""

    @authenticated
    @errors_in_one_place
    async def post(self) -> None:
        """Ask it."""
        wanted = self.get_json_body() or {}
        folder = self.places.resolve(str(wanted.get("path") or ""))
        answer = await self.ask_of_file(self.job, folder, **self.more(wanted))
        self.send(self.page_run(answer.value))

    def more(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Return what the job takes beside the folder."""
        return {}


class StopRunHandler(ActionHandler):
    """`run/stop` (POST {path}): ask a run to stop; what is finished stays."""

    job = "stop_run"


class GoOnHandler(ActionHandler):
    """`run/go-on` (POST {path}): start one again that was stopped, lost or failed."""

    job = "go_on_run"


class NoteHandler(ActionHandler):
    """`run/note` (POST {path, note}): change what its owner says of a run."""

    job = "note_run"

    def more(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Return the note, which has to be a text."""
        note = wanted.get("note")
        if not isinstance(note, str):
            raise ValueError("note is missing: a text, or an empty one for none")
        return {"note": note}
