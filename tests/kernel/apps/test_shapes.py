"""Shapes: which pixels they cover, and the values along a line."""

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import ndimage

from daisy_kernel.apps import shapes

SHAPE = (20, 30)
COORDINATES = st.floats(-8, 38, allow_nan=False).map(lambda v: round(v, 2))
CORNERS = st.lists(st.tuples(COORDINATES, COORDINATES), min_size=3, max_size=8)
TWO = st.tuples(
    st.tuples(COORDINATES, COORDINATES), st.tuples(COORDINATES, COORDINATES)
)


def whole_mask(kind, points, width=1, shape=SHAPE):
    return shapes.mask(kind, points, shape, width)


def winding(row, column, corners):
    """Turns of a polygon around a point, from the angles to its corners."""
    angles = [math.atan2(r - row, c - column) for r, c in corners]
    turns = 0.0
    for a, b in zip(angles, [*angles[1:], angles[0]], strict=True):
        turns += (b - a + math.pi) % (2 * math.pi) - math.pi
    return round(turns / (2 * math.pi))


RUNS = st.lists(
    st.tuples(st.integers(-4, 24), st.integers(-5, 34), st.integers(1, 20)),
    min_size=1,
    max_size=12,
)


@given(runs=RUNS)
def test_painted_pixels_are_covered_one_by_one(runs):
    points = [
        corner
        for row, first, length in runs
        for corner in ((row, first), (row + 1, first + length))
    ]
    shapes.check("pixels", np.asarray(points, float), 1)
    expected = np.zeros(SHAPE, bool)
    for row, first, length in runs:
        for column in range(first, first + length):
            if 0 <= row < SHAPE[0] and 0 <= column < SHAPE[1]:
                expected[row, column] = True
    assert np.array_equal(whole_mask("pixels", points), expected)


@pytest.mark.parametrize(
    ("points", "said"),
    [
        ([(1, 2)], "two points for each run"),
        ([(1, 2), (3, 4)], "a piece of one row"),
        ([(1, 2), (2, 2)], "a piece of one row"),
        ([(1.5, 2), (2.5, 4)], "whole numbers"),
        ([(1, 2), (2, 4)] * (shapes.MOST_RUNS + 1), "at most 5000 runs"),
    ],
)
def test_painted_pixels_that_are_no_runs_are_refused(points, said):
    with pytest.raises(ValueError, match=said):
        shapes.check("pixels", np.asarray(points, float), 1)


@given(corners=CORNERS)
@settings(deadline=None, max_examples=60)
def test_a_polygon_covers_the_centres_it_winds_around_an_odd_number_of_times(corners):
    mask = whole_mask("polygon", corners)
    for row, column in np.ndindex(*SHAPE):
        centre = (row + 0.5, column + 0.5)
        assume(all(distance(centre, *edge) > 1e-6 for edge in edges(corners)))
        assert mask[row, column] == bool(winding(*centre, corners) % 2)


def edges(corners):
    return zip(corners, [*corners[1:], corners[0]], strict=True)


def distance(point, start, end):
    """From a point to a piece of a line."""
    (y, x), (r0, c0), (r1, c1) = point, start, end
    square = (r1 - r0) ** 2 + (c1 - c0) ** 2
    along = ((y - r0) * (r1 - r0) + (x - c0) * (c1 - c0)) / square if square else 0
    along = min(max(along, 0), 1)
    return math.hypot(y - r0 - along * (r1 - r0), x - c0 - along * (c1 - c0))


@given(points=TWO)
@settings(deadline=None)
def test_a_rectangle_and_an_ellipse_cover_what_their_formula_says(points):
    (r0, c0), (r1, c1) = points
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]] + 0.5
    inside = (rows >= min(r0, r1)) & (rows < max(r0, r1))
    inside &= (columns >= min(c0, c1)) & (columns < max(c0, c1))
    assert np.array_equal(whole_mask("rectangle", points), inside)

    high, wide = abs(r1 - r0) / 2, abs(c1 - c0) / 2
    assume(high > 0.01 and wide > 0.01)
    square = ((rows - (r0 + r1) / 2) / high) ** 2 + (
        (columns - (c0 + c1) / 2) / wide
    ) ** 2
    assume((abs(square - 1) > 1e-9).all())
    assert np.array_equal(whole_mask("ellipse", points), square < 1)


