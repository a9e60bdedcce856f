"""Frames out of files, by fabio.

fabio fills a truncated frame with zeros and goes on after a wrong checksum; it only
writes to its log. Such frames are refused here.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import fabio
import numpy as np

from daisy_kernel.model.errors import DataError, FileDamaged, FileMissing
from daisy_kernel.model.nodes import Array

_DAMAGE = re.compile(r"incomplete|mismatch|checksum|truncated|too short|under-short")
_PILATUS = re.compile(r"Detector:\s*\S*(PILATUS|EIGER)", re.I)


class _Log(logging.Handler):
    """Keeps what fabio says about damage in this thread."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.said: list[str] = []
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a message."""
        text = record.getMessage()
        damage = record.levelno >= logging.ERROR or _DAMAGE.search(text.lower())
        if record.thread == self._thread and damage:
            self.said.append(text)


@contextmanager
def _careful(path: Path) -> Iterator[None]:
    """Turn whatever fabio raises or logs into errors that name the file."""
    log, logger = _Log(), logging.getLogger("fabio")
    logger.addHandler(log)
    try:
        yield
    except DataError:
        raise
    except FileNotFoundError as error:
        raise FileMissing(str(path), "the file is gone") from error
    except PermissionError as error:
        raise FileMissing(str(path), "permission denied") from error
    except Exception as error:  # any of thirty parsers
        why = "; ".join(log.said) or str(error) or type(error).__name__
        raise FileDamaged(str(path), f"cannot be read: {why}") from error
    finally:
        logger.removeHandler(log)
    if log.said:
        raise FileDamaged(str(path), f"cannot be read: {'; '.join(log.said)}")


class FrameFile:
    """An open file of one or more frames."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with _careful(path):
            self._image = fabio.open(str(path))

    @property
    def count(self) -> int:
        """Number of frames."""
        return int(self._image.nframes)

    @property
    def header(self) -> Mapping[str, Any]:
        """Header of the first frame."""
        return dict(self._image.header)

    def frame(self, number: int) -> Array:
        """Decode a frame, shape (row, column)."""
        with _careful(self.path):
            image = self._image.getframe(number) if self.count > 1 else self._image
            data: Array = np.asarray(image.data)
        return data

    def close(self) -> None:
        """Close the file."""
        self._image.close()


def attributes(header: Mapping[str, Any], dtype: np.dtype[Any]) -> dict[str, Any]:
    """Give a header as attributes, with the values that are no counts.

    `Dummy` of an EDF header marks pixels without data; in the integers of a Pilatus
    or Eiger, -1 is a gap and -2 a bad pixel.
    """
    attrs = dict(header)
    dummy = next((v for k, v in attrs.items() if k.lower() == "dummy"), None)
    contents = str(attrs.get("_array_data.header_contents", ""))
    if dummy is not None:
        with suppress(ValueError):  # a header can say anything
            attrs["invalid_value"] = float(dummy)
    elif dtype.kind == "i" and _PILATUS.search(contents):
        attrs["invalid_value"] = np.array([-2, -1], dtype)
    return attrs
