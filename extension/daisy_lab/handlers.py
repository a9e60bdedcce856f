"""The routes below `daisy/`: each parses, asks a reader process, and encodes."""

import asyncio
import functools
import getpass
import hashlib
import json
import os
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado.web import HTTPError, MissingArgumentError, authenticated

from daisy_lab import notebooks
from daisy_lab.paths import Places, identity
from daisy_lab.recorder import Recorder
from daisy_lab.workers import Answer, Pool, WorkerFailed

PAGE = 200
LARGEST_PAGE = 1000
LARGEST_TILE = 4096
SCALES = ("linear", "log", "sqrt")

Method = Callable[..., Awaitable[None]]


def errors_in_one_place(method: Method) -> Method:
    """Answer every failure as JSON {error, message}."""

    @functools.wraps(method)
    async def answered(self: "Handler", *args: str) -> None:
        try:
            await method(self, *args)
        except WorkerFailed as failed:
            self.fail(failed.status, failed.name, failed.message)
        except MissingArgumentError as missing:
            self.fail(400, "BadRequest", f"{missing.arg_name} is missing")
        except HTTPError as error:
            name = {403: "Outside", 404: "NotFound"}.get(error.status_code)
            self.fail(error.status_code, name or "BadRequest", error.log_message or "")
        except ValueError as error:
            self.fail(400, "BadRequest", str(error))

    return answered


class Handler(APIHandler):
    """What the routes share."""

    _running: asyncio.Future[Any] | None = None

    @property
    def places(self) -> Places:
        """Return the folders of this server."""
        places: Places = self.settings["daisy_places"]
        return places

    def file(self) -> Path:
        """Return the file that the request names, confined to the roots."""
        return self.places.resolve(self.get_query_argument("path", strip=False))

    def text(self, name: str) -> str:
        """Return an argument, "" where it is absent."""
        value: str = self.get_query_argument(name, "", strip=False)
        return value

    def number(self, name: str, default: int, largest: int) -> int:
        """Return a count between 0 and *largest*."""
        return min(max(int(self.text(name) or default), 0), largest)

    def position(self) -> list[int]:
        """Return `index=3,4` as numbers."""
        return [int(part) for part in self.text("index").split(",") if part.strip()]

    def value(self, name: str) -> float | None:
        """Return a number, None where it is absent."""
        return float(self.text(name)) if self.text(name) else None

    async def ask(self, job: str, **arguments: Any) -> Answer:
        """Run a job in a reader process, until the page goes away."""
        pool: Pool = self.settings["daisy_pool"]
        running = asyncio.ensure_future(pool.run(job, **arguments))
        self._running = running
        return await running

    async def ask_of_file(self, job: str, file: Path, **arguments: Any) -> Answer:
        """Run a job on one file, with the roots that its links may reach."""
        roots = [str(root) for root in self.places.roots]
        return await self.ask(job, path=str(file), roots=roots, **arguments)

    def on_connection_close(self) -> None:
        """Cancel what nobody waits for any more."""
        if self._running is not None:
            self._running.cancel()
        super().on_connection_close()

    def send(self, value: Any) -> None:
        """Answer with JSON."""
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps(value))

    def fail(self, status: int, name: str, message: str) -> None:
        """Answer with an error; files are named as a line of code names them."""
        for data in {self.places.data, self.places.data.resolve()}:
            message = message.replace(f"{data}/", "")
        self.set_status(status)
        self.send({"error": name, "message": message})

    def same_as_before(self, file: Path) -> bool:
        """Set the tag of this request; say whether the page has the answer."""
        told = f"{identity(file)} {self.request.query}"
        tag = f'"{hashlib.sha256(told.encode()).hexdigest()[:32]}"'
        self.set_header("Etag", tag)
        self.set_header("Cache-Control", "private, no-cache")
        return tag in self.request.headers.get("If-None-Match", "")

    def compute_etag(self) -> None:
        """Never hash an answer: the tag comes from the file."""


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
            "proposal": None if proposal is None else self.places.page_path(proposal),
        }
        self.send(answer.value | told)


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


class TemplatesHandler(Handler):
    """`templates`: the gallery."""

    @authenticated
    @errors_in_one_place
    async def get(self) -> None:
        """List templates."""
        found = [
            {
                "id": t.id,
                "title": t.title,
                "description": t.description,
                "technique": t.technique,
            }
            for t in notebooks.templates()
        ]
        self.send({"templates": found})


class NotebooksHandler(Handler):
    """`notebooks` (POST {template?, path?, node?, index?}): start a notebook."""

    @authenticated
    @errors_in_one_place
    async def post(self) -> None:
        """Write a new notebook, never over an older one."""
        wanted = self.get_json_body() or {}
        path = wanted.get("path")
        file = self.places.resolve(str(path)) if path else None
        scan = None if file is None else self.places.code_path(file)
        if wanted.get("template"):
            template = next(
                (t for t in notebooks.templates() if t.id == wanted["template"]), None
            )
            if template is None:
                raise HTTPError(404, f"there is no template {wanted['template']}")
            notebook = notebooks.from_template(template, scan)
            name = template.id.rpartition("/")[2]
            if file is not None:
                name = f"{file.stem}-{name}"
        elif file is not None and scan is not None:
            index = [int(i) for i in wanted.get("index") or ()]
            line = notebooks.line_of_code(scan, str(wanted.get("node") or ""), index)
            notebook = notebooks.for_scan(file.name, line)
            name = file.stem
        else:
            raise HTTPError(400, "name a template or a scan")
        target = notebooks.place_for(self.places, file)
        written = notebooks.write_new(target, name, notebook)
        self.send({"path": self.places.page_path(written)})


class RecordingsHandler(Handler):
    """`recordings?path`: runs of a notebook whose page has gone."""

    @authenticated
    @errors_in_one_place
    async def get(self) -> None:
        """Describe what runs, or ran, for pages that are not here."""
        recorder: Recorder = self.settings["daisy_recorder"]
        self.send(recorder.describe(self.text("path")))


ROUTES: dict[str, type[Handler]] = {
    "proposals": ProposalsHandler,
    "scans": ScansHandler,
    "children": ChildrenHandler,
    "node": NodeHandler,
    "plot": PlotHandler,
    "tile": TileHandler,
    "series": SeriesHandler,
    "pixel": PixelHandler,
    "templates": TemplatesHandler,
    "notebooks": NotebooksHandler,
    "recordings": RecordingsHandler,
}


def routes(base_url: str) -> list[tuple[str, type[Handler]]]:
    """Return the routes below the server's address."""
    return [
        (url_path_join(base_url, "daisy", name), handler)
        for name, handler in ROUTES.items()
    ]


def framed(preamble: Any, body: bytes) -> bytes:
    """Put a JSON part and bytes into one answer, the bytes aligned to 8."""
    text = json.dumps(preamble).encode()
    padding = -(4 + len(text)) % 8
    return struct.pack("<I", len(text)) + text + b"\0" * padding + body


def user_name() -> str:
    """Return the name under which the user is known."""
    try:
        return os.environ.get("JUPYTERHUB_USER") or getpass.getuser()
    except (KeyError, OSError):
        return "your account"
