"""A Dask gateway with one cluster, as its REST interface shows it: played here."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MOST = 2


class PlayedGateway:
    """A cluster of one worker; `refusal` is what wishes are answered with."""

    def __init__(self) -> None:
        self.name = "abcdef01" * 4
        self.workers = self.wanted = 1
        self.refusal = self.generation = ""
        self.asked: list[str] = []
        self.url = ""

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, Any]:
        self.asked.append(method)
        if path.endswith("/usage"):
            hours = [{"who": "You", "hours": 12.5, "most": 100.0}]
            return 200, {"month": "2026-11", "hours": hours}
        if method != "GET" and self.refusal:
            return 409, {"error": self.refusal}
        if method == "POST":
            self.wanted = min(json.loads(body)["count"], MOST)
            return 200, {"ok": True, "msg": None}
        if method == "DELETE":
            self.name = ""
            return 204, None
        if path.endswith("/options"):
            fields = [{"field": "environment", "default": ""}, self.generation_field]
            return 200, {"cluster_options": fields}
        return 200, {self.name: self._cluster()} if self.name else {}

    @property
    def generation_field(self) -> dict[str, str]:
        return {"field": "generation", "default": self.generation}

    def _cluster(self) -> dict[str, Any]:
        counts = {"workers": self.workers, "wanted": self.wanted, "most": MOST}
        return {
            "name": self.name,
            "status": "RUNNING",
            "dashboard_route": f"/clusters/{self.name}/status",
            "start_time": 1.79e12,
            "options": counts,
        }


@contextmanager
def played(token: str) -> Iterator[PlayedGateway]:
    """Serve it until the end."""
    gateway = PlayedGateway()

    class Handler(BaseHTTPRequestHandler):
        def answered(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(size)
            known = self.headers["Authorization"] == f"jupyterhub {token}"
            status, told = (
                gateway.answer(self.command, self.path, body)
                if known
                else (401, {"error": "Authentication required"})
            )
            self.send_response(status)
            self.end_headers()
            if told is not None:
                self.wfile.write(json.dumps(told).encode())

        do_GET = do_POST = do_DELETE = answered  # noqa: N815

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        gateway.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield gateway
        server.shutdown()
