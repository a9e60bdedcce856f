"""What results are said to be: axes, units, masks and positions that go along."""

from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
import pytest
from flows import compute, divide, level, mean, scaled, smooth, subtract

import daisy_kernel as daisy
from daisy_kernel import errors
from daisy_kernel.compute import LocalEngine
from daisy_kernel.model import Axis, DataObject, Quantity, data_object
from daisy_kernel.workflow import Data, Workflow, algorithm
from daisy_kernel.workflow.carry_out import carry_out
from daisy_kernel.workflow.opening import opened

Floats = npt.NDArray[np.float32]
MASK = np.zeros((4, 6), bool)
MASK[1, 2] = True


def run(flow: Workflow, **given: Any) -> dict[str, DataObject]:
    objects, steps = opened(flow, given)
    return carry_out(steps, objects, flow.results, LocalEngine())


def frames(**more: Any) -> DataObject:
    values = np.arange(5 * 4 * 6, dtype="u2").reshape(5, 4, 6)
    axes = {"angle": (np.linspace(0, 1, 5), "deg"), "row": None, "column": None}
    return data_object(values, **({"axes": axes, "units": "counts"} | more))


def test_axes_units_geometry_and_mask_go_along() -> None:
    given = frames(mask=MASK, geometry={"x_pixel_size": Quantity(1e-6, "m")})
    found = run(Workflow("x", [smooth, mean]), frames=given)["mean"]

    assert found.axis_names == ("row", "column")
    assert found.units == "counts"
    assert found.geometry["x_pixel_size"].value == 1e-6
    assert np.array_equal(found.mask, MASK)


def test_a_mask_goes_away_where_its_axes_do() -> None:
    found = run(Workflow("x", [level]), sinograms=frames(mask=MASK))["level"]

    assert found.axis_names == ("row", "angle", "column")
    assert found.mask is None


def test_positions_of_points_go_along() -> None:
    places = {"x": Axis("x", np.arange(5.0), "mm")}
    given = DataObject(frames().data, positions=places)

    found = run(Workflow("x", [smooth]), frames=given)["smooth"]

    assert np.array_equal(found.positions["x"].values, np.arange(5.0))


def test_values_of_an_axis_are_an_input_by_name() -> None:
    @algorithm(pattern="frame")
    def weighted(
        frames: Floats, angle: Annotated[npt.NDArray[np.float64], Data("frame")]
    ) -> Floats:
        return (frames * angle[:, None, None]).astype("f4")

    flow = Workflow("x")
    flow.add(weighted, "frames", "frames.angle", into="out")

    found = compute(flow, {"frames": frames()})["out"]

    values = frames().read() * np.linspace(0, 1, 5)[:, None, None]
    assert np.allclose(found, values)


def test_units_that_convert_are_converted() -> None:
    @algorithm(pattern="point")
    def metres(length: Annotated[Floats, Data(units="m")]) -> Floats:
        return length

    given = data_object(np.array([1500.0, 2.0], "f4"), units="mm")

    assert np.allclose(compute(Workflow("x", [metres]), {"length": given})["metres"],
                       [1.5, 2e-3])  # fmt: skip


@algorithm(pattern="point")
def attenuation(sent: Annotated[Floats, Data(units="1")]) -> Floats:
    return -np.log(sent)


def test_units_that_do_not_fit_are_refused_with_both() -> None:
    flow = Workflow("x", [attenuation])

    with pytest.raises(
        errors.UnitsMismatch, match=r"attenuation.*'sent'.*counts.*no unit"
    ):
        run(flow, sent=frames())


def test_shapes_that_do_not_fit_are_refused_with_both() -> None:
    flow = Workflow("x", [subtract])
    dark = np.zeros((4, 7), "f4")

    with pytest.raises(
        errors.ShapeMismatch, match=r"subtract.*'frames'.*4 x 6.*'dark'.*4 x 7"
    ):
        run(flow, frames=frames(), dark=dark)


def test_axes_of_one_name_have_one_length() -> None:
    @algorithm(pattern="frame")
    def corrected(
        frames: Annotated[Floats, Data("frame row column")],
        flat: Annotated[Floats, Data("row column")],
    ) -> Floats:
        return frames / flat

    flow = Workflow("x", [corrected])

    with pytest.raises(errors.ShapeMismatch, match=r"corrected.*their row"):
        run(flow, frames=frames(), flat=np.ones((3, 6), "f4"))


def test_types_that_lose_are_refused() -> None:
    flow = Workflow("x", [scaled])

    with pytest.raises(errors.WorkflowRefused, match=r"scaled.*complex.*float32"):
        run(flow, values=np.ones(3, "c8"))


def test_sinograms_of_frames_without_named_axes_are_refused() -> None:
    flow = Workflow("x", [level])

    with pytest.raises(errors.ShapeMismatch, match=r"level.*name its axes"):
        run(flow, sinograms=np.ones((3, 4, 5), "f4"))


def test_a_result_that_is_not_as_promised_is_refused() -> None:
    @algorithm(pattern="frame")
    def cropped(frames: Floats) -> Floats:
        return frames[:, 1:]

    @algorithm(pattern="frame")
    def doubled(frames: Floats) -> Floats:
        return frames * np.float64(2)[None]

    with pytest.raises(errors.AlgorithmFailed, match=r"cropped.*\(5, 3, 6\).*shape="):
        run(Workflow("x", [cropped]), frames=frames())
    with pytest.raises(errors.AlgorithmFailed, match=r"doubled.*float64.*float32"):
        run(Workflow("x", [doubled]), frames=frames())


def test_nan_goes_through_and_is_not_lost() -> None:
    values = frames().read().astype("f4")
    values[2, 1, 1] = np.nan
    flow = Workflow("x", [smooth, mean])

    found = compute(flow, {"frames": values})["mean"]

    assert np.isnan(found[1, 1])
    assert np.isnan(found).sum() == 1


def test_a_missing_object_is_named_with_the_way_it_is_needed_by() -> None:
    flow = Workflow("x")
    net = flow.add(subtract, "frames", "dark", into="net")
    flow.add(divide, net, "flat", into="sent")

    with pytest.raises(errors.InputMissing) as caught:
        daisy.run(flow, frames=frames(), darks=np.zeros(3))

    text = str(caught.value)
    assert "'dark' (there is 'darks': is it that?)" in text
    assert "subtract -> net, divide -> sent" in text
    assert "'flat'" in text


@algorithm(pattern="frame", process=True)
def slowly(frames: Floats) -> Floats:
    """Hold Python's lock, as loops do."""
    import os

    return np.full_like(frames, os.getpid())


@pytest.mark.slow
def test_what_holds_pythons_lock_runs_in_processes(small_blocks: None) -> None:
    import os

    given = data_object(np.zeros((64, 8, 8), "f4"), axes="frame row column")

    found = compute(Workflow("x", [slowly]), {"frames": given})["slowly"]

    assert os.getpid() not in set(found.ravel())


def test_what_does_not_fit_into_the_memory_is_refused_with_how_much_it_needs() -> None:
    @algorithm(pattern="volume", shape="same")
    def whole(values: Floats) -> Floats:
        return values

    objects, steps = opened(Workflow("x", [whole]), {"values": np.zeros(1 << 20, "f4")})

    with pytest.raises(errors.ParameterRefused, match=r"whole: a block needs about 12"):
        carry_out(steps, objects, ["whole"], LocalEngine(), memory="8 MiB")
