"""Frames of area detectors through fabio: files, stacks in a file, folders, damage."""

import gzip
import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import daisy_kernel as daisy
from daisy_kernel import errors
from daisy_kernel.testing import ReaderTests

fabio = pytest.importorskip("fabio")
from fabio.cbfimage import CbfImage  # noqa: E402
from fabio.edfimage import EdfImage  # noqa: E402


def edf(path: Path, *frames: Any, **header: str) -> Path:
    image = EdfImage(data=frames[0], header=header)
    for frame in frames[1:]:
        image.append_frame(data=frame, header=header)
    image.write(str(path))
    return path


def cbf(path: Path, frame: Any, contents: str = "") -> Path:
    header = {"_array_data.header_contents": contents} if contents else {}
    CbfImage(data=frame.astype("i4"), header=header).write(str(path))
    return path


class TestEdfStack(ReaderTests):
    def write(self, frames: Any, folder: Path) -> Path:
        return edf(folder / "scan.edf", *frames)


class TestEdfFolder(ReaderTests):
    def write(self, frames: Any, folder: Path) -> Path:
        for i, frame in enumerate(frames):
            edf(folder / f"frame_{i + 8}.edf", frame)
        return folder


class TestCbfFolder(ReaderTests):
    @pytest.fixture
    def frames(self) -> Any:
        return np.arange(5 * 4 * 6, dtype=np.int32).reshape(5, 4, 6) * 1000 - 2

    def write(self, frames: Any, folder: Path) -> Path:
        for i, frame in enumerate(frames):
            cbf(folder / f"frame_{i + 8:d}.cbf", frame)
        return folder


@pytest.fixture
def frame() -> Any:
    return np.arange(24, dtype=np.uint16).reshape(4, 6)


def test_one_frame_is_an_image_with_its_header(tmp_path: Path, frame: Any) -> None:
    path = edf(tmp_path / "a.edf", frame, exposure="1.5", Dummy="-1")

    with daisy.open(path) as scan:
        assert scan.format == "edf"
        assert np.array_equal(scan.signal[1:3, ::-2], frame[1:3, ::-2])
        assert scan.attrs["exposure"] == scan.signal.attrs["exposure"] == "1.5"
        assert scan.signal.invalid == (-1.0,)
        assert "fabio" in scan.signal.explain(np.s_[0])
        assert scan._repr_html_()


def test_gaps_and_bad_pixels_of_a_pilatus_are_no_counts(
    tmp_path: Path, frame: Any
) -> None:
    path = cbf(tmp_path / "a.cbf", frame, "# Detector: PILATUS 2M, S/N 24-0107")

    with daisy.open(path) as scan:
        assert scan.signal.invalid == (-2.0, -1.0)
        assert scan.signal.dtype == np.int32


def test_content_decides_not_the_suffix(tmp_path: Path, frame: Any) -> None:
    edf(tmp_path / "a.edf", frame).rename(tmp_path / "a.dat")
    (tmp_path / "b.dat").write_text('{"Dim": 1}')

    with daisy.open(tmp_path / "a.dat") as scan:
        assert np.array_equal(scan.signal.read(), frame)
    with pytest.raises(errors.FormatNotSupported):
        daisy.open(tmp_path / "b.dat")


def test_compressed_file_is_opened(tmp_path: Path, frame: Any) -> None:
    path = edf(tmp_path / "a.edf", frame)
    packed = tmp_path / "b.edf.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))

    with daisy.open(packed) as scan:
        assert np.array_equal(scan.signal.read(), frame)


def test_folder_is_in_natural_order_and_odd_things_are_noted(
    tmp_path: Path, frame: Any
) -> None:
    for i in (*range(8), 9, 10, 11, 12):
        cbf(tmp_path / f"x_{i}.cbf", frame + i)
    edf(tmp_path / "mask.edf", frame)

    with daisy.open(tmp_path) as scan:
        assert scan.format == "cbf-folder"
        assert scan.signal[:, 0, 0].tolist() == [*range(8), 9, 10, 11, 12]
        assert scan.notes == (
            "1 .edf file(s) beside the .cbf files are left out",
            "the numbering jumps from x_7.cbf to x_9.cbf",
        )