@given(at=st.integers(1, 29), corners=TWO)
@settings(deadline=None)
def test_two_regions_that_share_an_edge_share_no_pixel(at, corners):
    (top, _), (bottom, _) = corners
    left = [(top, 0), (top, at), (bottom, at), (bottom, 0)]
    right = [(top, at), (top, 30), (bottom, 30), (bottom, at)]
    both = [(top, 0), (top, 30), (bottom, 30), (bottom, 0)]
    one, other = whole_mask("polygon", left), whole_mask("polygon", right)
    assert not (one & other).any()
    assert np.array_equal(one | other, whole_mask("polygon", both))


@given(row=st.floats(3, 30), width=st.integers(1, 5))
@settings(deadline=None)
def test_a_level_line_covers_as_many_rows_as_it_is_wide(row, width):
    mask = whole_mask("line", [(row, 3), (row, 20)], width, (40, 30))
    inside = [r for r in range(40) if row - width / 2 <= r + 0.5 < row + width / 2]
    assert np.flatnonzero(mask.any(axis=1)).tolist() == inside
    assert mask.any(axis=0).sum() == 17


@given(points=TWO, width=st.integers(1, 4))
@settings(deadline=None)
def test_a_profile_is_that_of_another_interpolation(points, width):
    frame = np.random.default_rng(2).random(SHAPE)
    (r0, c0), (r1, c1) = points
    length = math.hypot(r1 - r0, c1 - c0)
    assume(length > 1)
    x, y = shapes.profile(frame, points, width)

    assert x[0] == 0
    assert x[-1] == pytest.approx(length)
    assert (np.diff(x) <= 1 + 1e-9).all()
    for distance_, value in list(zip(x, y, strict=True))[:: max(len(x) // 5, 1)]:
        samples = []
        for i in range(width):
            off = i - (width - 1) / 2
            row = r0 + (r1 - r0) * distance_ / length - off * (c1 - c0) / length
            column = c0 + (c1 - c0) * distance_ / length + off * (r1 - r0) / length
            # half a pixel beyond the last centre there are no two neighbours
            inner = 0.5 <= row <= SHAPE[0] - 0.5 and 0.5 <= column <= SHAPE[1] - 0.5
            samples.append((row - 0.5, column - 0.5) if inner else None)
        if None not in samples:
            expected = ndimage.map_coordinates(frame, np.transpose(samples), order=1)
            assert value == pytest.approx(expected.mean(), abs=1e-6)


def test_a_profile_leaves_masked_pixels_out():
    frame = np.tile(np.arange(30.0), (20, 1))
    good = np.ones(SHAPE, bool)
    frame[4, 10], good[4, 10] = 1e9, False
    ends = np.array([[4.5, 0.5], [4.5, 29.5]])
    _, alone = shapes.profile(frame, ends, 1, good)
    _, wide = shapes.profile(frame, ends, 3, good)

    assert np.isnan(alone[10])
    assert np.delete(alone, 10) == pytest.approx(np.delete(np.arange(30.0), 10))
    assert wide == pytest.approx(np.arange(30.0))


@pytest.mark.parametrize(
    ("kind", "points", "width", "told"),
    [
        ("circle", [(0, 0), (1, 1)], 1, "kind is one of"),
        ("polygon", [(0, 0), (1, 1)], 1, "at least 3"),
        ("rectangle", [(0, 0), (1, 1), (2, 2)], 1, "got 3"),
        ("line", [(0, math.nan), (1, 1)], 1, "finite"),
        ("line", [(0, 0), (1, 1)], 0, "width"),
    ],
)
def test_a_region_that_means_nothing_is_refused_by_name(kind, points, width, told):
    with pytest.raises(ValueError, match=told):
        shapes.check(kind, np.asarray(points, float), width)
