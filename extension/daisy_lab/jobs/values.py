"""Values as JSON carries them without loss; the rest as text."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

Json = dict[str, Any]
Result = tuple[Any, bytes]

EXACT = 2**53  # larger integers are no longer exact in a browser
SHOWN_VALUES = 200
SHOWN_TEXT = 4000


def plain(value: Any) -> Any:
    """Return something JSON can carry without loss; the rest as text."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")[:SHOWN_TEXT]
    if isinstance(value, str):
        return value[:SHOWN_TEXT]
    if isinstance(value, bool | np.bool_) or value is None:
        return None if value is None else bool(value)
    if isinstance(value, int | np.integer):
        return int(value) if abs(int(value)) < EXACT else str(int(value))
    if isinstance(value, float | np.floating):
        return finite(value)
    if isinstance(value, np.void) and value.dtype.names:
        return {name: plain(value[name]) for name in value.dtype.names}
    if isinstance(value, np.ndarray):
        if value.ndim == 0:
            return plain(value[()])
        return [plain(item) for item in value[:SHOWN_VALUES]]
    if isinstance(value, list | tuple):
        return [plain(item) for item in value[:SHOWN_VALUES]]
    return str(value)[:SHOWN_TEXT]


def exact(value: Any, names: Mapping[int, str] | None = None) -> str:
    """Write a value without loss, as people write it.

    Parameters
    ----------
    names
        Of an enumeration: each number's name.
    """
    if isinstance(value, bytes):
        return _shown(value.decode("utf-8", "replace"))
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, complex | np.complexfloating):
        return str(value).strip("()")
    if isinstance(value, int | np.integer):
        return (names or {}).get(int(value), str(int(value)))
    if isinstance(value, np.void) and value.dtype.names:
        parts = [f"{name}: {exact(value[name])}" for name in value.dtype.names]
        return "{" + ", ".join(parts) + "}"
    if isinstance(value, np.ndarray):
        items = [exact(item, names) for item in value[:SHOWN_VALUES]]
        more = ", …" if len(value) > SHOWN_VALUES else ""
        return "[" + ", ".join(items) + more + "]"
    return _shown(str(value))


def _shown(text: str) -> str:
    """Cut a long text, and say so."""
    return text if len(text) <= SHOWN_TEXT else f"{text[:SHOWN_TEXT]} …"


def finite(value: Any) -> float | str:
    """Return a number, as text where JSON has none for it."""
    number = float(value)
    return number if math.isfinite(number) else str(number)


def numbers(values: Iterable[Any]) -> list[float | None]:
    """Return floats; None for NaN and infinity."""
    return [float(v) if math.isfinite(v) else None for v in values]
