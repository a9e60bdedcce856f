"""A real installation, and a person at a browser as far as HTTP goes."""

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlparse

import pytest
import requests
import websocket

ROOT = Path(__file__).parent.parent
ORDINARY_UID = 54_321


@dataclass
class Installation:
    """A checkout from which `make` is called, and what `make up` wrote."""

    checkout: Path
    home: Path
    environment: dict[str, str]
    prefix: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    ports: range = field(default_factory=lambda: free_ports())  # noqa: PLW0108

    def make(
        self, *words: str, answer: str = "", seconds: float = 600
    ) -> subprocess.CompletedProcess:
        """Call make as a user would; the test reads output and exit code."""
        return subprocess.run(
            [*self.prefix, "make", "--no-print-directory", *words],
            cwd=self.checkout,
            env={**self.environment, "DAISY_HOME": str(self.home)},
            input=answer,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds,
            check=False,
        )

    def up(self, *words: str) -> str:
        result = self.make("up", f"PORT={self.ports[0]}", *self.options, *words)
        assert result.returncode == 0, result.stdout
        return result.stdout

    def hub(self, *words: str) -> subprocess.CompletedProcess:
        """Call `daisy-hub` as an operator would."""
        return subprocess.run(
            [*self.prefix, self.home / "envs" / "hub" / "bin" / "daisy-hub", *words],
            cwd=self.checkout,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    @property
    def in_containers(self) -> bool:
        """Whether accounts have containers, not processes of the machine."""
        return "PROFILE=docker" in self.options

    @property
    def facts(self) -> dict:
        return json.loads((self.home / "up.json").read_text())

    @property
    def address(self) -> str:
        return self.facts["address"]

    @property
    def software(self) -> Path:
        """The environment that new servers get."""
        kept = self.home / "state" / "generations" / "generations.json"
        content = json.loads(kept.read_text())
        made = {g["name"]: g["software"] for g in content["generations"]}
        return Path(made[content["current"]])

    def password(self, name: str) -> str:
        return next(a["password"] for a in self.facts["accounts"] if a["name"] == name)

    def part(self, name: str) -> int:
        """Give the pid of a part, as `make status` shows it."""
        lines = self.make("status").stdout.splitlines()
        (found,) = [line for line in lines if line.endswith(f"  {name}")]
        return int(found.split()[0])

    @contextmanager
    def unsupervised(self) -> Iterator[None]:
        """Nothing that ends is started again meanwhile."""
        supervisor = self.part("supervisor")
        os.kill(supervisor, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(supervisor, signal.SIGCONT)

    def let_members_write(self, proposal: str) -> None:
        """Give `processed` to the members, as `make up` tells an operator to."""
        if os.geteuid() == 0:
            accounts = json.loads((self.home / "state" / "accounts.json").read_text())
            processed = Path(self.facts["data"]) / proposal / "processed"
            os.chown(processed, -1, accounts["proposal_gids"][proposal])
            processed.chmod(0o2770)

    def processes(self) -> list[int]:
        """List the processes that carry this installation's mark."""
        mark = (self.home / "state" / "instance").read_text()
        return [
            int(folder.name)
            for folder in Path("/proc").glob("[0-9]*")
            if f"DAISY_INSTANCE={mark}".encode() in _environ(folder)
        ]


def _environ(folder: Path) -> bytes:
    try:
        return (folder / "environ").read_bytes()
    except OSError:
        return b""


def free_ports(count: int = 8) -> range:
    """Return a row of free ports."""
    while True:
        first = random.randrange(20_000, 30_000)
        if all(_is_free(port) for port in range(first, first + count)):
            return range(first, first + count)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.fixture
def free_port_row() -> range:
    """Eight free ports in a row."""
    return free_ports()


@pytest.fixture(scope="session")
def wheels() -> Path:
    """Build the product's wheels, or take those of the present sources."""
    subprocess.run([sys.executable, "deploy/local", "build"], cwd=ROOT, check=True)
    return ROOT / "dist"


@pytest.fixture(scope="session")
def demo_installation(
    wheels: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """Install as whoever runs the tests, with the demo beamtime."""
    home = tmp_path_factory.mktemp("demo") / "daisy"
    installation = Installation(
        ROOT, home, dict(os.environ), options=(f"WHEELS={wheels}",)
    )
    installation.up()
    yield installation
    installation.make("down")


@pytest.fixture(scope="session")
def ordinary_installation(
    wheels: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """Install as an ordinary user, from a checkout of that user's own."""
    if os.geteuid() != 0:
        pytest.skip("the demo installation is an ordinary user's already")
    # not below pytest's own folder, which is closed to other users
    top = Path(f"/var/tmp/daisy-ordinary-{uuid.uuid4().hex[:8]}")
    checkout = top / "checkout"
    copy_sources(checkout)
    _plant_tree(top / "data")
    shutil.copytree(wheels, top / "wheels")
    (top / "user").mkdir()
    for path in (top, *top.rglob("*")):
        os.chown(path, ORDINARY_UID, ORDINARY_UID, follow_symlinks=False)
    identity = f"--reuid={ORDINARY_UID}", f"--regid={ORDINARY_UID}", "--clear-groups"
    kept = {k: v for k, v in os.environ.items() if "CERT" in k or k.startswith("PIP_")}
    installation = Installation(
        checkout,
        checkout / ".daisy",
        {**kept, "HOME": str(top / "user"), "PATH": "/usr/local/bin:/usr/bin:/bin"},
        prefix=("setpriv", *identity),
        options=(f"WHEELS={top}/wheels", f"DATA={top}/data"),
    )
    try:
        installation.up()
        yield installation
    finally:
        installation.make("down")
        shutil.rmtree(top, ignore_errors=True)


def copy_sources(target: Path) -> None:
    """Copy what git knows of the checkout, and new files that it does not ignore."""
    listed = subprocess.run(
        # also where the checkout belongs to somebody else
        [
            "git",
            "-c",
            "safe.directory=*",
            "ls-files",
            "-co",
            "--exclude-standard",
            "-z",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


def _plant_tree(data: Path) -> None:
    """Make a private proposal for anna, one for ben, and a shared one."""
    for name in ("B7/2026-0042", "B2/2026-0107", "B4/2026-0100"):
        (data / name / "raw").mkdir(parents=True)
        (data / name / "processed").mkdir()
    (data / "members.toml").write_text(
        '["B7/2026-0042"]\nmembers = ["anna"]\n'
        '["B2/2026-0107"]\nmembers = ["ben"]\n'
        '["B4/2026-0100"]\nmembers = ["anna", "ben"]\n'
    )


@pytest.fixture(scope="module")
def spare_installation(
    wheels: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """Install once more, not started yet, for tests that kill and change it."""
    top = tmp_path_factory.mktemp("spare")
    _plant_tree(top / "data")
    installation = Installation(
        ROOT,
        top / "daisy",
        dict(os.environ),
        options=(f"WHEELS={wheels}", f"DATA={top}/data"),
    )
    yield installation
    installation.make("down")


@pytest.fixture(scope="session", params=["demo", "ordinary"])
def installation(request: pytest.FixtureRequest) -> Installation:
    """Run a test on both kinds: as root (or whoever tests) and as ordinary user."""
    return request.getfixturevalue(f"{request.param}_installation")


class Person:
    """One logged-in account of a running hub."""

    def __init__(
        self, address: str, name: str, password: str, trusts: str | None = None
    ) -> None:
        self.address, self.name = address.rstrip("/"), name
        self.session = requests.Session()
        self.trusts = trusts  # file of the certificate that is believed
        if trusts:
            self.session.verify = trusts
            self.session.trust_env = False  # the environment's own goes before
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
            if answer.status_code == 424:
                # it ended since the hub last looked
                self.session.get(f"{self.address}/hub/spawn/{self.name}", timeout=60)
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

    def start_kernel(self, name: str = "python3") -> str:
        kernel = self.send("POST", "/api/kernels", {"name": name})
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
        return self._socket(f"/api/kernels/{kernel}/channels")

    def _socket(self, path: str) -> websocket.WebSocket:
        url = (self.server + path).replace("http", "ws", 1)
        cookies = "; ".join(
            f"{c.name}={c.value}"
            for c in self.session.cookies
            if urlparse(url).path.startswith(c.path)
        )
        believed = {"ca_certs": self.trusts} if self.trusts else None
        return websocket.create_connection(
            url, cookie=cookies, timeout=120, sslopt=believed
        )

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

    def terminal(self, command: str, seconds: float = 20) -> str:
        """Type a command into a terminal; return all it shows until its end mark."""
        created = self.send("POST", "/api/terminals")
        created.raise_for_status()
        path = f"/terminals/websocket/{created.json()['name']}"
        shown, mark = "", uuid.uuid4().hex
        with closing(self._socket(path)) as channel:
            # the mark is written in two parts, so that its echo is not its output
            line = f"{command}; echo {mark[:8]}''{mark[8:]}\r"
            channel.send(json.dumps(["stdin", line]))
            limit = time.monotonic() + seconds
            while mark not in shown and time.monotonic() < limit:
                kind, *content = json.loads(channel.recv())
                shown += "".join(map(str, content)) if kind == "stdout" else ""
        return shown


@pytest.fixture(scope="session")
def new_person() -> type[Person]:
    """Try to log in: new_person(address, name, password)."""
    return Person


@pytest.fixture(scope="session")
def log_in() -> Callable[[Installation, str], Person]:
    """Log somebody in, with a running server: log_in(installation, name)."""
    people: dict[tuple[str, str], Person] = {}

    def enter(installation: Installation, name: str) -> Person:
        key = installation.address, name
        if key not in people:
            password = installation.password(name) or "a-new-password"
            people[key] = Person(installation.address, name, password)
        people[key].start_server()
        return people[key]

    return enter
