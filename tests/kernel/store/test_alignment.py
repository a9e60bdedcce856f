"""Detectors of one scan come onto the same points, or are refused by name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import daisy_kernel as daisy
from daisy_kernel.model import Axis, DataObject, Origin, data_object, errors
from daisy_kernel.store.alignment import align
from daisy_kernel.store.snake import unsnake

NY, NX, NE = 6, 5, 3
Y, X = 2.0 + 0.5 * np.arange(NY), -1.0 + 0.1 * np.arange(NX)


def phantom(ny: int = NY, nx: int = NX) -> np.ndarray:
    """Make a map that no turn, flip or shift brings onto itself."""
    y, x = np.mgrid[:ny, :nx]
    found = 100.0 * y + 10 * x + (x > y)
    assert len(np.unique(found)) == found.size
    return found


def spectra() -> np.ndarray:
    return phantom()[..., None] + 1000 * np.arange(NE)


def stxm(units: str = "mm") -> DataObject:
    return data_object(phantom(), axes={"y": (Y, units), "x": (X, units)})


def xrf(data: Any = None, y: np.ndarray = Y, x: np.ndarray = X) -> DataObject:
    axes = {"y": (y, "mm"), "x": (x, "mm"), "energy": (np.arange(NE) * 10.0, "eV")}
    return data_object(spectra() if data is None else data, axes=axes)


def points(
    data: np.ndarray, y: np.ndarray, x: np.ndarray, *names: str, units: str = "mm"
) -> DataObject:
    """Make an object that knows where its points are only by encoders."""
    axes = tuple(Axis(name) for name in names)
    read = {"y": Axis("y", y, units), "x": Axis("x", x, units)}
    return DataObject(data, axes, positions=read)


def masked(found: DataObject) -> np.ndarray:
    """Give the mask of all values."""
    return np.broadcast_to(False if found.mask is None else found.mask, found.shape)


def grid() -> tuple[np.ndarray, np.ndarray]:
    y, x = np.meshgrid(Y, X, indexing="ij")
    return y, x


def snaked(array: np.ndarray) -> np.ndarray:
    found = array.copy()
    found[1::2] = found[1::2, ::-1]
    return found


def test_same_axes_are_left_as_they_are() -> None:
    given = {"xrf": xrf(), "stxm": stxm()}

    found = align(given)

    assert found["xrf"] is given["xrf"]
    assert found["stxm"] is given["stxm"]
    assert align({"alone": given["xrf"]})["alone"] is given["xrf"]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_missing_lines_leave_what_all_have_or_are_masked(data: Any) -> None:
    def some(size: int) -> np.ndarray:
        chosen = st.lists(st.booleans(), min_size=size, max_size=size)
        return np.flatnonzero(np.array(data.draw(chosen.filter(any))))

    rows, columns = some(NY), some(NX)
    if data.draw(st.booleans()):
        rows = rows[data.draw(st.permutations(range(len(rows))))]
    part = xrf(spectra()[np.ix_(rows, columns)], Y[rows], X[columns])

    common = align({"stxm": stxm(), "xrf": part})
    every = align({"stxm": stxm(), "xrf": part}, how="all")

    inside = np.ix_(np.sort(rows), np.sort(columns))
    assert np.array_equal(common["stxm"].read(), phantom()[inside])
    assert np.array_equal(common["xrf"].read(), spectra()[inside])
    assert np.array_equal(common["xrf"].axes[0].values, Y[np.sort(rows)])
    assert np.array_equal(every["stxm"].read(), phantom())
    there = np.zeros((NY, NX), bool)
    there[inside] = True
    assert np.array_equal(every["xrf"].read()[there], spectra()[there])
    assert np.isnan(every["xrf"].read()[~there]).all()
    assert (every["xrf"].mask is None) == there.all()
    assert np.array_equal(masked(every["xrf"])[..., 0], ~there)
    assert "absent" in " ".join(every["xrf"].notes) or there.all()


def test_the_union_has_what_only_one_has() -> None:
    a, b = xrf(spectra()[:4], Y[:4]), xrf(spectra()[3:], Y[3:])

    found = align({"a": a, "b": b}, how="all")
    common = align({"a": a, "b": b})

    assert np.array_equal(found["a"].axes[0].values, Y)  # type: ignore[arg-type]
    assert np.array_equal(found["a"].read()[:4], spectra()[:4])
    assert np.array_equal(found["b"].read()[3:], spectra()[3:])
    assert np.array_equal(common["a"].read(), common["b"].read())
    assert common["a"].shape == (1, NX, NE)


def test_falling_axes_stay_falling() -> None:
    falling = stxm()
    falling = data_object(
        phantom()[::-1][:3], axes={"y": (Y[::-1][:3], "mm"), "x": (X, "mm")}
    )

    found = align({"falling": falling, "xrf": xrf()}, how="all")

    assert np.array_equal(found["xrf"].axes[0].values, Y[::-1])  # type: ignore[arg-type]
    assert np.array_equal(found["xrf"].read(), spectra()[::-1])
    assert np.array_equal(found["falling"].read()[:3], phantom()[::-1][:3])


def test_whole_numbers_stay_whole_and_the_mask_says_what_is_absent() -> None:
    counts = phantom().astype("u2")
    part = data_object(counts[2:], axes={"y": (Y[2:], "mm"), "x": (X, "mm")})

    found = align({"stxm": stxm(), "counts": part}, how="all")["counts"]

    assert found.dtype == "u2"
    assert np.array_equal(found.read()[2:], counts[2:])
    assert (found.read()[:2] == 0).all()
    assert np.array_equal(masked(found), np.mgrid[:NY, :NX][0] < 2)


def test_masks_move_with_their_points() -> None:
    mask = spectra() > 3000
    bad = np.array([False, True, False])
    whole = replace(xrf(spectra()[1:], Y[1:]), mask=mask[1:])
    spectrum = replace(xrf(spectra()[1:], Y[1:]), mask=bad)
    given = {"stxm": stxm(), "whole": whole, "spectrum": spectrum}

    every = align(given, how="all")
    common = align({**given, "short": xrf(spectra()[:3], Y[:3])})

    assert np.array_equal(masked(every["whole"])[1:], mask[1:])
    assert masked(every["whole"])[0].all()
    assert np.array_equal(masked(every["spectrum"])[3, 2], bad)
    assert masked(every["spectrum"])[0].all()
    assert np.array_equal(masked(common["whole"]), mask[1:3])
    assert common["spectrum"].mask is bad


@pytest.mark.parametrize("how", ["common", "all"])
def test_lines_scanned_back_and_forth_are_told_by_their_positions(how: Any) -> None:
    y, x = grid()
    read = points(snaked(spectra()), snaked(y), snaked(x) + 0.02, "y", "x", "energy")

    found = align({"stxm": stxm(), "xrf": read}, how=how)["xrf"]
    again = align({"stxm": stxm(), "xrf": found}, how=how)["xrf"]

    assert np.array_equal(found.read(), spectra())
    assert np.array_equal(found.axes[1].values, X)  # type: ignore[arg-type]
    assert np.allclose(found.positions["x"].values, x + 0.02)  # type: ignore[arg-type]
    assert again is found, "reversed once"


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_three_detectors_that_lost_different_points_come_back_exactly(
    data: Any,
) -> None:
    """One has plain axes in other units, one runs to and fro, one is a list."""
    how = data.draw(st.sampled_from(["common", "all"]))
    rows = [np.flatnonzero(data.draw(_some(NY))) for _ in range(2)]
    lost = data.draw(st.sets(st.integers(0, NY * NX - 1), max_size=4))
    order = [i for i in data.draw(st.permutations(range(NY * NX))) if i not in lost]
    y, x = grid()
    back = data.draw(st.lists(st.booleans(), min_size=NY, max_size=NY))
    turned = [np.where(np.array(back)[:, None], a[:, ::-1], a) for a in (x, phantom())]
    whole = stxm()
    plain = data_object(
        spectra()[rows[0]],
        axes={"y": (Y[rows[0]] * 1e3, "um"), "x": (X * 1e3, "um"), "energy": None},
    )
    fro = points(turned[1][rows[1]], y[rows[1]] * 1e-3, turned[0][rows[1]] * 1e-3,
                 "y", "x", units="m")  # fmt: skip
    listed = points(phantom().ravel()[order], y.ravel()[order], x.ravel()[order], "n")
    there = np.zeros((4, NY, NX), bool)
    there[0] = True
    there[1, rows[0]] = there[2, rows[1]] = True
    there[3].ravel()[order] = True

    given = {"whole": whole, "plain": plain, "fro": fro, "listed": listed}
    expected = {"whole": phantom(), "plain": spectra(), "fro": phantom(),
                "listed": phantom()}  # fmt: skip
    assume(how == "all" or there.all(0).all(1).any())  # else it is refused
    found = align(given, how=how)

    one = found["whole"]
    at = np.searchsorted(Y, np.asarray(one.axes[0].values) - 1e-9)
    along = np.searchsorted(X, np.asarray(one.axes[1].values) - 1e-9)
    for number, (name, result) in enumerate(found.items()):
        right = expected[name][np.ix_(at, along)]
        inside = there[number][np.ix_(at, along)]
        assert result.axes[:2] == one.axes or np.array_equal(
            np.asarray(result.axes[0].values), np.asarray(one.axes[0].values)
        )
        assert np.array_equal(result.read()[inside], right[inside])
        assert masked(result)[~inside].all()
        assert not masked(result)[inside].any()
        assert how == "all" or inside.all()
    if how == "all":
        assert one.shape == (NY, NX)


def _some(size: int) -> st.SearchStrategy[list[bool]]:
    return st.lists(st.booleans(), min_size=size, max_size=size).filter(any)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_list_of_points_in_any_order_comes_onto_the_grid(data: Any) -> None:
    order = np.array(data.draw(st.permutations(range(NY * NX))))
    order = order[: data.draw(st.integers(1, NY * NX))]
    noise = np.random.default_rng(len(order)).uniform(-0.4, 0.4, (2, len(order)))
    y, x = (side.reshape(-1)[order] for side in grid())
    flat = spectra().reshape(-1, NE)[order]
    read = points(flat, y + 0.5 * noise[0], x + 0.1 * noise[1], "point", "energy")

    found = align({"stxm": stxm(), "xrf": read}, how="all")["xrf"]

    there = np.zeros(NY * NX, bool)
    there[order] = True
    values = found.read().reshape(-1, NE)
    assert np.array_equal(values[there], spectra().reshape(-1, NE)[there])
    assert np.isnan(values[~there]).all()
    assert found.axis_names == ("y", "x", "energy")


def test_an_incomplete_last_line_is_left_out_or_masked() -> None:
    y, x = (side.reshape(-1)[:-2] for side in grid())
    read = points(spectra().reshape(-1, NE)[:-2], y, x, "point", "energy")

    common = align({"stxm": stxm(), "xrf": read})
    every = align({"stxm": stxm(), "xrf": read}, how="all")

    assert common["stxm"].shape == (NY - 1, NX)
    assert np.array_equal(common["xrf"].read(), spectra()[:-1])
    assert np.array_equal(common["stxm"].read(), phantom()[:-1])
    assert np.array_equal(every["stxm"].read(), phantom())
    assert every["xrf"].mask.sum() == 2  # type: ignore[union-attr]


def test_encoders_of_a_grid_give_the_grid_if_nothing_else_does() -> None:
    y, x = grid()
    noise = np.random.default_rng(0).uniform(-0.01, 0.01, (NY, NX))
    read = points(snaked(phantom()), snaked(y), snaked(x) + noise, "y", "x")
    plain = points(spectra(), y, x + noise, "y", "x", "energy")

    found = align({"snake": read, "xrf": plain})

    assert np.array_equal(found["snake"].read(), phantom())
    assert np.array_equal(found["xrf"].read(), spectra())
    assert np.allclose(found["xrf"].axes[1].values, X, atol=0.01)  # type: ignore[arg-type]


def test_units_that_fit_are_turned_into_those_of_the_first() -> None:
    um = data_object(
        spectra()[2:],
        axes={"y": (Y[2:] * 1e3, "um"), "x": (X * 1e3, "micron"), "e": None},
    )

    found = align({"stxm": stxm(), "xrf": um})

    assert found["stxm"].shape == (4, NX)
    assert found["xrf"].axes[0].units == "mm"
    assert np.allclose(found["xrf"].axes[0].values, Y[2:])  # type: ignore[arg-type]
    assert np.array_equal(found["xrf"].read(), spectra()[2:])


def test_axes_before_and_behind_the_map_stay(hdf5: Any) -> None:
    theta = {"theta": (np.array([0.0, 90.0]), "deg")}
    both = np.stack([phantom(), -phantom()])
    y, x = grid()
    read = {
        "y": Axis("y", np.broadcast_to(snaked(y), (2, NY, NX)), "mm"),
        "x": Axis("x", np.broadcast_to(snaked(x), (2, NY, NX)), "mm"),
    }
    a = data_object(both, axes={**theta, "y": (Y, "mm"), "x": (X, "mm")})
    b = DataObject(
        np.stack([snaked(phantom()), -snaked(phantom())]),
        (Axis("theta"), Axis("y"), Axis("x")), positions=read,
    )  # fmt: skip

    found = align({"a": a, "b": b})

    assert np.array_equal(found["b"].read(), both)
    with pytest.raises(errors.NotAligned, match="theta has no values"):
        align({"a": data_object(both[:1], axes="theta y x"), "b": b})


class TestRefused:
    def test_a_point_outside_the_grid(self) -> None:
        y, x = (side.reshape(-1) for side in grid())
        read = points(spectra().reshape(-1, NE), y, x + 0.07, "point", "energy")

        with pytest.raises(errors.NotAligned) as caught:
            align({"stxm": stxm(), "xrf": read})

        assert "xrf and stxm" in str(caught.value)
        assert "the first is (4,)" in str(caught.value)
        assert "-0.53 mm" in str(caught.value)

    def test_two_points_in_one_place(self) -> None:
        y, x = (side.reshape(-1).copy() for side in grid())
        x[7] = x[8]
        read = points(spectra().reshape(-1, NE), y, x, "point", "energy")

        with pytest.raises(errors.NotAligned, match=r"\(7,\) and \(8,\) of xrf both"):
            align({"stxm": stxm(), "xrf": read})

    def test_a_position_that_is_no_number(self) -> None:
        y, x = (side.reshape(-1).copy() for side in grid())
        y[11] = np.nan
        read = points(spectra().reshape(-1, NE), y, x, "point", "energy")

        with pytest.raises(errors.NotAligned, match=r"\(11,\)"):
            align({"stxm": stxm(), "xrf": read})

    def test_units_that_do_not_fit(self) -> None:
        other = data_object(phantom(), axes={"y": (Y, "s"), "x": (X, "mm")})

        with pytest.raises(errors.NotAligned, match="y is in mm and in s"):
            align({"xrf": xrf(), "stxm": other})

    def test_units_that_are_not_known_where_it_matters(self) -> None:
        bare = stxm("")
        part = xrf(spectra()[1:], Y[1:])

        assert align({"xrf": xrf(), "stxm": bare})["stxm"] is bare
        with pytest.raises(errors.NotAligned, match="say the units of y in stxm"):
            align({"xrf": part, "stxm": bare})

    def test_values_that_could_be_the_same_point_or_another(self) -> None:
        shifted = xrf(y=Y + 0.1)

        with pytest.raises(errors.NotAligned, match="the same point, or two"):
            align({"stxm": stxm(), "xrf": shifted})

        found = align({"stxm": stxm(), "xrf": shifted}, tolerance=0.11)
        assert np.array_equal(found["xrf"].read(), spectra())
        assert np.array_equal(found["xrf"].axes[0].values, Y)  # type: ignore[arg-type]
        part = align({"stxm": stxm(), "xrf": xrf(spectra()[1:], Y[1:] + 0.1)},
                     tolerance={"y": 0.11})  # fmt: skip
        assert np.array_equal(part["xrf"].read(), spectra()[1:])

    def test_different_lengths_without_values(self) -> None:
        a, b = (
            data_object(phantom(), axes="y x"),
            data_object(phantom()[1:], axes="y x"),
        )

        with pytest.raises(errors.NotAligned, match="6 of a, 5 of b"):
            align({"a": a, "b": b})
        with pytest.raises(
            errors.NotAligned, match="b has no values, only 5 positions"
        ):
            align({"a": stxm(), "b": b})

    def test_an_axis_without_values_beside_lines_back_and_forth(self) -> None:
        y, x = grid()
        read = points(snaked(phantom()), snaked(y), snaked(x), "y", "x")

        with pytest.raises(errors.NotAligned, match="give it values or positions"):
            align({"stxm": data_object(phantom(), axes="y x"), "xrf": read})

    def test_nothing_in_common(self) -> None:
        with pytest.raises(errors.NotAligned, match="how='all'") as caught:
            align({"a": xrf(spectra()[:3], Y[:3]), "b": xrf(spectra()[3:], Y[3:])})

        assert "y is 2 to 3 mm in a and 3.5 to 4.5 mm in b" in str(caught.value)

    def test_no_shared_name(self) -> None:
        a, b = data_object(phantom()), data_object(phantom(), axes="y x")

        with pytest.raises(errors.NotAligned, match=r"a of shape \(6, 5\) has none"):
            align({"a": a, "b": b})

    def test_axes_in_another_order(self) -> None:
        axes = {"x": (X[:4], "mm"), "y": (Y, "mm")}
        turned = data_object(phantom().T[:4], axes=axes)

        with pytest.raises(errors.NotAligned, match="Turn one"):
            align({"a": stxm(), "b": turned})

    def test_an_axis_that_is_not_among_the_first(self) -> None:
        axes = {"e": None, "y": (Y[1:], "mm"), "x": (X, "mm")}
        stack = data_object(np.stack([phantom()[1:]] * 2), axes=axes)

        with pytest.raises(errors.NotAligned, match="not the first of them"):
            align({"a": stxm(), "b": stack})

    def test_lists_of_different_points(self) -> None:
        y, x = (side.reshape(-1) for side in grid())
        a = points(phantom().reshape(-1), y, x, "point")
        b = points(phantom().reshape(-1), y, x + 0.1, "point")
        far = points(phantom().reshape(-1)[1:], y[1:], x[1:], "point")

        assert align({"a": a, "again": a})["again"] is a
        with pytest.raises(errors.NotAligned, match="lists of points"):
            align({"a": a, "b": b})
        with pytest.raises(errors.NotAligned):
            align({"a": a, "b": far})

    def test_repeats(self) -> None:
        twice = xrf(y=np.array([2.0, 2.5, 2.5, 3.0, 3.5, 4.0]))

        with pytest.raises(errors.NotAligned, match=r"y is 2\.5 at 2 points"):
            align({"stxm": stxm(), "xrf": twice})

    def test_values_that_no_float_tells_apart(self) -> None:
        a, b = (
            data_object(phantom(), axes={"y": np.arange(NY) + start, "x": X})
            for start in (2**60, 2**60 + 1)
        )

        assert align({"a": a, "again": a})["again"] is a
        with pytest.raises(errors.NotAligned, match=r"beyond 2\^53"):
            align({"a": a, "b": b})

    def test_names_of_axes_that_are_text(self) -> None:
        a, b = (
            data_object(phantom(), axes={"y": np.array(list(text)), "x": X})
            for text in ("abcdef", "abcdeg")
        )

        assert align({"a": a, "again": a})["again"] is a
        with pytest.raises(errors.NotAligned, match="its y is str"):
            align({"a": a, "b": b})

    def test_two_axes_of_one_name(self) -> None:
        twice = data_object(np.zeros((3, 3)), axes="x x")

        with pytest.raises(errors.NotAligned, match="two of its axes are called x"):
            align({"a": twice, "b": twice})

    def test_a_file_whose_axes_do_not_belong_to_its_data(self) -> None:
        wrong = DataObject(np.zeros((2, 2, 2, 9)), misfits={"x": (7, 101)})

        with pytest.raises(errors.NotAligned) as caught:
            align({"stxm": stxm(), "xrf": wrong})

        assert "(7, 101)" in str(caught.value)
        assert "(2, 2, 2, 9)" in str(caught.value)
        assert "xrf and stxm" in str(caught.value)


def test_named_axes_alone_are_aligned() -> None:
    other = replace(
        xrf(), axes=(*xrf().axes[:2], Axis("energy", np.arange(NE) * 10.0 + 3, "eV"))
    )
    part = replace(other, data=other.data[1:], axes=(  # type: ignore[arg-type]
        Axis("y", Y[1:], "mm"), *other.axes[1:]))  # fmt: skip

    with pytest.raises(errors.NotAligned, match="axes="):
        align({"a": xrf(), "b": part})
    found = align({"a": xrf(), "b": part}, axes=["y", "x"])

    assert np.array_equal(found["a"].read(), spectra()[1:])
    assert found["b"].axes[2] is other.axes[2]


def test_the_identity_of_what_was_changed_is_not_kept() -> None:
    part = replace(xrf(spectra()[1:], Y[1:]), origin=Origin("a.nxs", identity="same"))
    whole = replace(stxm(), origin=Origin("b.nxs", identity="same"))

    found = align({"a": part, "b": whole})

    assert found["a"].origin.identity == "same"
    assert found["b"].origin.identity == ""
    assert found["b"].origin.source == "b.nxs"


@pytest.fixture
def lazy(hdf5: Callable[..., Path]) -> Path:
    return hdf5({"d": spectra(), "snake": snaked(spectra()), "flat": spectra()
                .reshape(-1, NE)})  # fmt: skip


def test_datasets_stay_in_their_files(lazy: Path) -> None:
    y, x = grid()
    with daisy.open(lazy) as scan:
        rows = align({"stxm": data_object(phantom()[2:], axes={"y": (Y[2:], "mm"),
                      "x": (X, "mm")}), "xrf": xrf(scan["d"])})["xrf"]  # fmt: skip
        read = {"y": Axis("y", snaked(y), "mm"), "x": Axis("x", snaked(x), "mm")}
        axes = (Axis("y"), Axis("x"), Axis("energy"))
        back = DataObject(scan["snake"], axes, positions=read)  # type: ignore[arg-type]
        straight = align({"stxm": stxm(), "xrf": back})["xrf"]
        flat = {k: replace(v, values=v.values.reshape(-1)) for k, v in read.items()}  # type: ignore[union-attr]
        listed = DataObject(scan["flat"], axes[1:], positions=flat)  # type: ignore[arg-type]
        whole = align({"stxm": stxm(), "xrf": replace(listed, axes=(Axis("point"),
                       Axis("energy")))}, how="all")["xrf"]  # fmt: skip

        assert rows.is_lazy
        assert straight.is_lazy
        assert whole.is_lazy
        assert "4 of 6 positions" in rows.data.explain()  # type: ignore[union-attr]
        assert np.array_equal(rows.read(), spectra()[2:])
        assert np.array_equal(straight.read(), spectra())
        assert np.array_equal(straight[3, 1:4], spectra()[3, 1:4])
        unsnaked_by_hand = spectra().reshape(-1, NE)
        assert whole.shape == (NY, NX, NE)
        assert np.array_equal(snaked(whole.read()).reshape(-1, NE), unsnaked_by_hand)


class TestUnsnake:
    def test_by_positions_and_once(self) -> None:
        y, x = grid()
        read = points(snaked(spectra()), snaked(y), snaked(x), "y", "x", "energy")

        found = unsnake(read)

        assert np.array_equal(found.read(), spectra())
        assert np.array_equal(found.positions["x"].values, x)  # type: ignore[arg-type]
        assert unsnake(found) is found
        straight = points(spectra(), y, x, "y", "x", "energy")
        assert unsnake(straight) is straight

    def test_by_word_and_once(self) -> None:
        told = data_object(snaked(spectra()), axes="y x energy", units="counts")

        found = unsnake(told, snake=True)

        assert np.array_equal(found.read(), spectra())
        assert found.units == "counts"
        assert unsnake(found, snake=True) is found
        with pytest.raises(errors.NotAligned, match="snake=True"):
            unsnake(told)

    def test_missing_lines_do_not_confuse_positions(self) -> None:
        y, x = grid()
        keep = [0, 1, 3, 4]
        read = points(snaked(phantom())[keep], y[keep], snaked(x)[keep], "y", "x")

        assert np.array_equal(unsnake(read).read(), phantom()[keep])
        with pytest.raises(errors.NotAligned, match="positions say"):
            unsnake(read, snake=True)

    def test_the_axis_says_which_sense_is_forwards(self) -> None:
        y, x = grid()
        read = replace(
            points(snaked(phantom())[1:], y[1:], snaked(x)[1:], "y", "x"),
            axes=(Axis("y", Y[1:], "mm"), Axis("x", X, "mm")),
        )

        assert np.array_equal(unsnake(read).read(), phantom()[1:])

    def test_lines_that_run_to_and_fro_are_refused(self) -> None:
        y, x = grid()
        x[2, 1] = x[2, 4]

        with pytest.raises(errors.NotAligned, match="line 2"):
            unsnake(points(phantom(), y, x, "y", "x"))
        with pytest.raises(errors.NotAligned, match="not clear"):
            unsnake(data_object(np.zeros((2, 3, 4)), axes="t y x"), snake=True, axis=2)

    def test_a_dataset_stays_in_its_file(self, lazy: Path) -> None:
        with daisy.open(lazy) as scan:
            told = data_object(scan["snake"], axes="y x energy")
            found = unsnake(told, snake=True)

            assert found.is_lazy
            assert np.array_equal(found.read(), spectra())


def test_ten_gigabytes_are_aligned_without_being_read(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "scan.h5", "w") as file:
        file.create_dataset("d", (NY, NX, 1 << 12, 1 << 13), "u2", chunks=True)
    y, x = grid()
    read = {"y": Axis("y", snaked(y), "mm"), "x": Axis("x", snaked(x), "mm")}
    with daisy.open(tmp_path / "scan.h5") as scan:
        axes = (Axis("y"), Axis("x"), Axis("row"), Axis("column"))
        huge = DataObject(scan["d"], axes, positions=read)  # type: ignore[arg-type]

        found = align({"stxm": stxm(), "xrd": huge}, how="all")["xrd"]

        assert found.shape == huge.shape
        assert (found[3, 2, :5, :5] == 0).all()
        bad = replace(huge, mask=np.ones(huge.shape[2:], bool))
        short = replace(bad, data=scan["d"].take([1, 2, 3, 4, 5]), positions={  # type: ignore[union-attr]
            name: replace(axis, values=axis.values[1:]) for name, axis in read.items()})  # type: ignore[index]  # fmt: skip
        with pytest.raises(errors.NotAligned, match="how='common'"):
            align({"stxm": stxm(), "xrd": short}, how="all")