def test_two_series_in_a_folder_are_noted(tmp_path: Path, frame: Any) -> None:
    for name in ("a_1", "a_2", "b_1", "b_2"):
        edf(tmp_path / f"{name}.edf", frame)

    with daisy.open(tmp_path) as scan:
        assert scan.notes == ("2 series are joined in this order (a_: 2, b_: 2)",)


def test_frame_of_another_size_is_named(tmp_path: Path, frame: Any) -> None:
    edf(tmp_path / "f_1.edf", frame)
    edf(tmp_path / "f_2.edf", frame[:3])

    with (
        daisy.open(tmp_path) as scan,
        pytest.raises(errors.ShapeMismatch, match=r"f_2\.edf: this frame is 3 x 6"),
    ):
        scan.signal.read()


@pytest.mark.parametrize("kind", ["edf", "cbf"])
def test_truncated_frame_is_damage_not_zeros(
    tmp_path: Path, frame: Any, kind: str
) -> None:
    for i in range(2):
        (edf if kind == "edf" else cbf)(tmp_path / f"f_{i}.{kind}", frame * 999)
    cut = tmp_path / f"f_1.{kind}"
    cut.write_bytes(cut.read_bytes()[: -4200 if kind == "cbf" else -20])

    with (
        daisy.open(tmp_path) as scan,
        pytest.raises(errors.FileDamaged, match=rf"f_1\.{kind}: cannot be read"),
    ):
        scan.signal.read()


def test_wrong_checksum_is_damage(tmp_path: Path, frame: Any) -> None:
    path = cbf(tmp_path / "a.cbf", frame)
    content = bytearray(path.read_bytes())
    at = content.index(b"\x0c\x1a\x04\xd5") + 4
    content[at + 3] ^= 1
    path.write_bytes(content)

    with pytest.raises(errors.FileDamaged, match="mismatch"):
        daisy.open(path)


def test_garbage_of_a_known_suffix_is_damage(tmp_path: Path) -> None:
    for suffix in ("edf", "cbf", "mccd", "img", "mar2300", "sfrm", "spe"):
        path = tmp_path / f"a.{suffix}"
        path.write_bytes(b"dear diary " * 200)
        with pytest.raises(errors.FileDamaged, match=rf"a\.{suffix}: cannot be read"):
            daisy.open(path)


def test_vanished_frame_is_missing(tmp_path: Path, frame: Any) -> None:
    for i in range(3):
        edf(tmp_path / f"f_{i}.edf", frame)

    with daisy.open(tmp_path) as scan:
        (tmp_path / "f_1.edf").unlink()
        assert np.array_equal(scan.signal[2], frame)
        with pytest.raises(errors.FileMissing, match=r"f_1\.edf"):
            scan.signal[1]


def test_new_frames_are_seen_after_a_refresh(tmp_path: Path, frame: Any) -> None:
    edf(tmp_path / "f_0.edf", frame)
    with daisy.open(tmp_path) as scan:
        edf(tmp_path / "f_1.edf", frame + 1)

        scan._source.refresh()

        assert scan.signal.shape == (2, 4, 6)


def test_links_must_not_lead_out(tmp_path: Path, frame: Any) -> None:
    (tmp_path / "inside").mkdir()
    secret = edf(tmp_path / "secret.edf", frame)
    edf(tmp_path / "inside/f_0.edf", frame)
    (tmp_path / "inside/f_1.edf").symlink_to(secret)

    with pytest.raises(errors.OutsideData, match=r"f_1\.edf"):
        daisy.open(tmp_path / "inside", roots=[tmp_path / "inside"])
    with daisy.open(tmp_path / "inside") as scan:
        assert pickle.loads(pickle.dumps(scan.signal)).shape == (2, 4, 6)


def test_without_the_package_the_extra_is_named(
    tmp_path: Path, frame: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    edf(tmp_path / "a.edf", frame)
    for name in [n for n in sys.modules if n.startswith("daisy_kernel.io.detector.")]:
        if not name.endswith(".files"):
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "fabio", None)

    with pytest.raises(
        errors.OptionalPackageMissing, match=r"install 'daisy-kernel\[formats\]'"
    ):
        daisy.open(tmp_path / "a.edf")
