"""What is measured: each body gives its result, so that a test can compare."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any
from unittest.mock import patch

import h5py
import hdf5plugin  # noqa: F401  (h5py needs its filters)
import numpy as np
import numpy.typing as npt
from bench.framework.data import stack, tomogram

import daisy_kernel as daisy
from daisy_kernel.apps.frames import divide, mean, subtract
from daisy_kernel.apps.tomography import slices
from daisy_kernel.compute import Engine, LocalEngine
from daisy_kernel.workflow import Workflow, algorithm, blocks
from daisy_kernel.workflow.carry_out import carry_out
from daisy_kernel.workflow.opening import opened
from daisy_kernel.workflow.runs.record import Progress

BUDGET = "2 GiB"


def quiet(_: Progress) -> None:
    """Show nothing."""


def transmission() -> Workflow:
    """Subtract, divide, mean."""
    flow = Workflow("transmission")
    net = flow.add(subtract, "frames", "dark", into="net")
    sent = flow.add(divide, net, "flat", into="sent")
    flow.add(mean, sent, into="mean")
    return flow


def ours(folder: Path, engine: Engine | None = None) -> npt.NDArray[Any]:
    """Run the workflow on an engine, in memory."""
    with daisy.open(stack(folder)) as scan:
        given = {name: scan["data" if name == "frames" else name]
                 for name in ("frames", "dark", "flat")}  # fmt: skip
        flow = transmission()
        objects, steps = opened(flow, given)
        made = carry_out(
            steps, objects, flow.results, engine or LocalEngine(), memory=BUDGET
        )
        return made["mean"].read()


def loop(folder: Path) -> npt.NDArray[Any]:
    """Do the same by hand with h5py and numpy, a frame at a time."""
    with h5py.File(stack(folder), locking=False) as file:
        frames, dark, flat = file["data"], file["dark"][()], file["flat"][()]
        total = np.zeros(frames.shape[1:])
        for number in range(len(frames)):
            total += (frames[number].astype(np.float32) - dark) / flat
        return total / len(frames)


def dask_array(folder: Path) -> npt.NDArray[Any]:
    """Do the same with dask.array over h5py."""
    import dask.array as da

    with h5py.File(stack(folder), locking=False) as file:
        dark, flat = file["dark"][()], file["flat"][()]
        frames = da.from_array(file["data"], chunks=(8, *file["data"].shape[1:]))
        sent = (frames.astype(np.float32) - dark) / flat
        found: npt.NDArray[Any] = sent.mean(axis=0, dtype="f8").compute(
            scheduler="threads"
        )
        return found


@algorithm(pattern="frame")
def nothing(frames: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Do nothing: what is left is the framework's."""
    return frames


STEPS, BLOCKS, FRAMES = 10, 100, 16


def overhead(engine: Engine) -> int:
    """Run algorithms that do nothing over many blocks; gives how many calls."""
    frames = np.zeros((BLOCKS * FRAMES, 16, 16), np.float32)
    flow = Workflow("nothing", [nothing] * STEPS)
    folder = tempfile.mkdtemp()
    size = frames[:FRAMES].nbytes
    try:
        with (
            patch.object(blocks, "_PIECE_BYTES", size),
            patch.object(blocks, "_LEAST_PIECE", size),
        ):
            run = daisy.run(
                flow, folder=folder, engine=engine, show=quiet, frames=frames
            )
        return sum(step.blocks for step in run.progress.steps.values())
    finally:
        shutil.rmtree(folder)


def tomography(folder: Path, **parameters: Any) -> daisy.Run:
    """Run a real workflow, or find what was run before."""
    flow = slices(axis=None)
    given = {k.replace("__", "."): v for k, v in parameters.items()}
    return daisy.run(flow, tomogram(folder), parameters=given, show=quiet)


def algorithms_done(run: daisy.Run) -> list[str]:
    """Name the algorithms that a run has really called."""
    steps = run.progress.steps.items()
    return [name for name, step in steps if step.blocks - step.reused]
