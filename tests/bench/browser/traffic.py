"""What a page receives, byte by byte, from the browser's own protocol."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

# what JupyterLab asks for by itself, whatever the user does
_OWN = re.compile(
    r"/api/(kernels|kernelspecs|sessions|terminals|status|metrics|settings)"
    r"|/lab/api/workspaces|/api/contents\?content=1"
)


class Traffic:
    """Counts the bytes on the wire, with the time at which they came."""

    def __init__(self, page: Any) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("Network.enable")
        self._clock = 0.0  # from the protocol's seconds to those since 1970
        self._names: dict[str, str] = {}
        self._pieces: dict[str, list[tuple[float, int]]] = defaultdict(list)
        self._session.on("Network.requestWillBeSent", self._asked)
        self._session.on("Network.dataReceived", self._received)
        self._session.on("Network.loadingFinished", self._finished)

    def between(
        self, begin: float, end: float, without: Mapping[str, int] | None = None
    ) -> int:
        """Count the bytes of these seconds that the user's action has caused.

        Parameters
        ----------
        without
            Address of a request, and how many of its last bytes are not counted,
            where they came at all.
        """
        total = 0
        for request, pieces in self._pieces.items():
            name = self._names.get(request, "")
            if _OWN.search(name):
                continue
            came = [n for at, n in pieces if begin <= at + self._clock <= end]
            whole = sum(size for _, size in pieces)
            needed = max(whole - (without or {}).get(name, 0), 0)
            total += min(sum(came), needed)
        return total

    def _asked(self, event: dict[str, Any]) -> None:
        self._clock = event["wallTime"] - event["timestamp"]
        self._names[event["requestId"]] = event["request"]["url"]

    def _received(self, event: dict[str, Any]) -> None:
        size = event["encodedDataLength"]
        self._pieces[event["requestId"]].append((event["timestamp"], size))

    def _finished(self, event: dict[str, Any]) -> None:
        """Add what was not told piece by piece: headers above all."""
        pieces = self._pieces[event["requestId"]]
        rest = int(event["encodedDataLength"]) - sum(size for _, size in pieces)
        pieces.append((event["timestamp"], max(rest, 0)))
