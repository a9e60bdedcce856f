"""Which frame of a stack is shown first."""

import numpy as np
import pytest

import daisy_kernel as daisy


def first(path) -> int:
    with daisy.open(path) as scan:
        return scan.first_frame(scan.signal)


def stack(axes, **more):
    return {
        "entry/data/data": np.zeros((8, 4, 5)),
        "entry/data@NX_class": "NXdata",
        "entry/data@signal": "data",
        "entry/data@axes": axes,
        "entry@default": "data",
        "@default": "entry",
        **{f"entry/data/{name}": value for name, value in more.items()},
    }


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ([2, 2, 1, 0, 0, 0, 1, 2], 3),
        ([0] * 8, 0),
        ([1] * 8, 0),
        ([2, 0], 0),  # not a key of these frames
    ],
)
def test_a_tomography_scan_begins_with_its_first_projection(hdf5, key, expected):
    path = hdf5(stack(["rotation_angle", ".", "."], image_key=np.array(key)))

    assert first(path) == expected


def test_a_volume_begins_in_its_middle(hdf5):
    assert first(hdf5(stack(["z", "y", "x"], z=np.arange(8)))) == 4


def test_other_stacks_and_pictures_begin_at_the_beginning(hdf5):
    assert first(hdf5(stack(["frame", "row", "column"]))) == 0
    with daisy.open(hdf5({"picture": np.zeros((4, 5))})) as scan:
        assert scan.first_frame(scan.signal) == 0
