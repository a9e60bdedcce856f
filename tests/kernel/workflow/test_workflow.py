"""Workflows: joined by names, nested, written to YAML and Python, and refused."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flows import (
    compute,
    divide,
    level,
    mean,
    scaled,
    smooth,
    subtract,
    transmission,
)

import daisy_kernel as daisy
from daisy_kernel import errors
from daisy_kernel.model import data_object
from daisy_kernel.workflow import Workflow
from daisy_kernel.workflow.check import in_order
from daisy_kernel.workflow.code_export import to_python
from daisy_kernel.workflow.files import (
    from_yaml,
    load_workflow,
    save_workflow,
    to_yaml,
)

RNG = np.random.default_rng(0)
GIVEN: dict[str, Any] = {
    "frames": data_object(
        RNG.integers(0, 999, (9, 5, 7)).astype("u2"), axes="angle row column"
    ),
    "dark": np.full((5, 7), 3, "f4"),
    "flat": np.full((5, 7), 2, "f4"),
}


def test_a_sequence_hands_on_its_first_input() -> None:
    flow = Workflow("x", [smooth, (scaled, {"factor": 3.0}), mean])

    assert flow.inputs == ("frames",)
    assert flow.results == ("mean",)
    assert [step.name for step in flow.steps] == ["smooth", "scaled", "mean"]
    assert flow.step("scaled").parameters == {"factor": 3.0}


def test_a_workflow_is_an_algorithm_of_another_one() -> None:
    outer = Workflow("outer")
    sent = outer.add(smooth, "frames", into="even")
    outer.add(transmission(), sent, into="mean")
    outer.add(scaled, "mean", into="twice")

    found = compute(outer, GIVEN)["twice"]

    inner = compute(Workflow("x", [smooth]), GIVEN)["smooth"]
    wanted = ((inner - 3) / np.float32(2)).mean(0, dtype="f8").astype("f4") * 2
    np.testing.assert_allclose(found, wanted, rtol=1e-6)
    assert "transmission/divide" in [step.name for step in outer.steps]


def test_the_same_workflow_twice_keeps_its_names_apart() -> None:
    outer = Workflow("outer")
    outer.add(transmission(), into="first")
    outer.add(transmission(), "frames", "dark", "flat", into="second")

    found = compute(outer, GIVEN)

    assert np.array_equal(found["first"], found["second"])
    assert outer.inputs == ("frames", "dark", "flat")


def test_parameters_are_changed_by_step_and_name() -> None:
    flow = Workflow("x", [smooth, scaled]).with_parameters({"scaled.factor": "5"})

    assert flow.step("scaled").algorithm.checked(flow.step("scaled").parameters) == {
        "factor": 5.0,
        "kind": "linear",
    }


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"scaled.factor": -1}, r"scaled: factor is -1.*greater than or equal to 0"),
        ({"scaled.factor": "much"}, r"scaled: factor is 'much'"),
        ({"scaled.kind": "cubic"}, r"kind is 'cubic'.*'linear' or 'square'"),
        ({"scaled.power": 2}, r"no parameter 'power'. Its parameters: factor, kind"),
        ({"scale.factor": 2}, r"no step for 'scale.factor'.*scaled"),
    ],
)
def test_a_wrong_parameter_is_named_with_what_it_may_be(
    parameters: dict[str, Any], said: str
) -> None:
    with pytest.raises(errors.WorkflowError, match=said):
        Workflow("x", [scaled]).with_parameters(parameters)


def test_a_circle_is_named() -> None:
    flow = Workflow("x")
    flow.add(subtract, "b", "dark", into="a")
    flow.add(divide, "a", "flat", into="b")

    with pytest.raises(errors.WorkflowRefused, match=r"each other: .*subtract.*divide"):
        in_order(flow)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f.add(smooth, "a", "b"), "takes 1 objects.*2 are given"),
        (lambda f: f.add(smooth, "frames", into="net"), "both make the object 'net'"),
        (lambda f: f.add(smooth, "frames", into=("a", "b")), "makes 1 objects.*2 are"),
        (lambda f: f.add(smooth, np.ones(3)), "takes objects by name"),
        (lambda f: f.add(smooth, inputs={"frame": "x"}), "'frame' is no input"),
        (lambda f: f.add(smooth, "frames", into="a b"), "cannot be called 'a b'"),
        (lambda f: f.add(f), "part of itself"),
        (lambda f: setattr(f, "results", "nothing"), "no object 'nothing'.*net"),
    ],
)
def test_what_cannot_be_joined_is_refused(change: Any, said: str) -> None:
    flow = Workflow("x")
    flow.add(subtract, "frames", "dark", into="net")

    with pytest.raises(errors.WorkflowRefused, match=said):
        change(flow)


def test_yaml_gives_the_same_workflow_back(tmp_path: Path) -> None:
    outer = Workflow("outer", title="Twice")
    outer.add(transmission(), into="mean")
    outer.add(scaled, "mean", into="twice", factor=3.0)

    path = save_workflow(outer, tmp_path / "outer.yaml")
    again = load_workflow(path)

    assert to_yaml(again) == to_yaml(outer)
    assert again.title == "Twice"
    assert np.array_equal(
        compute(again, GIVEN)["twice"], compute(outer, GIVEN)["twice"]
    )
    with pytest.raises(errors.ResultExists):
        save_workflow(outer, path)


GOOD = to_yaml(transmission())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("steps:", "stepps:", "'stepps' means nothing here"),
        ("flows:divide", "flows:divides", "no algorithm divides in the module flows"),
        ("flows:divide", "nowhere:divide", "no algorithm divide"),
        (
            "flows:divide",
            "optics.lens",
            "no algorithm .optics.lens.*: frames",
        ),
        ("  takes:", "  take:", "step 1: 'take' means nothing"),
        ("results:\n- mean", "results:\n- means", "no object 'means'"),
        ("- net\n", "- sent\n", "both make the object 'sent'"),
        (GOOD, "name: [", "is no YAML"),
        ("daisy-workflow/1", "daisy-workflow/7", "format 'daisy-workflow/7'"),
    ],
)
def test_mistakes_in_yaml_are_named(old: str, new: str, said: str) -> None:
    assert old in GOOD

    with pytest.raises(errors.WorkflowRefused, match=said):
        from_yaml(GOOD.replace(old, new), "flow.yaml")


def test_exported_python_does_the_same(tmp_path: Path) -> None:
    outer = Workflow("outer", title="Twice")
    outer.add(transmission(), into="mean")
    outer.add(scaled, "mean", into="twice", factor=3.0, kind="square")
    script = tmp_path / "flow.py"
    script.write_text(to_python(outer) + CHECK)
    np.save(tmp_path / "frames.npy", GIVEN["frames"].read())

    subprocess.run(
        [sys.executable, script], check=True, cwd=tmp_path,
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip

    found = np.load(tmp_path / "twice.npy")
    assert np.array_equal(found, compute(outer, GIVEN)["twice"])


CHECK = """
import numpy as np
run = daisy.run(
    flow, folder=".", show=lambda p: None, frames=np.load("frames.npy"),
    dark=np.full((5, 7), 3, "f4"), flat=np.full((5, 7), 2, "f4"),
)
np.save("twice.npy", run["twice"].read())
"""


def test_names_of_two_modules_do_not_mix_up_in_python() -> None:
    text = to_python(Workflow("x", [smooth, level, smooth]), {"scan": "a.nxs"})

    compile(text, "x", "exec")
    assert "from flows import level\nfrom flows import smooth\n" in text
    assert "daisy.run(flow, scan='a.nxs')" in text


def test_an_algorithm_is_a_function_still() -> None:
    assert np.array_equal(scaled(np.ones(3, "f4"), factor=4.0), np.full(3, 4, "f4"))
    assert scaled.summary == "Multiply."
    assert scaled.parameters["factor"].text == "What is multiplied by."
    assert daisy.Workflow is Workflow
