"""What a provider answers: a refusal, or something that counts as silence."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from daisy_hub.identity.provider import (
    ENDPOINTS,
    Provider,
    ProviderRefuses,
    ProviderSilent,
)
from oidc import options


@pytest.fixture
def answering() -> Iterator[tuple[str, list[tuple[int, dict[str, str], bytes]]]]:
    """A provider that answers what it is told to; a list with one answer."""
    answers: list[tuple[int, dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/.well-known"):
                url = f"http://{self.headers['Host']}"
                found = {name: f"{url}/{name}" for name in ENDPOINTS}
                answer = 200, {}, json.dumps({"issuer": url, **found}).encode()
            else:
                answer = answers[0]
            self.send_response(answer[0])
            for name, value in answer[1].items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer[2])

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", answers
        server.shutdown()


@pytest.mark.parametrize(
    ("status", "challenge", "body", "refuses"),
    [
        (401, 'Bearer error="invalid_token"', b"", True),
        (401, 'Bearer realm="users"', b"", True),
        (401, "", b'{"error": "invalid_token"}', True),
        (400, "", b'{"error": "invalid_grant"}', True),
        (401, "", b'{"error": "invalid_client"}', False),
        (401, 'Basic realm="proxy"', b"", False),
        (403, "", b"<h1>Blocked by the firewall</h1>", False),
        (404, "", b"", False),
        (429, "", b"", False),
        (302, "", b"", False),
        (500, "", b"", False),
        (200, "", b"<h1>We are back at 12:00</h1>", False),
        (200, "", b'{"preferred_username": "anna"}', False),
        (200, "", b"[]", False),
    ],
)
def test_what_is_no_clear_refusal_is_silence(
    answering, status, challenge, body, refuses
):
    url, answers = answering
    headers = {"WWW-Authenticate": challenge} if challenge else {}
    answers.append((status, headers, body))
    provider = Provider(options(issuer=url), "a secret")

    with pytest.raises(ProviderRefuses if refuses else ProviderSilent):
        asyncio.run(provider.claims("a token"))


@pytest.mark.parametrize("broken", ["issuer", "userinfo_endpoint"])
def test_a_provider_that_describes_itself_wrongly_is_not_asked(answering, broken):
    url, _ = answering
    document = {"issuer": url, **{name: f"{url}/{name}" for name in ENDPOINTS}}
    document[broken] = "http://elsewhere.example/x"
    provider = Provider(options(issuer=url), "a secret")
    provider._kept[f"{url}/.well-known/openid-configuration"] = (
        time.monotonic(),
        document,
    )

    with pytest.raises(ProviderSilent, match=r"elsewhere.example"):
        asyncio.run(provider.claims("a token"))
