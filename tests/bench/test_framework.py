"""The bodies of the framework's benchmark, small and untimed."""

from pathlib import Path

import numpy as np
import pytest
from bench.framework import bodies, data, report
from bench.framework.__main__ import Row
from bench.framework.provenance import counted

from daisy_kernel.compute import LocalEngine


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("framework")
    data.make(folder, data.SMALL)
    return folder


def test_ours_and_the_peers_find_the_same_mean(folder: Path) -> None:
    ours = bodies.ours(folder)

    np.testing.assert_allclose(ours, bodies.loop(folder), rtol=1e-6)
    np.testing.assert_allclose(ours, bodies.dask_array(folder), rtol=1e-6)


def test_overhead_is_measured_over_many_blocks() -> None:
    assert bodies.overhead(LocalEngine()) == bodies.STEPS * bodies.BLOCKS


def test_a_late_parameter_is_counted_and_provenance_timed(folder: Path) -> None:
    with counted() as spent:
        first = bodies.tomography(folder)
    late = bodies.tomography(folder, back_projection__filter="hann")

    assert len(spent) > 5
    assert "line_integrals" in bodies.algorithms_done(first)
    assert "back_projection" in bodies.algorithms_done(late)
    assert "find_axis" not in bodies.algorithms_done(late)


def test_the_report_has_a_line_for_each_row() -> None:
    machine = {"processor": "x", "cpus": 2, "memory_gb": 4.0, "load": 0.1,
               "versions": {"numpy": "2"}}  # fmt: skip
    text = report.part([Row("a case", 2.0, 0.5, "ms", 4.0)], machine)

    assert "| a case | 2 ms | 0.5 ms | **4.00x** |" in text
