"""The picture of a workflow."""

import itertools
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt
import pytest
from flows import transmission

from daisy_kernel import errors
from daisy_kernel.workflow import Workflow, algorithm

Floats = npt.NDArray[np.float32]
SVG = "{http://www.w3.org/2000/svg}"


@algorithm(pattern="point")
def joined(one: Floats, two: Floats) -> Floats:
    return one + two


def drawn(flow: Workflow) -> ElementTree.Element:
    return ElementTree.fromstring(flow.to_svg())


def boxes(svg: ElementTree.Element) -> dict[str, tuple[float, float, float, float]]:
    """Left, top, width and height of each box, by its first text."""
    found = {}
    for group in svg.iter(f"{SVG}g"):
        box = group.find(f"{SVG}rect")
        text = group.find(f"{SVG}text")
        assert box is not None
        assert text is not None
        found[str(text.text)] = tuple(
            float(box.attrib[name]) for name in ("x", "y", "width", "height")
        )
    return found


def test_inputs_stand_left_and_each_algorithm_right_of_what_it_takes() -> None:
    places = boxes(drawn(transmission()))

    assert places.keys() == {
        "frames", "dark", "flat", "subtract", "divide", "mean"
    }  # fmt: skip
    for before, after in [
        ("frames", "subtract"), ("dark", "subtract"), ("flat", "divide"),
        ("subtract", "divide"), ("divide", "mean"),
    ]:  # fmt: skip
        assert places[before][0] + places[before][2] < places[after][0]


def test_there_is_a_line_for_every_object_that_is_taken() -> None:
    lines = [
        path.findtext(f"{SVG}title")
        for path in drawn(transmission()).iter(f"{SVG}path")
    ]

    assert sorted(lines) == ["dark", "flat", "frames", "net", "sent"]


def test_boxes_do_not_overlap_and_all_lie_inside() -> None:
    flow = Workflow("wide")
    for number in range(5):
        flow.add(joined, f"a{number}", "b", into=f"c{number}")
    svg = drawn(flow)
    places = boxes(svg)

    assert len(places) == 11
    for (x, y, w, h), (x2, y2, w2, h2) in itertools.combinations(places.values(), 2):
        assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y
    for x, y, w, h in places.values():
        assert 0 <= x <= x + w <= float(svg.attrib["width"])
        assert 0 <= y <= y + h <= float(svg.attrib["height"])


def test_what_comes_out_is_bold_and_a_long_name_is_whole_when_pointed_at() -> None:
    flow = Workflow("names")
    flow.add(joined, "a", "b" * 40, name="j" * 40, into="sum")
    svg = drawn(flow)

    texts = list(svg.iter(f"{SVG}text"))
    titles = [str(title.text) for title in svg.iter(f"{SVG}title")]
    bold = {text.text for text in texts if "font-weight" in text.attrib}
    assert any(str(text.text).endswith("…") for text in texts)
    assert any("j" * 40 in title for title in titles)
    assert "→ sum" in bold
    assert "a" not in bold


def test_a_circle_cannot_be_drawn() -> None:
    flow = Workflow("circle")
    flow.add(joined, "a", "second", into="first")
    flow.add(joined, "a", "first", into="second")

    with pytest.raises(errors.WorkflowRefused, match="wait for each other"):
        flow.to_svg()
