"""A slow line on loopback: `python -m bench.browser.relay PORT` tells its own port.

Every byte is on its way for half a round trip, and all connections share the rate of
their direction. It does not imitate what TCP does on such a line: no slow start, no
lost packet.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

BYTES_PER_SECOND = 20e6 / 8
ROUND_TRIP = 0.15
_PIECE = 1460
_WINDOW = 256  # pieces on the way, so that a sender that stops is soon silent
_TESTS = Path(__file__).parents[2]


@contextlib.contextmanager
def slow_line(port: int) -> Iterator[int]:
    """Give the port at which a local server is far away."""
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.browser.relay", str(port)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(_TESTS)},
    )
    try:
        if process.stdout is None:
            raise RuntimeError("the process has no pipe")
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.communicate()


class Direction:
    """One way of the line, which all connections share."""

    def __init__(self) -> None:
        self._free = 0.0

    def arrival(self, size: int) -> float:
        """Give the time at which so many bytes, sent now, are there."""
        now = asyncio.get_running_loop().time()
        self._free = max(self._free, now) + size / BYTES_PER_SECOND
        return self._free + ROUND_TRIP / 2


async def _carry(
    source: asyncio.StreamReader, target: asyncio.StreamWriter, way: Direction
) -> None:
    """Carry bytes one way until they end, in the order in which they came."""
    on_the_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_WINDOW)

    async def deliver() -> None:
        while True:
            due, piece = await on_the_way.get()
            await asyncio.sleep(due - asyncio.get_running_loop().time())
            if not piece:
                target.close()
                return
            target.write(piece)
            await target.drain()

    delivering = asyncio.create_task(deliver())
    with contextlib.suppress(ConnectionError):
        while piece := await source.read(_PIECE):
            await on_the_way.put((way.arrival(len(piece)), piece))
    await on_the_way.put((way.arrival(0), b""))
    with contextlib.suppress(ConnectionError):
        await delivering


async def _serve(port: int) -> None:
    up, down = Direction(), Direction()

    async def connected(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        # a connection is made by one more round trip
        await asyncio.sleep(ROUND_TRIP)
        server_reader, server_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(
            _carry(reader, server_writer, up), _carry(server_reader, writer, down)
        )

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
