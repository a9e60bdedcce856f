"""Links and virtual sources: followed, named when dead, never shown as zeros."""

import os
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest

import daisy_kernel as daisy
from daisy_kernel import errors

Write = Callable[..., Path]


def kinds(scan: daisy.Scan) -> dict[str, str]:
    return {child.name: child.kind for child in scan.children()}


def reasons(scan: daisy.Scan) -> dict[str, str]:
    return {child.name: child.detail for child in scan.children()}


def test_each_dead_link_says_why(hdf5: Write) -> None:
    hdf5({"other": np.zeros(3)}, "there.h5")
    path = hdf5(
        {
            "soft": h5py.SoftLink("/nowhere"),
            "no_file": h5py.ExternalLink("gone.h5", "/data"),
            "no_path": h5py.ExternalLink("there.h5", "/data"),
            "circle": h5py.SoftLink("/circle"),
        }
    )

    with daisy.open(path) as scan:
        assert set(kinds(scan).values()) == {"missing"}
        assert "soft link to '/nowhere'" in reasons(scan)["soft"]
        assert "gone.h5 : /data: there is no such file" in reasons(scan)["no_file"]
        assert "the file has no /data" in reasons(scan)["no_path"]
        assert len(scan.missing) == 4


def test_absolute_link_is_found_by_its_base_name(hdf5: Write) -> None:
    hdf5({"data": np.arange(3)}, "moved.h5")
    path = hdf5({"link": h5py.ExternalLink("/beamline/2019/moved.h5", "/data")})

    with daisy.open(path) as scan:
        assert scan["link"][1] == 1


def test_soft_link_without_its_slash_gets_a_hint(hdf5: Write) -> None:
    path = hdf5({"entry/x": np.zeros(3), "entry/link": h5py.SoftLink("entry/x")})

    with daisy.open(path) as scan:
        child = next(c for c in scan["entry"].children() if c.name == "link")

    assert child.kind == "missing"
    assert "a leading slash may be missing" in child.detail


def test_relative_soft_link_starts_at_its_group(hdf5: Write) -> None:
    path = hdf5({"entry/x": np.arange(3), "entry/link": h5py.SoftLink("x")})

    with daisy.open(path) as scan:
        assert scan["entry/link"].read().tolist() == [0, 1, 2]


def test_loop_is_shown_once_and_marked(hdf5: Write) -> None:
    path = hdf5({"entry/loop": h5py.SoftLink("/"), "entry/data": np.zeros(3)})

    with daisy.open(path) as scan:
        child = next(c for c in scan["entry"].children() if c.name == "loop")

    assert child.kind == "loop"


@pytest.fixture
def walled(tmp_path: Path) -> tuple[Path, Path]:
    """Give an allowed folder, and a secret file outside it."""
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    with h5py.File(outside / "secret.h5", "w") as file:
        file["data"] = np.arange(4.0)
    (outside / "secret.raw").write_bytes(np.arange(4.0).tobytes())
    return inside, outside


def test_link_out_of_the_allowed_folders_is_not_followed(
    walled: tuple[Path, Path],
) -> None:
    inside, outside = walled
    (inside / "alias.h5").symlink_to(outside / "secret.h5")
    with h5py.File(inside / "scan.h5", "w") as file:
        file["absolute"] = h5py.ExternalLink(str(outside / "secret.h5"), "/data")
        file["dots"] = h5py.ExternalLink("../outside/secret.h5", "/data")
        file["alias"] = h5py.ExternalLink("alias.h5", "/data")

    with daisy.open(inside / "scan.h5", roots=[inside]) as scan:
        assert set(kinds(scan).values()) == {"outside"}
        assert not any("secret" in reason for reason in reasons(scan).values())
        with pytest.raises(errors.OutsideData):
            scan["dots"].read()
    with pytest.raises(errors.OutsideData):
        daisy.open(inside / "alias.h5", roots=[inside])


