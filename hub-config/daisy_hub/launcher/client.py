"""Ask the launcher; used by the hub, which has no other way to a container."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

# starting may wait for other starts; everything else is a question
ANSWER_SECONDS = 110
MAX_ANSWER = 4 * 1024 * 1024


class LauncherFailed(Exception):
    """The launcher refused, failed, or is not there.

    Attributes
    ----------
    reason
        One word: `away`, `refused`, `image`, `engine`, `container`, `proposals`, `bug`.
    """

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(text, reason)
        self.text, self.reason = text, reason

    def __str__(self) -> str:
        return self.text


class LauncherClient:
    """Requests to the launcher behind a socket."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def ask(
        self, verb: str, *, say: Callable[[str], None] | None = None, **entries: Any
    ) -> dict[str, Any]:
        """Send one request, tell its progress, and return its result.

        Raises
        ------
        LauncherFailed
            With the launcher's own words, or that it is away.
        """
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await self._exchange({"verb": verb, **entries}, say)
        except (OSError, TimeoutError, EOFError) as error:
            raise LauncherFailed(
                f"The launcher does not answer at {self.path}. Run make up: it starts "
                "what is missing; running servers are not touched.",
                "away",
            ) from error

    async def _exchange(
        self, request: dict[str, Any], say: Callable[[str], None] | None
    ) -> dict[str, Any]:
        reader, writer = await asyncio.open_unix_connection(
            str(self.path), limit=MAX_ANSWER
        )
        try:
            writer.write(json.dumps(request).encode() + b"\n")
            await writer.drain()
            while line := await reader.readline():
                message: dict[str, Any] = json.loads(line)
                if "result" in message:
                    return dict(message["result"])
                if "error" in message:
                    raise LauncherFailed(message["error"], message["reason"])
                if say is not None:
                    say(message["progress"])
            raise EOFError
        finally:
            writer.close()
