"""Forms: fields from signatures, and values that are what a parameter may be."""

from typing import Annotated

import numpy as np
import numpy.typing as npt
import pytest
from flows import scaled, transmission

import daisy_kernel as daisy
from daisy_kernel import errors
from daisy_kernel.ui.form import Form
from daisy_kernel.workflow import Parameter, Workflow, algorithm


@algorithm(pattern="point")
def shifted(
    values: npt.NDArray[np.float32],
    *,
    by: Annotated[float, Parameter(units="mm")],
    rows: tuple[int, int] | None = None,
    mirrored: bool = False,
) -> npt.NDArray[np.float32]:
    """Shift.

    Parameters
    ----------
    values
        Any.
    by
        How far.
    rows
        First and end.
    """
    return values


def test_fields_have_names_units_ranges_choices_and_texts() -> None:
    form = Form(scaled)

    assert (form["factor"].min, form["factor"].max) == (0, 100)
    assert form["kind"].options == ("linear", "square")
    rows = form.widget().children
    assert rows[0].children[0].children[0].description == "factor"
    assert "What is multiplied by." in rows[0].children[1].value
    assert Form(shifted).widget().children[0].children[0].children[1].value == "mm"


def test_values_are_those_that_were_changed() -> None:
    form = Form(scaled)
    assert form.values == {}

    form["factor"].value = 7.5
    form["kind"].value = "square"

    assert form.values == {"factor": 7.5, "kind": "square"}
    assert np.array_equal(
        scaled(np.full(2, 2, "f4"), **form.values), np.full(2, 30, "f4")
    )


def test_what_is_typed_is_read_and_checked() -> None:
    form = Form(shifted)
    with pytest.raises(errors.ParameterRefused, match="by is needed"):
        _ = form.values

    form["by"].value = "2 cm"
    form["rows"].value = "[3, 5]"
    form["mirrored"].value = True

    assert form.values == {"by": 20.0, "rows": (3, 5), "mirrored": True}
    form["by"].value = "2 kg"
    with pytest.raises(errors.ParameterRefused, match=r"by is '2 kg'.*mm"):
        _ = form.values


def test_a_workflows_form_names_the_algorithms() -> None:
    flow = Workflow("x", [(scaled, {"factor": 3.0})])
    form = daisy.form(flow)

    form["scaled.kind"].value = "square"

    assert form["scaled.factor"].value == 3.0
    assert form.values == {"scaled.factor": 3.0, "scaled.kind": "square"}
    changed = flow.with_parameters(form.values).step("scaled")
    assert changed.parameters == {"factor": 3.0, "kind": "square"}


def test_no_parameters_say_so() -> None:
    assert "no parameters" in Form(transmission()).widget().value
