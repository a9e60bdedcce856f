"""The CT workflow of DAISY's manual in its style: load, correct, reconstruct, save."""

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

import daisy_kernel as daisy
from daisy_kernel import errors
from daisy_kernel.apps import tomography
from daisy_kernel.demo import tomography as demo
from daisy_kernel.workflow.classic import ClassicAlgorithm, ClassicWorkflow

SETUP = demo.Setup(61, 16, 96, 45.2, flats=3, darks=3)


class LoadScan(ClassicAlgorithm):
    def execute(self, path: str, tomo: str, dark: str, flat: str) -> bool:
        with h5py.File(path, "r") as file:
            self.data[tomo] = file["exchange/data"][()]
            self.data[dark] = file["exchange/data_dark"][()]
            self.data[flat] = file["exchange/data_white"][()]
        return True


class LoadAngles(ClassicAlgorithm):
    def execute(self, path: str, output: str) -> bool:
        with h5py.File(path, "r") as file:
            self.data[output] = np.deg2rad(file["exchange/theta"][()])
        return True


class Normalize(ClassicAlgorithm):
    def initialize(self, floor: float = 1e-4) -> None:
        self._floor = np.float32(floor)

    def execute(self, tomo: str, dark: str, flat: str, output: str) -> bool:
        black = self.data[dark].read().mean(axis=0, dtype="f8").astype("f4")
        white = self.data[flat].read().mean(axis=0, dtype="f8").astype("f4")
        counts = self.data[tomo].read().astype("f4")
        sent = (counts - black) / (white - black)
        self.data[output] = np.maximum(sent, self._floor)
        return True


class MinusLog(ClassicAlgorithm):
    def execute(self, input: str, output: str) -> bool:
        self.data[output] = -np.log(self.data[input].read())
        return True


class Reconstruct(ClassicAlgorithm):
    def execute(self, input: str, theta: str, center: float, output: str) -> bool:
        if not 0 < center < self.data[input].shape[2]:
            return False
        sinograms = np.ascontiguousarray(self.data[input].read().transpose(1, 0, 2))
        self.data[output] = tomography.fbp(
            sinograms, self.data[theta].read(), center, filter="shepp-logan"
        )
        return True


class Save(ClassicAlgorithm):
    def execute(self, input: str, path: str) -> bool:
        daisy.write(path, self.data[input].read(), axes=["z", "y", "x"])
        return True


class TomographyWorkflow(ClassicWorkflow):
    def execute(self) -> None:
        self.engine["load"].execute(tomo="tomo", dark="dark", flat="flat")
        self.engine["normalize"].execute("tomo", "dark", "flat", "sent")
        self.engine["angles"].execute(output="theta")
        self.engine["log"].execute("sent", "integrals")
        self.engine["reconstruct"].execute("integrals", "theta", output="volume")
        self.engine["save"].execute("volume")


def configuration() -> dict[str, Any]:
    return {
        "load": {"class_name": LoadScan},
        "angles": {"class_name": LoadAngles},
        "normalize": {"class_name": Normalize, "init_paras": {"floor": 1e-4}},
        "log": {"class_name": MinusLog},
        "reconstruct": {"class_name": Reconstruct},
        "save": {"class_name": Save},
    }


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    demo.write_data_exchange(tmp_path / "scan.h5", SETUP, 1, "classic")
    return tmp_path / "scan.h5"


def started(scan: Path, center: float = 45.2) -> TomographyWorkflow:
    flow = TomographyWorkflow("ct")
    flow.initialize(
        configuration(),
        {
            "load": {"path": str(scan)},
            "angles": {"path": str(scan)},
            "reconstruct": {"center": center},
            "save": {"path": str(scan.with_name("volume.h5"))},
        },
    )
    return flow


def test_the_ct_workflow_of_the_manual_runs_as_it_is(scan: Path) -> None:
    flow = started(scan)

    flow.execute()
    flow.finalize()

    wanted = tomography.reconstruct(
        tomography.load(scan), axis=45.2, ring_size=None, progress=lambda a, b: None
    )
    volume = flow.get_data("volume").read()
    # the same but for rows with a bad pixel, which only ours fills
    close = np.abs(volume - wanted.data) <= 1e-3 * np.abs(wanted.data).max()
    assert np.median(close.mean(axis=(1, 2))) == 1
    assert set(flow.data_keys()) >= {"tomo", "sent", "theta", "volume"}
    assert next(flow.algorithm_keys()) == "load"
    with daisy.open(scan.with_name("volume.h5")) as saved:
        assert np.array_equal(saved.signal.read(), volume, equal_nan=True)


def test_an_algorithm_that_gives_false_has_failed(scan: Path) -> None:
    flow = started(scan, center=500)

    with pytest.raises(errors.AlgorithmFailed, match=r"reconstruct\.execute.*failed"):
        flow.execute()


def test_a_missing_object_is_named(scan: Path) -> None:
    flow = started(scan)

    with pytest.raises(errors.DaisyError, match="dark"):
        flow.engine["normalize"].execute("tomo", "dark", "flat", "sent")


def test_classes_are_found_by_their_place_or_refused() -> None:
    flow = ClassicWorkflow("x")

    with pytest.raises(errors.WorkflowRefused, match="no class 'nowhere:Lens'"):
        flow.initialize({"a": {"class_name": "nowhere:Lens"}})
    with pytest.raises(errors.WorkflowRefused, match="'module:Class'"):
        flow.initialize({"a": {"class_name": "Lens"}})
    with pytest.raises(errors.WorkflowRefused, match="no algorithm 'b'"):
        flow.initialize({"a": {"class_name": MinusLog}}, {"b": {}})
