"""People who log in and start their servers at once, as far as a hub sees them."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable
from dataclasses import dataclass, field

import aiohttp

PATIENCE = aiohttp.ClientTimeout(total=600)
BUSY = 429  # the hub starts as many servers as it can at once, and says: later
ASKS = 5  # of the hub's API, for each person


@dataclass
class Times:
    """Seconds of each person; `errors` in words, and how often somebody had to wait."""

    login: list[float] = field(default_factory=list)
    spawn: list[float] = field(default_factory=list)
    api: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    sent_away: int = 0


async def come(address: str, names: list[str], password: str) -> Times:
    """Let everybody come at the same moment; return how long each thing took."""
    times = Times()
    people = [_Person(address, name, password, times) for name in names]
    await asyncio.gather(*(person.visit() for person in people))
    # then the API alone, sixteen at a time
    limit = asyncio.Semaphore(16)
    await asyncio.gather(*(person.ask(limit) for person in people))
    await asyncio.gather(*(person.leave() for person in people))
    return times


class _Person:
    def __init__(self, address: str, name: str, password: str, times: Times) -> None:
        self._address, self._name, self._password = address, name, password
        self._times = times
        jar = aiohttp.CookieJar(unsafe=True)  # of an address without a name
        self._session = aiohttp.ClientSession(cookie_jar=jar, timeout=PATIENCE)

    async def visit(self) -> None:
        try:
            self._times.login.append(await _timed(self._log_in()))
            self._times.spawn.append(await _timed(self._start()))
        except Exception as error:
            self._times.errors.append(f"{self._name}: {type(error).__name__}: {error}")

    async def ask(self, limit: asyncio.Semaphore) -> None:
        url = f"{self._address}/hub/api/users/{self._name}"
        headers = {"Referer": f"{self._address}/hub/home"}
        for _ in range(ASKS):
            async with limit:
                started = time.perf_counter()
                params = {"_xsrf": self._xsrf()}
                async with self._session.get(
                    url, headers=headers, params=params
                ) as answer:
                    await answer.read()
                    if not answer.ok:
                        self._times.errors.append(f"API: {answer.status}")
                self._times.api.append(time.perf_counter() - started)

    async def leave(self) -> None:
        await self._session.close()

    async def _log_in(self) -> None:
        async with self._session.get(f"{self._address}/hub/login") as page:
            page.raise_for_status()
            await page.read()
        # where it leads is the server, which is asked for afterwards
        async with self._session.post(
            f"{self._address}/hub/login",
            params={"_xsrf": self._xsrf(), "next": "/hub/home"},
            data={"username": self._name, "password": self._password},
        ) as page:
            page.raise_for_status()
            text = await page.text()
            if self._name not in text:
                raise RuntimeError("not logged in")

    async def _start(self) -> None:
        while True:
            url = f"{self._address}/hub/spawn/{self._name}"
            async with self._session.get(url) as page:
                if page.status != BUSY:
                    page.raise_for_status()
                    break
                self._times.sent_away += 1
                await asyncio.sleep(float(page.headers.get("Retry-After", 1)))
        await self._follow_progress()
        async with self._session.get(f"{self._address}/user/{self._name}/api") as page:
            page.raise_for_status()
            if (await page.json())["version"] != "stand-in":
                raise RuntimeError("this is not the server")

    async def _follow_progress(self) -> None:
        url = f"{self._address}/hub/api/users/{self._name}/server/progress"
        params = {"_xsrf": self._xsrf()}
        headers = {"Referer": f"{self._address}/hub/spawn-pending/{self._name}"}
        async with self._session.get(url, params=params, headers=headers) as stream:
            stream.raise_for_status()
            async for line in stream.content:
                if line.startswith(b"data: "):
                    event = json.loads(line.removeprefix(b"data: "))
                    if event.get("failed"):
                        raise RuntimeError(event.get("message", "failed"))
                    if event.get("ready"):
                        return
        raise RuntimeError("the progress ended without an end")

    def _xsrf(self) -> str:
        found = [c for c in self._session.cookie_jar if c.key == "_xsrf"]
        return next((c.value for c in found if c["path"] == "/hub/"), "")


async def _timed(work: Awaitable[None]) -> float:
    started = time.perf_counter()
    await work
    return time.perf_counter() - started
