"""A real OpenID Connect provider, and a person who logs in with it at a browser."""

import json
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import requests
from daisy_hub.identity.options import OidcOptions
from hubs import wait_for
from installations import ROOT

FOLDER = ROOT / "tests" / "services" / "oidc"
SECRET = "a client secret"
ISSUER = "https://login.facility.example/realms/users"


def options(**values: object) -> OidcOptions:
    """Give options of a provider that is nowhere."""
    given = {
        "issuer": ISSUER,
        "client_id": "daisy",
        "client_secret_file": "/secret",
        "allowed_groups": ["daisy-users"],
        **values,
    }
    return OidcOptions(**given)


class Provider:
    """Runs beside the tests; `people` is what it knows, subject by subject."""

    def __init__(self, folder: Path, port: int, callback: str) -> None:
        self.folder, self.port, self.callback = folder, port, callback
        self.people: dict[str, dict[str, Any]] = {}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def _file(self) -> Path:
        return self.folder / "people.json"

    def knows(self, subject: str, **claims: Any) -> None:
        """Say what the provider knows of somebody from now on."""
        self.people[subject] = {**self.people.get(subject, {}), **claims}
        self._write()

    def forgets(self, subject: str) -> None:
        del self.people[subject]
        self._write()

    @property
    def _log(self) -> Path:
        return self.folder / "provider.log"

    def _write(self) -> None:
        draft = self._file.with_suffix(".draft")
        draft.write_text(json.dumps(self.people))
        draft.replace(self._file)

    def start(self) -> None:
        self._write()
        command = [_node(), FOLDER / "provider.mjs", str(self.port), self._file]
        self._process = subprocess.Popen(
            [*command, self.callback],
            stdout=self._log.open("w"),
            stderr=subprocess.DEVNULL,
        )
        wait_for(lambda: "ready" in self.grants(), 20)

    def grants(self) -> list[str]:
        """List what it has given tokens for: `authorization_code`, `refresh_token`."""
        return self._log.read_text().split()

    def stop(self) -> None:
        if self._process is not None:
            self.wake()
            self._process.kill()
            self._process.wait()
            self._process = None

    def sleep(self) -> None:
        """Answer nothing, but keep connections open: how a provider mostly fails."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)


def _node() -> str | Path:
    """Find the system's node, or the one that `make setup` has installed."""
    return shutil.which("node") or ROOT / ".daisy" / "tools" / "node" / "run" / "node"


@contextmanager
def provider(folder: Path, port: int, callback: str) -> Iterator[Provider]:
    """Start a provider, and end it."""
    found = Provider(folder, port, callback)
    found.start()
    try:
        yield found
    finally:
        found.stop()


def settings(issuer: str, secret_file: Path, *lines: str) -> list[str]:
    """Give the lines of a hub's settings."""
    return [
        'identity = "oidc"',
        'contact = "the user office, phone 4711"',
        "[oidc]",
        f'issuer = "{issuer}"',
        'provider_name = "Facility Account"',
        'client_id = "daisy"',
        f'client_secret_file = "{secret_file}"',
        'scopes = ["openid", "profile", "groups"]',
        "refresh_seconds = 1",
        *lines,
    ]


class OidcPerson:
    """Somebody who logs in at a hub by way of the provider.

    Attributes
    ----------
    page
        The last answer: the hub's page, or its refusal.
    passed
        The addresses that the browser went through.
    """

    def __init__(self, hub: str, subject: str, stop_at: str = "") -> None:
        self.hub, self.subject, self._stop_at = hub, subject, stop_at
        self.session = requests.Session()
        self.passed: list[str] = []
        self.page = self.log_in()

    def log_in(self) -> requests.Response:
        """Go through the whole flow: button, name and password, consent, and back."""
        page = self._get(f"{self.hub}/hub/oauth_login?next=/hub/token")
        while "/interaction/" in (page.url or ""):
            page = self._submit(page)
        self.page = page
        return page

    def _submit(self, page: requests.Response) -> requests.Response:
        form = re.search(r'<form[^>]*action="([^"]+)"', page.text)
        prompt = re.search(r'name="prompt" value="(\w+)"', page.text)
        assert form, page.text
        assert prompt, page.text
        data = {"prompt": prompt[1]}
        if prompt[1] == "login":
            data |= {"login": self.subject, "password": "any"}
        answer = self.session.post(
            urljoin(page.url, form[1]), data=data, timeout=20, allow_redirects=False
        )
        return self._get(urljoin(page.url, answer.headers["Location"]))

    def _get(self, url: str) -> requests.Response:
        while True:
            self.passed.append(url)
            if self._stop_at and self._stop_at in url:
                return requests.Response()  # the browser is left on its way
            page = self.session.get(url, timeout=20, allow_redirects=False)
            if "Location" not in page.headers:
                return page
            url = urljoin(url, page.headers["Location"])

    @property
    def is_in(self) -> bool:
        """Whether a page of the hub that only users see is shown now."""
        page = self.session.get(f"{self.hub}/hub/token", timeout=20)
        return page.url.endswith("/hub/token") and page.status_code == 200

    def me(self) -> dict[str, Any]:
        """What the hub says of the own account; {} where it does not."""
        answer = self.session.get(f"{self.hub}/hub/api/user", timeout=20)
        return answer.json() if answer.ok else {}

    def token(self) -> str:
        """Take a token for programs."""
        return str(self._post("tokens").json()["token"])

    def start_server(self) -> None:
        """Start the own server, and wait until it is up."""
        self._post("server")
        wait_for(lambda: self.me()["servers"].get("", {}).get("ready"), 60)

    def _post(self, what: str) -> requests.Response:
        cookies = self.session.cookies
        (xsrf,) = (c.value for c in cookies if (c.name, c.path) == ("_xsrf", "/hub/"))
        answer = self.session.post(
            f"{self.hub}/hub/api/users/{self.me()['name']}/{what}",
            headers={"X-XSRFToken": str(xsrf)},
            json={},
            timeout=20,
        )
        answer.raise_for_status()
        return answer
