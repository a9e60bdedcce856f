"""Numbers and attributes as people read them."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

_KILO = 1024
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}


def decode(value: bytes) -> str:
    """Bytes as text: UTF-8, else Latin-1, which old files use for units."""
    value = value.rstrip(b"\0")
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def plain(value: Any) -> Any:
    """Attribute or scalar without numpy's or HDF5's wrapping.

    One-element arrays become their element, bytes become text, and integers
    stay exact.
    """
    if isinstance(value, np.ndarray):
        if value.size == 1:
            return plain(value.reshape(-1)[0])
        return [plain(item) for item in value]
    if isinstance(value, bytes):
        return decode(value)
    if isinstance(value, np.generic):
        return plain(value.item()) if not isinstance(value, np.void) else str(value)
    return value


def describe_array(shape: tuple[int, ...], dtype: np.dtype[Any]) -> str:
    """One line on an array, like "361 x 256 x 512 uint16"."""
    kind = describe_dtype(dtype)
    return f"{' x '.join(map(str, shape))} {kind}" if shape else kind


def describe_dtype(dtype: np.dtype[Any]) -> str:
    """Name of a type, without byte order and numpy's brackets."""
    if dtype.names:
        return f"compound of {len(dtype.names)} fields"
    if dtype.kind in "SUO":
        return "text" if dtype.kind != "O" or not dtype.metadata else _object(dtype)
    return dtype.name


def _object(dtype: np.dtype[Any]) -> str:
    """Name what HDF5 stores as Python objects."""
    keys: dict[str, Any] = dict(dtype.metadata or {})
    if "ref" in keys:
        return "reference"
    return "text" if keys.get("vlen", str) in (str, bytes) else "lists"


def format_bytes(count: int) -> str:
    """Bytes with a unit, like "1.5 MiB"."""
    size = float(count)
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if size < _KILO:
            return f"{size:.0f} {unit}" if unit == "bytes" else f"{size:.1f} {unit}"
        size /= _KILO
    return f"{size:.1f} TiB"


def parse_bytes(text: str | int) -> int:
    """Read a number of bytes from "256 MiB", "1GB" (taken as GiB) or 1024."""
    if isinstance(text, int):
        return text
    match = re.fullmatch(r"\s*([\d.]+)\s*([kmgt]?)i?b?\s*", text.lower())
    if not match:
        raise ValueError(f"{text!r} is no size. Write it like '256 MiB'.")
    return int(float(match[1]) * _UNITS[match[2]])
