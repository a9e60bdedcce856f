"""The slice viewer: one slice read at a time, contrast kept, a picture that stays."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import daisy_kernel as daisy
from daisy_kernel import errors
from daisy_kernel.model.png import encode
from daisy_kernel.ui.slices import Slices
from daisy_kernel.ui.view import _Still, _viewer

Write = Callable[..., Path]


def parts(slices: Slices) -> Any:
    viewer = _viewer(slices, 0, slices.tile(0, None, None, 512))
    controls, caption, picture, _ = viewer.children
    return controls.children[0], controls.children[-1], caption, picture


def test_png_is_what_others_read() -> None:
    from PIL import Image

    codes = np.arange(256, dtype=np.uint8).reshape(8, 32)

    assert np.array_equal(np.asarray(Image.open(io.BytesIO(encode(codes)))), codes)


def test_slider_changes_the_picture_and_keeps_the_contrast() -> None:
    slider, button, caption, picture = parts(Slices(np.arange(60.0).reshape(3, 4, 5)))
    before = picture.value

    slider.value = 2

    assert picture.value != before
    assert "slice 2 of 3" in caption.value
    assert "white 19" in caption.value
    button.click()
    assert "white 59" in caption.value


def test_only_the_slice_shown_is_read(
    hdf5: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    with daisy.open(hdf5({"data": np.zeros((9, 4, 5), "u2")})) as scan:
        data = scan["data"]
        shapes: list[tuple[int, ...]] = []
        real = daisy.Dataset.read

        def spy(self: Any, selection: Any = (), out: Any = None) -> Any:
            found = real(self, selection, out)
            shapes.append(found.shape)
            return found

        monkeypatch.setattr(daisy.Dataset, "read", spy)
        slider, *_ = parts(Slices(data))
        slider.value = 7

    assert set(shapes) == {(4, 5)}


@pytest.mark.parametrize("shape", [(4, 5), (1, 4, 5), (2, 3, 4, 5)])
def test_any_number_of_leading_axes_is_one_slider(shape: tuple[int, ...]) -> None:
    slices = Slices(np.arange(np.prod(shape)).reshape(shape))

    assert slices.count == int(np.prod(shape[:-2]))
    assert slices.read(slices.count - 1).shape == (4, 5)
    assert slices.read(slices.count - 1)[-1, -1] == np.prod(shape) - 1


@pytest.mark.parametrize("data", [np.zeros(5), np.zeros((0, 4, 5)), np.array("text")])
def test_what_has_no_pictures_is_refused_by_name(data: np.ndarray) -> None:
    with pytest.raises(errors.NothingToShow, match="array"):
        Slices(data)


def test_still_picture_needs_no_kernel() -> None:
    slices = Slices(np.arange(60.0).reshape(3, 4, 5))

    html = _Still(slices, 1, slices.tile(1, None, None, 512))._repr_html_()

    assert "data:image/png;base64," in html
    assert "slice 1 of 3" in html
