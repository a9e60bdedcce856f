"""A hub's service that keeps watches, as its servers see it: played on loopback."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "a-token"


class PlayedService:
    """Who watches what; `refusal` is what it says instead: a status, and a body."""

    def __init__(self) -> None:
        self.proposals = ["B7/2026-0042", "B8/2026-0100"]
        self.watches: list[dict[str, Any]] = []
        self.refusal: tuple[int, bytes] | None = None
        self.asked: list[str] = []
        self.url = ""

    def add(self, user: str, proposal: str) -> None:
        choice = {"user": user, "proposal": proposal, "since": 1.79e9}
        self.watches.append({**choice, "state": "server up"})

    def answer(self, method: str, path: str) -> tuple[int, bytes]:
        self.asked.append(f"{method} {path}")
        if self.refusal:
            return self.refusal
        name = path.removeprefix("/watches").removeprefix("/")
        if method == "PUT":
            self.add("anna", name)
        if method == "DELETE":
            mine = "anna", name
            left = [w for w in self.watches if (w["user"], w["proposal"]) != mine]
            self.watches = left
        told = {"you": "anna", "proposals": self.proposals, "watches": self.watches}
        return 200, json.dumps(told).encode()


@contextmanager
def played() -> Iterator[PlayedService]:
    """Serve it until the end."""
    service = PlayedService()

    class Handler(BaseHTTPRequestHandler):
        def answered(self) -> None:
            if self.headers["Authorization"] == f"token {TOKEN}":
                status, body = service.answer(self.command, self.path)
            else:
                status, body = 403, b'{"message": "A token is needed"}'
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = do_DELETE = answered  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        service.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield service
        server.shutdown()
