"""How a stage is cut into blocks, pieces and tiles."""

from hypothesis import given
from hypothesis import strategies as st

from daisy_kernel.workflow.blocks import Blocks

sizes = st.integers(1, 9)


@given(st.integers(1, 40), sizes, sizes, sizes, st.none() | sizes, sizes)
def test_lanes_hold_every_position_once_and_in_order(
    length: int, block: int, piece: int, step: int, across: int | None, tile: int
) -> None:
    blocks = Blocks(
        0, length, block, piece, step,
        None if across is None else 1, across or 1, tile,
    )  # fmt: skip
    found: dict[int, list[int]] = {}
    for number in range(blocks.count):
        for part in blocks.pieces(number):
            for lane in blocks.lanes(part):
                for along, beside in lane:
                    for place in beside or [0]:
                        found.setdefault(place, []).extend(along)

    assert found == {n: list(range(length)) for n in range(across or 1)}


@given(sizes, sizes, sizes)
def test_lanes_have_no_place_in_common(step: int, across: int, tile: int) -> None:
    blocks = Blocks(0, 12, 12, 12, step, 1, across, tile)

    places = [{beside for _, beside in lane} for lane in blocks.lanes(range(12))]

    assert all(len(lane) == 1 for lane in places)
    assert len(set.union(*places)) == len(places)
