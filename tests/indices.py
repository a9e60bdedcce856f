"""Draw what may stand between the brackets of a dataset."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st


@st.composite
def indices(draw: st.DrawFn, shape: tuple[int, ...], empty: bool = True) -> Any:
    """Draw integers, slices, steps of both signs, and at most one list or mask.

    Parameters
    ----------
    empty
        Whether nothing may be selected.
    """
    items: list[Any] = []
    listed = False
    for size in shape:
        kinds = ["all", "slice", "step", "back"] + (["int"] if size else [])
        kinds += [] if listed or not size else ["list", "mask"]
        kind = draw(st.sampled_from(kinds))
        listed = listed or kind in ("list", "mask")
        least = 0 if empty else 1
        if kind == "int":
            items.append(draw(st.integers(-size, size - 1)))
        elif kind == "list":
            some = st.lists(st.integers(-size, size - 1), min_size=least, max_size=6)
            items.append(draw(some))
        elif kind == "mask":
            mask = np.array(draw(st.lists(st.booleans(), min_size=size, max_size=size)))
            mask[: 0 if mask.any() else least] = True
            items.append(mask)
        elif kind == "all":
            items.append(slice(None))
        elif kind == "back":
            items.append(slice(None, None, -draw(st.integers(1, 5))))
        else:
            low = draw(st.integers(0, max(0, size - least)))
            high = draw(st.integers(min(size, low + least), size))
            step = draw(st.integers(2, 5)) if kind == "step" else 1
            items.append(slice(low, high, step))
    return tuple(items)
