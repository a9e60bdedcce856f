"""The same bits on every engine, at every size of blocks, for any graph."""

from typing import Any

import numpy as np
import pytest
from flows import (
    Doubles,
    Floats,
    brightest,
    compared,
    compute,
    halved,
    largest,
    level,
    mean,
    scaled,
    set_block_bytes,
    smooth,
    subtract,
    summed,
)
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from daisy_kernel.compute import DaskEngine, LocalEngine
from daisy_kernel.model import data_object
from daisy_kernel.workflow import Workflow, algorithm, blocks
from daisy_kernel.workflow import carry_out as module

SAME = [scaled, smooth]


@algorithm(pattern="point", reduces=0)
def totalled(values: Floats) -> Doubles:
    """Add up in double precision, where the order of adding does not show."""
    return values.sum(axis=0, dtype=np.float64)


@st.composite
def graphs(draw: Any, total: Any = summed) -> tuple[Workflow, dict[str, Any]]:
    """Give a random graph of algorithms that fit together, and its inputs."""
    shape = tuple(draw(st.integers(2, 24)) for _ in range(3))
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    frames = rng.integers(0, 60000, shape).astype(draw(st.sampled_from(["u2", "f4"])))
    flow = Workflow("random")
    stacks = {"frames": shape}  # (angle, row, column)
    flats: dict[str, tuple[int, ...]] = {"dark": shape[1:]}
    numbers: list[str] = []
    for i in range(draw(st.integers(1, 8))):
        name = draw(st.sampled_from(sorted(stacks)))
        known, into = stacks[name], f"made{i}"
        fitting = [n for n, s in flats.items() if s == known[1:]]
        alike = [n for n, s in stacks.items() if s == known]
        choices = ["same", "mean", "sum", "max", "number", "level", "pair"]
        choices += ["flat"] if fitting else []
        choices += ["half"] if known[2] > 1 else []
        choices += ["compare"] if numbers else []
        match draw(st.sampled_from(choices)):
            case "same":
                flow.add(draw(st.sampled_from(SAME)), name, into=into)
                stacks[into] = known
            case "flat":
                flow.add(subtract, name, draw(st.sampled_from(fitting)), into=into)
                stacks[into] = known
            case "pair":
                flow.add(subtract, name, draw(st.sampled_from(alike)), into=into)
                stacks[into] = known
            case "half":
                flow.add(halved, name, into=into)
                stacks[into] = (*known[:2], known[2] // 2)
            case "mean":
                flow.add(mean, name, into=into)
                flats[into] = known[1:]
            case "sum":
                flow.add(total, name, into=into)
                flats[into] = known[1:]
            case "max":
                flow.add(largest, name, into=into)
                flats[into] = known[1:]
            case "number":
                numbers.append(flow.add(brightest, name, into=into))
            case "compare":
                flow.add(compared, name, draw(st.sampled_from(numbers)), into=into)
                stacks[into] = known
            case "level":
                flow.add(level, name, into=into)  # ends a chain: its axes are turned
    dark = rng.random(shape[1:]).astype("f4")
    axes = "angle row column"
    return flow, {
        "frames": data_object(frames, axes=axes),
        "dark": data_object(dark, axes="row column"),
    }


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(graph=graphs(), piece=st.sampled_from([300, 2000, 9000, 1 << 30]))
def test_local_and_dask_and_any_block_size_give_the_same_bits(
    graph: tuple[Workflow, dict[str, Any]], piece: int, dask_client: Any
) -> None:
    flow, objects = graph
    assume(flow.results)
    with pytest.MonkeyPatch.context() as patch:
        set_block_bytes(patch, piece, max(64, piece // 5))
        local = compute(flow, objects, LocalEngine())
        cluster = compute(flow, objects, DaskEngine(dask_client))
    with pytest.MonkeyPatch.context() as patch:
        set_block_bytes(patch, 1 << 30, 1 << 30)
        large = compute(flow, objects, LocalEngine())

    for name in flow.results:
        assert np.array_equal(local[name], cluster[name], equal_nan=True), name
        if not any(step.algorithm is summed for step in flow.steps):
            assert np.array_equal(local[name], large[name], equal_nan=True), name


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(graph=graphs(total=totalled))
def test_blocks_give_what_whole_arrays_give(
    graph: tuple[Workflow, dict[str, Any]],
) -> None:
    flow, objects = graph
    with pytest.MonkeyPatch.context() as patch:
        set_block_bytes(patch, 900, 200)
        cut = compute(flow, objects)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "blocks_of", lambda *_: blocks.Blocks())
        whole = compute(flow, objects)

    for name in flow.results:
        np.testing.assert_allclose(cut[name], whole[name], rtol=2e-6, atol=1e-2)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 60), st.integers(1, 9), st.sampled_from([300, 900, 5000]))
def test_sums_of_whole_numbers_are_exact_in_single_precision(
    count: int, rows: int, piece: int
) -> None:
    rng = np.random.default_rng(count)
    frames = rng.integers(0, 60000, (count, rows, 16)).astype("f4")
    with pytest.MonkeyPatch.context() as patch:
        set_block_bytes(patch, piece, piece // 3)
        found = compute(Workflow("x", [summed]), {"values": data_object(frames)})

    assert np.array_equal(found["summed"], frames.sum(axis=0, dtype="f8"))


@settings(max_examples=30, deadline=None)
@given(
    frames=st.integers(1, 60), rows=st.integers(2, 9), piece=st.integers(500, 50_000)
)
def test_sums_do_not_depend_on_what_is_read_at_a_time(
    frames: int, rows: int, piece: int
) -> None:
    rng = np.random.default_rng(frames)
    values = data_object(rng.random((frames, rows, 16)).astype("f4"))
    flow = Workflow("x", [smooth, summed])
    found = []
    for size in (piece, 3000, 1 << 30):
        with pytest.MonkeyPatch.context() as patch:
            set_block_bytes(patch, size, size // 3)
            found.append(compute(flow, {"frames": values})["summed"])

    assert np.array_equal(found[0], found[1])
    assert np.array_equal(found[0], found[2])


def test_means_are_those_of_numpy(small_blocks: None) -> None:
    rng = np.random.default_rng(0)
    frames = rng.random((37, 11, 13)).astype("f4")
    flow = Workflow("x", [mean])

    found = compute(flow, {"values": data_object(frames)})

    np.testing.assert_allclose(found["mean"], frames.mean(0, dtype="f8"), rtol=1e-12)
