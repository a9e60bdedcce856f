"""The default plot: declared, old style, Data Exchange, or the largest."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import daisy_kernel as daisy

Write = Callable[..., Path]


def test_chain_of_defaults_leads_to_the_signal(hdf5: Write) -> None:
    path = hdf5(
        {
            "big": np.zeros((50, 50)),
            "entry/plot/counts": np.zeros((3, 4)),
            "entry/plot/y": np.arange(3.0),
            "entry/plot/x": np.arange(5.0),
            "entry/plot@NX_class": "NXdata",
            "entry/plot@signal": "counts",
            "entry/plot@axes": ["y", "x"],
            "entry@default": "plot",
            "@default": "entry",
        }
    )

    with daisy.open(path) as scan:
        assert scan.signal.path == "entry/plot/counts"
        assert scan.signal.axes == ("y", "x")  # 5 edges of 4 bins fit


def test_old_style_signal_and_axes_are_understood(hdf5: Write) -> None:
    path = hdf5(
        {
            "entry/data/counts": np.zeros((3, 4)),
            "entry/data/y": np.arange(3),
            "entry/data/x": np.arange(4),
            "entry/data@NX_class": np.bytes_("NXdata"),
            "entry/data/counts@signal": 1,
            "entry/data/y@axis": 1,
            "entry/data/x@axis": 2,
        }
    )

    with daisy.open(path) as scan:
        assert scan.signal.path == "entry/data/counts"
        assert scan.signal.axes == ("y", "x")


def test_data_exchange_is_known(hdf5: Write) -> None:
    path = hdf5({"exchange/data": np.zeros((3, 4, 5)), "big": np.zeros((99, 99))})

    with daisy.open(path) as scan:
        assert scan.signal.path == "exchange/data"


def test_largest_dataset_stands_in_when_nothing_is_declared(hdf5: Write) -> None:
    path = hdf5({"a": np.zeros((3, 4)), "b": np.zeros((9, 9)), "line": np.zeros(999)})

    with daisy.open(path) as scan:
        assert [s.path for s in scan.signals] == ["b", "a"]


def test_file_without_numbers_has_no_signal(hdf5: Write) -> None:
    with daisy.open(hdf5({"title": "hello"})) as scan:
        assert scan.signal is None


def test_axes_of_another_shape_are_refused_with_both_shapes(real_data: Path) -> None:
    with daisy.open(real_data / "multimodal/mm.nxs") as scan:
        signal = next(s for s in scan.signals if "fluo" in s.path)

    assert signal.axes[1] is None
    assert any(
        "(7, 101)" in note and "(2, 2, 2, 4096)" in note for note in signal.notes
    )


def test_declared_default_that_is_missing_is_noted(real_data: Path) -> None:
    with daisy.open(real_data / "tomography/k11/k11-18014.nxs") as scan:
        assert scan.signal.path == "entry/imaging/data"
        assert scan.signal.shape == (3201, 22, 26)
        assert "declared default" in scan.notes[0]
        assert "EtherCAT" in scan.notes[0]


def test_bin_edges_are_axes(real_data: Path) -> None:
    with daisy.open(real_data / "nexus/chopper.nxs") as scan:
        assert scan.signal.axes == ("polar_angle", "time_of_flight")


@pytest.mark.parametrize("name", ["tooth", "k11"])
def test_tomography_scans_show_their_projections(real_data: Path, name: str) -> None:
    path = {"tooth": "tooth.h5", "k11": "k11/k11-18014.nxs"}[name]

    with daisy.open(real_data / "tomography" / path) as scan:
        assert scan.signal.ndim == 3
        assert scan.signal[0].any()
