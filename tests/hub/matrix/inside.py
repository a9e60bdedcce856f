"""Attempts from inside: run as text in a kernel, so it imports what is there.

Each attempt gives "allowed" or "refused"; anything else is a fault of the probe and
is told as what it is, so that a broken probe is never taken for a wall.
"""

import asyncio
import os
import socket
import ssl
import subprocess
import tempfile
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

SECONDS = 4
REFUSALS = 401, 403, 404, 405
BODY = b'{"type": "file", "format": "text", "content": ""}'
REQUESTS = {"read": "GET", "write": "PUT", "execute": "POST"}


def try_file(action, paths, program):
    """Read a file, open it to be written, or run the program beside it."""
    return joined(tries(_touch, action, path, program) for path in paths)


def _touch(action, path, program):
    path = os.path.expanduser(path)
    if action == "read":
        with open(path, "rb") as file:
            return bool(file.read(1))
    if action == "write":
        os.close(os.open(path, os.O_WRONLY))
        return True
    beside = os.path.join(os.path.dirname(path), program)
    if not program:  # nothing to run there: enter the folder
        return bool(os.listdir(os.path.dirname(path)))
    # a folder that is not seen gives FileNotFoundError, one not entered PermissionError
    done = subprocess.run([beside], check=False, capture_output=True, timeout=20)
    return done.stdout == b"ran\n"


def try_socket(action, paths):
    """Ask the daemon behind a unix socket for something."""
    return joined(tries(_ask_socket, action, path) for path in paths)


def _ask_socket(action, path):
    lines = {
        "read": "GET /containers/json HTTP/1.0\r\n\r\n",
        "write": "POST /containers/create HTTP/1.0\r\nContent-Length: 0\r\n\r\n",
        "execute": "POST /containers/x/exec HTTP/1.0\r\nContent-Length: 0\r\n\r\n",
    }
    with socket.socket(socket.AF_UNIX) as there:
        there.settimeout(SECONDS)
        there.connect(path)
        there.sendall(lines[action].encode())
        return bool(there.recv(1))


def try_http(action, url, headers):
    """Ask a web server."""
    request = urllib.request.Request(
        url,
        data=None if action == "read" else BODY,
        headers=headers,
        method=REQUESTS[action],
    )
    # no proxy of the environment, and no redirect to a login
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirect)
    try:
        with opener.open(request, timeout=SECONDS) as answer:
            return answer.status < 300
    except urllib.error.HTTPError as error:
        if error.code in REFUSALS or 300 <= error.code < 400:
            return False
        # past the wall: what was asked for made no sense
        return error.code == 400 or f"error: status {error.code}"


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """An answer that leads elsewhere is no answer."""

    def redirect_request(self, *_):
        return None


def try_dask(action, address, certificate, key, operations):
    """Speak Dask's own protocol, with a certificate."""
    return asyncio.run(_speak(action, address, certificate, key, operations))


async def _speak(action, address, certificate, key, operations):
    import dask_gateway  # noqa: F401 (its own kind of address)
    from distributed.core import rpc
    from distributed.protocol.pickle import dumps

    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with tempfile.NamedTemporaryFile("w") as file:
        file.write(certificate + "\n" + key)
        file.flush()
        context.load_cert_chain(file.name)
    name = operations[action]
    arguments = {
        "identity": {},
        "set_metadata": {"keys": ["matrix"], "value": 1},
        "update_data": {"data": {}},
        "run_function": {"function": dumps(os.getpid)},
        "run": {"function": dumps(os.getpid)},
    }[name]
    args = {"ssl_context": context, "require_encryption": True}
    try:
        async with asyncio.timeout(3 * SECONDS):
            async with rpc(address, connection_args=args, timeout=SECONDS) as there:
                answer = await getattr(there, name)(**arguments)
    except MemoryError:
        # what answers there is something else: its words as Dask's are a vast number
        return False
    return (
        not isinstance(answer, dict)
        or answer.get("status") != "error"
        or (f"error: {answer}")
    )


TRIES = {"file": try_file, "socket": try_socket, "http": try_http, "dask": try_dask}


def tries(attempt, *arguments):
    """Turn what an attempt meets into a word."""
    try:
        seen = attempt(*arguments)
    except (OSError, TimeoutError):  # also what Dask and TLS raise
        return "refused"
    except Exception as error:
        return f"error: {type(error).__name__}: {error}"
    return seen if isinstance(seen, str) else "allowed" if seen else "refused"


def joined(words):
    """Make one word of many ways: one that leads in is enough, a fault is told."""
    seen = set(words)
    return next(
        (word for word in seen if word not in ("refused", "allowed")),
        "allowed" if "allowed" in seen else "refused",
    )


def carry_out(plan):
    """Try all of a plan: [[object, action, kind, arguments], ...]."""

    def one(row):
        name, action, kind, arguments = row
        return [name, action, tries(TRIES[kind], action, *arguments)]

    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(one, plan))
