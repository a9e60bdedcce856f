"""Signals of NeXus scans as objects; axes that do not belong to them are not theirs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

import daisy_kernel as daisy
from daisy_kernel.model import errors
from daisy_kernel.store import DataStore
from daisy_kernel.store.alignment import align
from daisy_kernel.store.of_scan import objects_of

MAP = np.arange(2 * 3 * 4.0).reshape(2, 3, 4)


def test_the_multimodal_file_is_refused_by_both_shapes(real_data: Path) -> None:
    with daisy.open(real_data / "multimodal" / "mm.nxs") as scan:
        found = objects_of(scan)

        assert list(found) == ["fluo_entry", "stxm_entry", "xrd_entry"]
        assert all(one.is_lazy for one in found.values())
        fluo, stxm, xrd = found.values()
        assert fluo.axis_names == ("theta", "", "", "energy")
        assert fluo.misfits == {"y": (7, 101), "x": (7, 101)}
        assert any("(7, 101)" in n and "(2, 2, 2, 4096)" in n for n in fluo.notes)
        assert stxm.positions["x"].values.shape == (52, 7, 101)  # type: ignore[union-attr]
        assert stxm.positions["x"].units == "mm"
        assert str(stxm.geometry["energy"]) == "17000 eV"
        assert xrd.geometry["x_pixel_size"].value == pytest.approx(2.5e-5)
        assert xrd.misfits["detector_x"] == (4150,)
        for other in ("stxm_entry", "xrd_entry"):
            with pytest.raises(errors.NotAligned) as caught:
                align({"fluo": fluo, other: found[other]})
            assert "(7, 101)" in str(caught.value)
            assert "(2, 2, 2, 4096)" in str(caught.value)
            assert other in str(caught.value)
        with pytest.raises(errors.NotAligned, match="theta is -140 to 217"):
            align({"stxm": stxm, "xrd": xrd})


def test_real_files_give_what_they_have(real_data: Path) -> None:
    with daisy.open(real_data / "nexus" / "chopper.nxs") as scan:
        (chopper,) = objects_of(scan).values()
        assert chopper.axes[1].values.shape == (751,)  # type: ignore[union-attr]
        assert chopper.units == "counts"
    with daisy.open(real_data / "xrf" / "fluo_single_sino.nxs") as scan:
        assert objects_of(scan)["fluo_entry"].misfits == {"x": (101,)}
    with daisy.open(real_data / "tomography" / "tooth.h5") as scan:
        (tooth,) = objects_of(scan).values()
        assert tooth.axis_names == ("theta", "", "")


@pytest.fixture
def scan(hdf5: Callable[..., Path]) -> Path:
    """Write a map with two detectors, of which one lost its first line."""
    y, x = np.meshgrid([1.0, 2.0, 3.0], [0.1, 0.2, 0.3, 0.4], indexing="ij")
    content: dict[str, object] = {"e/instrument": None, "e@NX_class": "NXentry"}
    content["e/instrument@NX_class"] = "NXinstrument"
    for name, data, rows in (("a", MAP[0], 0), ("b", MAP[1, 1:], 1)):
        content |= {
            f"e/{name}/data": data, f"e/{name}/data@units": "counts",
            f"e/{name}/y": y[rows:], f"e/{name}/y@units": "mm",
            f"e/{name}/x": x[0] if name == "a" else x[rows:] * 1e3,
            f"e/{name}/x@units": "mm" if name == "a" else "um",
            f"e/{name}@NX_class": "NXdata", f"e/{name}@signal": "data",
            f"e/{name}@axes": ["y", "x"], f"e/{name}@y_indices": [0, 1],
            f"e/{name}@x_indices": [1] if name == "a" else [0, 1],
            f"e/instrument/{name}/distance": 0.1 if name == "a" else 0.2,
            f"e/instrument/{name}/distance@units": "m",
            f"e/instrument/{name}@NX_class": "NXdetector",
        }  # fmt: skip
    return hdf5(content)


def test_detectors_of_one_entry_keep_apart_and_come_onto_the_same_points(
    scan: Path,
) -> None:
    with daisy.open(scan) as opened, DataStore() as store:
        store.update(objects_of(opened))
        found = align(dict(store))

        assert list(found) == ["e/a", "e/b"]
        assert str(store["e/a"].geometry["distance"]) == "0.1 m"
        assert str(store["e/b"].geometry["distance"]) == "0.2 m"
        assert store["e/a"].origin.source == f"{scan}: e/a/data"
        assert np.array_equal(store["e/a"].axes[1].values, [0.1, 0.2, 0.3, 0.4])  # type: ignore[arg-type]
        assert np.array_equal(found["e/a"].read(), MAP[0, 1:])
        assert np.array_equal(found["e/b"].read(), MAP[1, 1:])
        assert found["e/b"].axes[1].units == "mm"


def test_an_axis_that_is_said_to_belong_to_two_is_not_attached(
    hdf5: Callable[..., Path],
) -> None:
    content: dict[str, object] = {
        "e/d": np.zeros((3, 3)), "e/x": np.arange(3.0), "e@NX_class": "NXdata",
        "e@signal": "d", "e@axes": ["x", "."], "e@x_indices": 1,
    }  # fmt: skip
    with daisy.open(hdf5(content)) as scan:
        (found,) = objects_of(scan).values()

        assert found.axis_names == ("", "")
        assert found.misfits == {"x": (3,)}


def test_older_files_name_axes_at_the_signal(hdf5: Callable[..., Path]) -> None:
    content: dict[str, object] = {
        "e/data/d": MAP[0], "e/data/y": np.arange(3.0), "e/data/x": np.arange(5.0),
        "e@NX_class": "NXentry", "e/data@NX_class": "NXdata",
        "e/data/d@signal": 1, "e/data/d@axes": "[y,x]",
    }  # fmt: skip
    with daisy.open(hdf5(content)) as scan:
        found = objects_of(scan)["e"]

        assert found.axis_names == ("y", "x")
        assert len(found.axes[1].values) == 5  # type: ignore[arg-type]


def test_entries_of_the_same_name_are_called_by_their_paths(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "scan.h5", "w") as file:
        for entry in ("one", "two"):
            file.create_group(f"{entry}/fluo").attrs["NX_class"] = "NXsubentry"
            file[f"{entry}/fluo/data/d"] = MAP
            file[f"{entry}/fluo/data"].attrs.update(NX_class="NXdata", signal="d")
    with daisy.open(tmp_path / "scan.h5") as scan:
        assert list(objects_of(scan)) == ["one/fluo/data", "two/fluo/data"]