def test_virtual_source_outside_is_not_read(walled: tuple[Path, Path]) -> None:
    inside, outside = walled
    layout = h5py.VirtualLayout((4,), "f8")
    layout[:] = h5py.VirtualSource(outside / "secret.h5", "data", (4,))
    with h5py.File(inside / "scan.h5", "w") as file:
        file.create_virtual_dataset("data", layout)

    with (
        daisy.open(inside / "scan.h5", roots=[inside]) as scan,
        pytest.raises(errors.OutsideData),
    ):
        scan["data"].read()


def test_raw_storage_outside_is_not_read(walled: tuple[Path, Path]) -> None:
    inside, outside = walled
    with h5py.File(inside / "scan.h5", "w") as file:
        raw = [(str(outside / "secret.raw"), 0, 32)]
        file.create_dataset("data", (4,), "f8", external=raw)

    with (
        daisy.open(inside / "scan.h5", roots=[inside]) as scan,
        pytest.raises(errors.OutsideData),
    ):
        scan["data"].read()


def test_raw_storage_is_found_beside_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "scan"
    folder.mkdir()
    (folder / "frames.raw").write_bytes(np.arange(4.0).tobytes())
    monkeypatch.chdir(folder)
    with h5py.File("scan.h5", "w") as file:
        file.create_dataset("data", (4,), "f8", external=[("frames.raw", 0, 32)])
    monkeypatch.chdir(tmp_path)

    with daisy.open(folder / "scan.h5") as scan:
        assert scan["data"].read().tolist() == [0, 1, 2, 3]


@pytest.fixture
def half(tmp_path: Path) -> Path:
    """A virtual dataset of two sources, the second of which is absent."""
    with h5py.File(tmp_path / "first.h5", "w") as file:
        file["data"] = np.ones((2, 3))
    layout = h5py.VirtualLayout((4, 3), "f8")
    layout[:2] = h5py.VirtualSource("first.h5", "data", (2, 3))
    layout[2:] = h5py.VirtualSource("second.h5", "data", (2, 3))
    with h5py.File(tmp_path / "scan.h5", "w") as file:
        file.create_virtual_dataset("data", layout)
    return tmp_path / "scan.h5"


def test_absent_virtual_source_is_an_error_where_it_is_touched(half: Path) -> None:
    with daisy.open(half) as scan:
        data = scan["data"]

        assert data[:2].all()
        assert len(data.missing_sources) == 1
        with pytest.raises(errors.SourceMissing, match=r"second\.h5"):
            data[1:3]


def test_virtual_source_that_is_still_too_short_is_not_data(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "growing.h5", "w") as file:
        file.create_dataset("data", data=np.ones((2, 3)), maxshape=(None, 3))
    layout = h5py.VirtualLayout((4, 3), "f8")
    layout[:] = h5py.VirtualSource("growing.h5", "data", (4, 3))
    with h5py.File(tmp_path / "scan.h5", "w") as file:
        file.create_virtual_dataset("data", layout)

    with daisy.open(tmp_path / "scan.h5") as scan:
        assert scan["data"][:2].all()
        with pytest.raises(errors.SourceMissing, match=r"shape \(2, 3\)"):
            scan["data"][3]


def test_virtual_source_over_a_broken_link_is_never_zeros(real_data: Path) -> None:
    with daisy.open(real_data / "links/Therm_6_2.nxs") as scan:
        with pytest.raises(errors.SourceMissing) as raised:
            scan["entry/data/data"][0, 0]

        assert "Therm_6_2.nxs" in str(raised.value)
        assert "Therm_6_2_000001.h5" in str(raised.value)
        assert scan.missing


def test_scan_is_not_locked_for_its_writer(tmp_path: Path) -> None:
    path = tmp_path / "scan.h5"
    with h5py.File(path, "w") as file:
        file["data"] = np.zeros(3)

    with daisy.open(path), open(os.fspath(path), "rb+") as handle:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
