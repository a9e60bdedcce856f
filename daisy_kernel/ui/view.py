"""The slice viewer of notebooks: a slider and one small picture at a time."""

from __future__ import annotations

from base64 import b64encode
from html import escape
from typing import Any

from daisy_kernel.model.errors import OptionalPackageMissing
from daisy_kernel.model.png import encode
from daisy_kernel.native import Tile
from daisy_kernel.ui.slices import Slices

_SIZE = 512
_THUMBNAIL = 160
# the still picture shows itself where no viewer is alive in the same output
_ONE_OF_BOTH = """<style>
.jp-OutputArea:has(.daisy-viewer) .daisy-still { display: none }
</style>"""


def view(
    data: Any,
    index: int | None = None,
    *,
    lo: float | None = None,
    hi: float | None = None,
) -> None:
    """Show slices of an array, volume or dataset with a slider.

    Only the slice that is shown is read. The contrast is that of the first slice
    shown, so that slices can be compared; a button renews it. A small still
    picture stays in the notebook, for when it is opened without a kernel.

    Parameters
    ----------
    data
        At least two axes; the last two are the picture.
    index
        Slice to begin with; the middle one by default.
    lo, hi
        Contrast, in the units of the data; the 0.5 and 99.5 percent points if not
        given.
    """
    try:
        from IPython.display import display
    except ImportError as error:
        raise OptionalPackageMissing("ipywidgets", "notebook") from error
    slices = Slices(data)
    start = slices.count // 2 if index is None else int(index) % slices.count
    first = slices.tile(start, lo, hi, _SIZE)
    parts = (_viewer(slices, start, first), _Still(slices, start, first))
    display(*parts)  # type: ignore[no-untyped-call]


def _viewer(slices: Slices, start: int, first: Tile) -> Any:
    """Put slider, button, caption and picture together."""
    import ipywidgets as widgets

    shown = {"lo": first.lo, "hi": first.hi}
    slider = widgets.IntSlider(
        start, 0, slices.count - 1, description="slice", continuous_update=True
    )
    slider.layout.width = "400px"
    button = widgets.Button(description="Auto contrast")
    caption = widgets.HTML(_caption(slices, start, first))
    picture = widgets.Image(value=encode(first.data), format="png")
    picture.layout.width = f"{max(_SIZE, first.data.shape[1])}px"
    picture.layout.object_fit = "contain"

    def draw(made: Tile) -> None:
        picture.value = encode(made.data)
        caption.value = _caption(slices, slider.value, made)

    def move(change: Any) -> None:
        draw(slices.tile(change["new"], shown["lo"], shown["hi"], _SIZE))

    def renew(_: Any) -> None:
        made = slices.tile(slider.value, None, None, _SIZE)
        shown.update(lo=made.lo, hi=made.hi)
        draw(made)

    slider.observe(move, names="value")
    button.on_click(renew)
    controls = [slider, button] if slices.count > 1 else [button]
    style = widgets.HTML(_ONE_OF_BOTH, layout={"display": "none"})
    viewer = widgets.VBox([widgets.HBox(controls), caption, picture, style])
    viewer.add_class("daisy-viewer")
    return viewer


def _caption(slices: Slices, number: int, made: Tile) -> str:
    parts = [f"slice {number} of {slices.count}"] if slices.count > 1 else []
    unit = f" {escape(slices.units)}" if slices.units else ""
    parts.append(f"black {made.lo:.5g}, white {made.hi:.5g}{unit}")
    if made.bad:
        parts.append(f"{made.bad} pixels without data")
    return "; ".join(parts)


class _Still:
    """The first picture as plain HTML, which needs no kernel."""

    def __init__(self, slices: Slices, number: int, made: Tile) -> None:
        self._png = encode(made.data)
        self._caption = _caption(slices, number, made)

    def _repr_html_(self) -> str:
        source = f"data:image/png;base64,{b64encode(self._png).decode()}"
        return (
            '<figure class="daisy-still" style="margin:4px 0">'
            f'<img width="{_THUMBNAIL}" src="{source}" '
            f'alt="{self._caption}"><figcaption><small>{self._caption} '
            "(still picture, kept in the notebook)</small></figcaption></figure>"
        )

    def __repr__(self) -> str:
        return self._caption
