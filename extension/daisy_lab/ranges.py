"""Answer with a part of a long content, as RFC 9110 says, so that downloads resume.

Requirements
- A tag stands for the bytes: it is strong, and what may still change has none.
- A part is only given of the content that the first part came from (If-Range).
- When the content turns out to be another one on the way, the connection is broken
  off: what is incomplete can be told from what is whole.
"""

import logging
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote

from tornado.iostream import StreamClosedError
from tornado.web import RequestHandler

log = logging.getLogger(__name__)

_RANGE = re.compile(r"\Abytes=(\d*)-(\d*)\Z")


class ContentChanged(Exception):
    """The bytes would not belong to those that were sent before."""


class Content(Protocol):
    """Bytes that are made or read when they are sent."""

    @property
    def size(self) -> int:
        """Bytes of the whole."""
        ...

    @property
    def tag(self) -> str | None:
        """Stands for these bytes; None where they may still change."""
        ...

    def read(self, start: int, end: int) -> AsyncIterator[bytes]:
        """Give the bytes from *start* to *end*."""
        ...


@dataclass(frozen=True)
class Wanted:
    """Bytes of a request; whole if no part was asked for."""

    start: int
    end: int
    whole: bool


def wanted(header: str | None, if_range: str | None, content: Content) -> Wanted | None:
    """Understand the headers Range and If-Range; None where there is no such part."""
    all_of_it = Wanted(0, content.size, True)
    found = _RANGE.match((header or "").replace(" ", ""))
    other = if_range is not None and if_range != content.tag
    if not found or content.tag is None or other or found.groups() == ("", ""):
        return all_of_it
    first, last = found.groups()
    if not first:
        start, end = max(content.size - int(last), 0), content.size
    else:
        start = int(first)
        end = min(int(last) + 1, content.size) if last else content.size
    return Wanted(start, end, False) if start < end else None


async def send(handler: RequestHandler, content: Content, name: str, kind: str) -> None:
    """Send a content, or the part of it that the request names."""
    headers = handler.request.headers
    handler.set_header("Cache-Control", "no-store")
    if content.tag is not None:
        handler.set_header("Etag", content.tag)
        handler.set_header("Accept-Ranges", "bytes")
        handler.set_header("Cache-Control", "private, no-cache")
        if content.tag in headers.get("If-None-Match", ""):
            handler.set_status(304)
            return
    part = wanted(headers.get("Range"), headers.get("If-Range"), content)
    if part is None:
        handler.set_status(416)
        handler.set_header("Content-Range", f"bytes */{content.size}")
        return
    if not part.whole:
        handler.set_status(206)
        handler.set_header(
            "Content-Range", f"bytes {part.start}-{part.end - 1}/{content.size}"
        )
    handler.set_header("Content-Type", kind)
    handler.set_header("Content-Length", str(part.end - part.start))
    handler.set_header("Content-Disposition", _attachment(name))
    await _stream(handler, content, part)


async def _stream(handler: RequestHandler, content: Content, part: Wanted) -> None:
    try:
        async for data in content.read(part.start, part.end):
            handler.write(data)
            await handler.flush()
    except StreamClosedError:
        return  # the page has gone
    except Exception as error:
        # the status is sent: only a broken connection can still say that it failed
        log.warning("a download was broken off: %s", error)
        getattr(handler.request.connection, "stream").close()  # noqa: B009  untyped


def _attachment(name: str) -> str:
    plain = re.sub(r'[^\x20-\x7e]|["\\]', "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
