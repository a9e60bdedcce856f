"""The launcher's socket: a line with a request in, lines with the answer out."""

import asyncio
import json
import logging
import os
import socket
import struct
from asyncio import StreamReader, StreamWriter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from daisy_hub import audit
from daisy_hub.launcher.carry_out import REASONS, Launcher
from daisy_hub.launcher.requests import MAX_BYTES, Refused, parse
from daisy_hub.settings import Settings

PATIENCE_SECONDS = 10
log = logging.getLogger("daisy.launcher")


async def serve(settings: Settings, load: Callable[[], Settings]) -> None:
    """Answer until the process ends."""
    path = settings.launcher_socket
    listening = _listen(path)
    launcher = Launcher(load)

    async def answer(reader: StreamReader, writer: StreamWriter) -> None:
        await Connection(settings, launcher, reader, writer).answer()

    server = await asyncio.start_unix_server(answer, sock=listening, limit=MAX_BYTES)
    log.info("The launcher answers at %s", path)
    async with server:
        await server.serve_forever()


def _listen(path: Path) -> socket.socket:
    """Put a socket in place of a dead one; nobody else can ever open it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        listening.bind(str(draft))
    finally:
        os.umask(before)
    listening.listen()
    draft.replace(path)
    return listening


class Connection:
    """One caller with one request."""

    def __init__(
        self,
        settings: Settings,
        launcher: Launcher,
        reader: StreamReader,
        writer: StreamWriter,
    ) -> None:
        self._settings, self._launcher = settings, launcher
        self._reader, self._writer = reader, writer

    async def answer(self) -> None:
        """Read the request, carry it out, tell its progress and its end."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                line = await self._read()
            self._check_caller()
            result = await self._carry_out(line)
        except tuple(REASONS) as error:
            self._refuse(error)
        except (TimeoutError, ConnectionError) as error:
            log.info("A caller left without a request: %s", error)
        except Exception:
            log.exception("The launcher failed")
            self._tell({"error": "The launcher failed; see its log.", "reason": "bug"})
        else:
            self._tell({"result": result})
        with suppress(ConnectionError):
            await self._writer.drain()
            self._writer.close()

    def _check_caller(self) -> None:
        """Let in who has the launcher's own uid, whatever the socket's mode is."""
        peer: socket.socket = self._writer.get_extra_info("socket")
        size = struct.calcsize("3i")
        credentials = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
        _, uid, _ = struct.unpack("3i", credentials)
        if uid != os.geteuid():
            raise Refused(f"uid {uid} may not talk to the launcher.")

    async def _read(self) -> bytes:
        try:
            line = await self._reader.readline()
        except ValueError as error:
            raise Refused(f"A request has at most {MAX_BYTES} bytes.") from error
        if not line:
            raise ConnectionError("nothing was asked")
        return line

    async def _carry_out(self, line: bytes) -> dict[str, Any]:
        request = parse(line)
        loop = asyncio.get_running_loop()

        def say(text: str) -> None:
            loop.call_soon_threadsafe(self._tell, {"progress": text})

        return await asyncio.to_thread(self._launcher.carry_out, request, say)

    def _refuse(self, error: Exception) -> None:
        reason = REASONS[type(error)]
        if reason == "refused":
            audit.record(
                self._settings, "launcher.refused", actor="launcher", error=str(error)
            )
        log.warning("%s: %s", reason, error)
        self._tell({"error": str(error), "reason": reason})

    def _tell(self, message: dict[str, Any]) -> None:
        if not self._writer.is_closing():
            self._writer.write(json.dumps(message).encode() + b"\n")
