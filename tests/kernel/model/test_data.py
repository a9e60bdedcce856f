"""A data object is an array with what it means, or it is refused."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pytest

from daisy_kernel.model import Axis, DataObject, Quantity, data_object, errors
from daisy_kernel.model.volume import Volume

DATA = np.arange(24.0).reshape(2, 3, 4)


def test_positions_have_the_shape_of_the_first_axes() -> None:
    for shape in ((2,), (2, 3), (2, 3, 4)):
        read = {"x": Axis("x", np.zeros(shape), "mm")}
        assert DataObject(DATA, positions=read).positions["x"].units == "mm"

    for shape in ((3,), (3, 4), (), (2, 3, 4, 1)):
        with pytest.raises(errors.ShapeMismatch, match=r"positions x.*\(2, 3, 4\)"):
            DataObject(DATA, positions={"x": Axis("x", np.zeros(shape))})


def test_a_mask_goes_with_the_last_axes_as_numpy_broadcasts() -> None:
    for shape in ((4,), (3, 4), (2, 3, 4), (2, 3, 1), (2, 1, 1)):
        assert DataObject(DATA, mask=np.ones(shape, bool)).mask is not None

    for shape in ((3,), (2, 3), (3, 3, 4), (1, 2, 3, 4)):
        with pytest.raises(errors.ShapeMismatch, match="the mask"):
            DataObject(DATA, mask=np.ones(shape, bool))


def test_what_is_said_beside_an_object_is_replaced_and_the_rest_stays() -> None:
    made = data_object(DATA, axes="z y x", units="counts", source="scan.h5")

    other = data_object(made, units="1", geometry={"energy": Quantity(9, "keV")})

    assert data_object(made) is made
    assert other.axis_names == ("z", "y", "x")
    assert other.units == "1"
    assert other.origin.source == "scan.h5"
    assert other.data is made.data
    with pytest.raises(errors.ShapeMismatch):
        data_object(made, axes="y x")


def test_a_volume_keeps_what_it_says_of_itself() -> None:
    volume = Volume(DATA, "1/cm", "scan.nxs", "fbp", {"axis": 3.5}, ("floored",), 1e-6)

    made = data_object(volume)

    assert made.data is DATA
    assert made.axis_names == ("z", "y", "x")
    assert (made.units, made.notes) == ("1/cm", ("floored",))
    assert made.geometry["pixel_size"] == Quantity(1e-6, "m")
    assert made.origin.algorithm == "fbp"
    assert made.origin.parameters == {"axis": 3.5}


def test_shows_positions_and_notes_and_travels() -> None:
    read = {"x": Axis("x", np.zeros((2, 3)), "mm")}
    made = replace(data_object(DATA, axes="y x energy"), positions=read, notes=("<b>",))

    html = made._repr_html_()
    back = pickle.loads(pickle.dumps(made))

    assert "positions" in html
    assert "&lt;b&gt;" in html
    assert np.array_equal(back.read(), DATA)
    assert back.positions["x"].units == "mm"
