"""Algorithms and workflows that several tests use."""

import time
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
import pytest

import daisy_kernel as daisy
from daisy_kernel.compute import Engine, LocalEngine
from daisy_kernel.model import data_object
from daisy_kernel.workflow import (
    Data,
    Parameter,
    Workflow,
    algorithm,
    blocks,
    folding,
    stages,
)
from daisy_kernel.workflow.carry_out import carry_out
from daisy_kernel.workflow.opening import opened

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]
Counts = Annotated[Floats, Data(units="counts")]
calls: list[str] = []


@algorithm(pattern="point")
def subtract(frames: Floats, dark: Floats) -> Annotated[Floats, Data(units="same")]:
    """Take the dark current away.

    Parameters
    ----------
    frames, dark
        Counts.
    """
    return frames - dark


@algorithm(pattern="point")
def divide(frames: Floats, flat: Floats) -> Annotated[Floats, Data(units="1")]:
    return frames / flat


@algorithm(pattern="point")
def scaled(
    values: Floats,
    *,
    factor: Annotated[float, Parameter(low=0.0, high=100.0)] = 2.0,
    kind: Literal["linear", "square"] = "linear",
) -> Annotated[Floats, Data(units="same")]:
    """Multiply.

    Parameters
    ----------
    values
        Any.
    factor
        What is multiplied by.
    kind
        Of what.
    """
    base = values if kind == "linear" else values * values
    return base * np.float32(factor)


@algorithm(pattern="point", reduces=0, finish=lambda total, count: total / count)
def mean(values: Floats) -> Annotated[Doubles, Data(units="same")]:
    """Average over the first axis."""
    return values.sum(axis=0, dtype=np.float64)


@algorithm(pattern="point", reduces=0)
def summed(values: Floats) -> Annotated[Floats, Data(units="same")]:
    """Add up in single precision, where the order of adding shows."""
    return values.sum(axis=0)


@algorithm(pattern="point", reduces=0, combine="max")
def largest(values: Floats) -> Annotated[Floats, Data(units="same")]:
    return values.max(axis=0)


@algorithm(pattern="frame", halo=1)
def smooth(frames: Floats) -> Annotated[Floats, Data(units="same")]:
    """Average each frame with its neighbours."""
    before = np.concatenate([frames[:1], frames[:-1]])
    after = np.concatenate([frames[1:], frames[-1:]])
    return (before + frames + after) / np.float32(3)


@algorithm(pattern="frame", shape=lambda frames: (*frames[:2], frames[2] // 2))
def halved(frames: Floats) -> Floats:
    """Average pairs of columns."""
    width = frames.shape[2] // 2
    return (frames[..., : 2 * width : 2] + frames[..., 1::2][..., :width]) / 2


@algorithm(pattern="frame")
def slowly(frames: Floats, *, seconds: float = 0.5) -> Floats:
    """Take its time."""
    time.sleep(seconds)
    return frames


@algorithm(pattern="frame")
def broken(frames: Floats) -> Floats:
    """Fail."""
    raise ValueError("no such lens")


@algorithm(pattern="sinogram")
def level(
    sinograms: Annotated[Floats, Data("row angle column")],
) -> Annotated[Floats, Data("row angle column", units="same")]:
    """Subtract the mean over the angles from every sinogram."""
    return sinograms - sinograms.mean(axis=1, keepdims=True)


@algorithm(pattern="frame")
def slowed(frames: Floats) -> Annotated[Floats, Data(units="same")]:
    """Take some time."""
    time.sleep(0.05)
    return frames + np.float32(1)


@algorithm(pattern="volume")
def brightest(values: Floats) -> float:
    return float(values.max())


@algorithm(pattern="point")
def compared(values: Floats, number: float) -> Annotated[Floats, Data(units="1")]:
    return values / np.float32(number)


@algorithm(pattern="frame")
class Offset:
    """Adds what was set up once."""

    def initialize(self, *, by: float = 1.0) -> None:
        calls.append("initialize")
        self._by = np.float32(by)

    def execute(self, frames: Floats) -> Annotated[Floats, Data(units="same")]:
        return frames + self._by

    def finalize(self) -> None:
        calls.append("finalize")


@algorithm(pattern="scan", gives=("projections", "angles"))
def load(scan: daisy.Scan) -> Any:
    """Open the projections of a scan."""
    signal = scan["entry/data/data"]
    angles = np.asarray(scan["entry/data/rotation_angle"])
    axes = {"angle": (angles, "deg"), "row": None, "column": None}
    return data_object(signal, axes=axes, units="counts"), angles


def transmission() -> Workflow:
    """Dark, flat, mean: what every beamline does first."""
    flow = Workflow("transmission", title="Mean transmission")
    net = flow.add(subtract, "frames", "dark", into="net")
    sent = flow.add(divide, net, "flat", into="sent")
    flow.add(mean, sent, into="mean")
    return flow


def tomography() -> Workflow:
    """Frames to sinograms."""
    flow = Workflow("tomography", title="Levelled sinograms")
    flow.add(load)
    net = flow.add(subtract, "projections", "dark", into="net")
    even = flow.add(smooth, net, into="even")
    sinograms = flow.add(level, even, into="sinograms")
    flow.add(scaled, sinograms, into="scaled")
    return flow


def set_block_bytes(monkeypatch: pytest.MonkeyPatch, piece: int, tile: int) -> None:
    monkeypatch.setattr(blocks, "_PIECE_BYTES", piece)
    monkeypatch.setattr(blocks, "_LEAST_PIECE", min(piece, 1024))
    monkeypatch.setattr(blocks, "_TILE_BYTES", tile)
    monkeypatch.setattr(stages, "_BLOCK_BYTES", piece)
    monkeypatch.setattr(blocks, "_SENT_ONCE_BYTES", 5 * piece)
    # what a sum depends on is the same for all
    monkeypatch.setattr(folding, "_STEP_BYTES", 2048)
    monkeypatch.setattr(folding, "_TIMES_RESULT", 2)


def compute(
    flow: Workflow,
    given: dict[str, Any],
    engine: Engine | None = None,
    keep: tuple[str, ...] = (),
) -> dict[str, np.ndarray]:
    """Run in memory, and give arrays."""
    objects, steps = opened(flow, given)
    made = carry_out(steps, objects, {*flow.results, *keep}, engine or LocalEngine())
    return {name: found.read() for name, found in made.items()}
