"""What the routes share: files, arguments, errors in one place."""

import asyncio
import functools
import hashlib
import json
import struct
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from jupyter_server.base.handlers import APIHandler
from tornado.web import HTTPError, MissingArgumentError

from daisy_lab.paths import Places, identity, is_growing
from daisy_lab.workers import Answer, Pool, WorkerFailed

FORMAT = 2  # of tagged answers: a browser may still hold those of an older version
PAGE = 200
LARGEST_PAGE = 1000

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
        except FileNotFoundError as error:
            # it vanished after its name had been resolved
            self.fail(404, "NotFound", f"{error.filename} does not exist")
        except ValueError as error:
            self.fail(400, "BadRequest", str(error))

    return answered


class Handler(APIHandler):
    """What the routes share."""

    _running: asyncio.Future[Any] | None = None
    pool_name = "daisy_pool"

    @property
    def places(self) -> Places:
        """Return the folders of this server."""
        places: Places = self.settings["daisy_places"]
        return places

    @property
    def roots(self) -> list[str]:
        """Return the folders that links may reach, as jobs take them."""
        return [str(root) for root in self.places.roots]

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
        return self.integers("index")

    def integers(self, name: str) -> list[int]:
        """Return a list of whole numbers, empty where it is absent."""
        return [int(part) for part in self.text(name).split(",") if part.strip()]

    def value(self, name: str) -> float | None:
        """Return a number, None where it is absent."""
        return float(self.text(name)) if self.text(name) else None

    async def ask(self, job: str, **arguments: Any) -> Answer:
        """Run a job in a reader process, until the page goes away."""
        pool: Pool = self.settings[self.pool_name]
        running = asyncio.ensure_future(pool.run(job, **arguments))
        self._running = running
        return await running

    async def ask_of_file(self, job: str, file: Path, **arguments: Any) -> Answer:
        """Run a job on one file, with the roots that its links may reach."""
        return await self.ask(job, path=str(file), roots=self.roots, **arguments)

    async def proposals(self) -> list[dict[str, Any]]:
        """Ask for the proposals that the user may see."""
        root = self.places.data
        if not root.is_dir():
            return []
        found: list[dict[str, Any]] = (
            await self.ask("proposals", root=str(root.resolve()))
        ).value
        return found

    def page_scan(self, scan: dict[str, Any] | None) -> dict[str, Any] | None:
        """Name a scan of the catalogue as pages do."""
        if scan is not None:
            path = Path(scan["path"])
            scan["path"] = self.places.page_path(path)
            scan["code"] = self.places.code_path(path)
        return scan

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
        """Answer with an error."""
        self.set_status(status)
        self.send({"error": name, "message": self.shortened(message)})

    def shortened(self, message: str) -> str:
        """Name files in a message as a line of code names them."""
        for data in {self.places.data, self.places.data.resolve()}:
            message = message.replace(f"{data}/", "")
        return message

    def same_as_before(self, file: Path) -> bool:
        """Set the tag of this request; say whether the page has the answer.

        What is being written has no tag: its time of change is coarser than it.
        """
        if is_growing(file):
            self.set_header("Cache-Control", "no-store")
            return False
        told = f"{FORMAT} {identity(file)} {self.request.query}"
        tag = f'"{hashlib.sha256(told.encode()).hexdigest()[:32]}"'
        self.set_header("Etag", tag)
        self.set_header("Cache-Control", "private, no-cache")
        return tag in self.request.headers.get("If-None-Match", "")

    def compute_etag(self) -> None:
        """Never hash an answer: the tag comes from the file."""


def framed(preamble: Any, body: bytes) -> bytes:
    """Put a JSON part and bytes into one answer, the bytes aligned to 8."""
    text = json.dumps(preamble).encode()
    padding = -(4 + len(text)) % 8
    return struct.pack("<I", len(text)) + text + b"\0" * padding + body
