"""A person at a browser, as far as HTTP goes: log in, start a server, run code."""

import json
import time
import uuid
from collections.abc import Callable
from contextlib import closing
from urllib.parse import urlparse

import pytest
import requests
import websocket


class Person:
    """One logged-in account of a running hub."""

    def __init__(self, address: str, name: str, password: str) -> None:
        self.address, self.name = address.rstrip("/"), name
        self.session = requests.Session()
        page = self.session.get(f"{self.address}/hub/login", timeout=20)
        page.raise_for_status()
        self.login = self.session.post(
            f"{self.address}/hub/login",
            params={"_xsrf": self._xsrf("/hub/")},
            data={"username": name, "password": password},
            timeout=60,
        )

    @property
    def server(self) -> str:
        return f"{self.address}/user/{self.name}"

    def start_server(self, seconds: float = 90) -> None:
        """Start the server as the browser does, and wait until it answers."""
        limit = time.monotonic() + seconds
        self.session.get(f"{self.address}/hub/spawn/{self.name}", timeout=60)
        while time.monotonic() < limit:
            answer = self.get("/api/status")
            if answer.status_code == 200 and "kernels" in answer.text:
                return
            if answer.status_code == 403:
                # the server is up; its page goes through the hub's OAuth once
                self.get("/lab").raise_for_status()
            time.sleep(0.3)
        raise TimeoutError(
            f"{self.name}'s server: {answer.status_code} {answer.text[:300]}"
        )

    def stop_server(self) -> requests.Response:
        return self.session.delete(
            f"{self.address}/hub/api/users/{self.name}/server",
            headers={"X-XSRFToken": self._xsrf("/hub/")},
            timeout=60,
        )

    def get(self, path: str, **options: object) -> requests.Response:
        """GET a path of the person's own server."""
        return self.session.get(self.server + path, timeout=60, **options)

    def send(self, method: str, path: str, body: object = None) -> requests.Response:
        """POST, PUT or DELETE on the person's own server."""
        return self.session.request(
            method,
            self.server + path,
            json=body,
            headers={"X-XSRFToken": self._xsrf(f"/user/{self.name}/")},
            timeout=60,
        )

    def start_kernel(self) -> str:
        kernel = self.send("POST", "/api/kernels", {"name": "python3"})
        kernel.raise_for_status()
        return str(kernel.json()["id"])

    def run(self, code: str, kernel: str | None = None, seconds: float = 90) -> str:
        """Run code in a kernel; return what it prints, or its error."""
        kernel = kernel or self.start_kernel()
        with closing(self._channels(kernel)) as channel:
            message = self._execute_request(code)
            channel.send(json.dumps(message))
            return self._output(channel, message["header"]["msg_id"], seconds)

    def _channels(self, kernel: str) -> websocket.WebSocket:
        url = f"{self.server}/api/kernels/{kernel}/channels".replace("http", "ws", 1)
        cookies = "; ".join(
            f"{c.name}={c.value}"
            for c in self.session.cookies
            if urlparse(url).path.startswith(c.path)
        )
        return websocket.create_connection(url, cookie=cookies, timeout=120)

    @staticmethod
    def _execute_request(code: str) -> dict:
        header = {
            "msg_id": uuid.uuid4().hex,
            "msg_type": "execute_request",
            "session": uuid.uuid4().hex,
            "username": "",
            "version": "5.3",
        }
        content = {"code": code, "silent": False, "store_history": False}
        return {
            "header": header,
            "parent_header": {},
            "metadata": {},
            "content": content,
            "channel": "shell",
        }

    @staticmethod
    def _output(channel: websocket.WebSocket, request: str, seconds: float) -> str:
        text, limit = "", time.monotonic() + seconds
        while time.monotonic() < limit:
            message = json.loads(channel.recv())
            if message["parent_header"].get("msg_id") != request:
                continue
            content = message["content"]
            match message["msg_type"]:
                case "stream":
                    text += content["text"]
                case "error":
                    text += f"{content['ename']}: {content['evalue']}"
                case "execute_result":
                    text += content["data"]["text/plain"]
                case "status" if content["execution_state"] == "idle":
                    return text
        raise TimeoutError(f"no end after {seconds} s; so far: {text}")

    def _xsrf(self, path: str) -> str:
        return next(
            (
                c.value
                for c in self.session.cookies
                if c.name == "_xsrf" and c.path == path
            ),
            "",
        )


@pytest.fixture(scope="session")
def person() -> Callable[[str, str, str], Person]:
    """Log somebody in: person(address, name, password)."""
    return Person
