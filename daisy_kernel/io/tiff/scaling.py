"""The scaling of pixels that a TIFF file declares, in ImageJ's words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import tifffile

# one coefficient for a constant, one for the slope: a line
_LINE = "0"


def scaling_of(path: Path) -> Mapping[str, Any]:
    """Give `scale`, `offset`, `units` and a note, so that values can be given back.

    Pixels stay as they are: value = offset + scale * pixel.
    """
    try:
        with tifffile.TiffFile(path) as tiff:
            page: Any = tiff.pages[0]
            text = str(page.description)
    except Exception:  # whoever reads the pixels says what is wrong with the file
        return {}
    if not text.startswith("ImageJ"):
        return {}
    words = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
    if words.get("cf") != _LINE:
        return {}
    try:
        offset, scale = float(words["c0"]), float(words["c1"])
    except (KeyError, ValueError):
        return {}
    units = words.get("vunit", "")
    attrs: dict[str, Any] = {"units": units} if units not in ("", "value") else {}
    if (offset, scale) != (0.0, 1.0):
        attrs |= {
            "offset": offset,
            "scale": scale,
            "note": f"value = {offset:g} + {scale:g} * pixel",
        }
    return attrs
