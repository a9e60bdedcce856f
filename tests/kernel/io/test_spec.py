"""SPEC files: columns, motors and spectra."""

import pickle
from pathlib import Path

import numpy as np
import pytest

import daisy_kernel as daisy
from daisy_kernel import errors

pytest.importorskip("silx")

TEXT = """#F /data/gold
#E 1455180875
#D Thu Feb 11 09:54:35 2016
#O0 energy  slit/gap

#S 1 ascan energy 7.1 7.2 3 0.2
#D Thu Feb 11 09:55:20 2016
#P0 7.1123456789 -0.66875
#N 3
#L energy  I/I0  det
7.1123456789 5 1
7.1223456789 6 2
7.1323456789 7 3

#S 2 ascan energy 7.1 7.2 1 0.2
#D Thu Feb 11 10:00:31 2016
#P0 7.1 -1.66875
#N 2
#@MCA %16C
#@CHANN 3 0 2 1
#@CALIB 1 2 3
#L energy  det
7.1 2
@A 0 1 2
7.2 9
@A 3 1 2
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "gold.spec"
    path.write_text(TEXT)
    return path


def test_the_last_column_over_the_first_is_drawn(path: Path) -> None:
    with daisy.open(path) as scan:
        assert scan.format == "spec"
        assert [s.path for s in scan.signals] == [
            "1.1/measurement/det", "2.1/measurement/det",
        ]  # fmt: skip
        assert scan.signal.axes == ("energy",)
        assert scan.signal[1:].tolist() == [2, 3]
        assert scan._repr_html_()


def test_columns_keep_all_their_digits(path: Path) -> None:
    with daisy.open(path) as scan:
        energy = scan["1.1/measurement/energy"]
        assert energy.dtype == np.float64
        assert energy[0] == 7.1123456789
        assert energy[::-1].tolist()[0] == 7.1323456789


def test_titles_and_motors_are_in_the_tree(path: Path) -> None:
    with daisy.open(path) as scan:
        assert [c.name for c in scan.children()] == ["1.1", "2.1"]
        assert [c.detail for c in scan.children()] == ["NXentry", "NXentry"]
        assert scan["1.1/title"].read()[()] == "ascan energy 7.1 7.2 3 0.2"
        assert scan["1.1/start_time"].read()[()] == "Thu Feb 11 09:55:20 2016"
        assert scan["2.1/instrument/positioners/slit%gap"].read() == -1.66875
        assert scan["1.1/measurement/I%I0"].read().tolist() == [5, 6, 7]


def test_spectra_are_an_array(path: Path) -> None:
    with daisy.open(path) as scan:
        spectra = scan["2.1/measurement/mca_0"]
        assert spectra["data"].read().tolist() == [[0, 1, 2], [3, 1, 2]]
        assert spectra["data"].axes == (None, "channels")
        assert spectra["channels"].read().tolist() == [0, 1, 2]
        assert spectra["calibration"].read().tolist() == [1, 2, 3]


def test_worker_reads_the_same(path: Path) -> None:
    with daisy.open(path) as scan:
        again = pickle.loads(pickle.dumps(scan["1.1/measurement/det"]))

    assert again.read().tolist() == [1, 2, 3]


def test_columns_of_one_name_are_numbered(tmp_path: Path) -> None:
    (tmp_path / "a.spec").write_text("#S 1 x\n#N 3\n#L a  b  b\n1 2 3\n")

    with daisy.open(tmp_path / "a.spec") as scan:
        names = [child.name for child in scan["1.1/measurement"].children()]
        assert names == ["a", "b", "b_2"]
        assert scan["1.1/measurement/b_2"].read().tolist() == [3]


@pytest.mark.parametrize(
    "text", ["#S 1 x\n", "#F a\n", "#F a\n#S 1 x\n#N 2\n#L a  b\n"]
)
def test_files_without_points_open(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.spec").write_text(text)

    with daisy.open(tmp_path / "a.spec") as scan:
        assert scan.signal is None or not scan.signal.size
        assert scan._repr_html_()
        for child in scan.children():
            scan[child.path].children()


def test_new_points_are_seen_after_a_refresh(path: Path) -> None:
    with daisy.open(path) as scan:
        path.write_text(TEXT + "7.3 11\n@A 4 1 2\n")
        scan._source.refresh()

        assert scan._source.root.get("2.1/measurement/det").shape == (3,)


def test_missing_name_lists_what_is_there(path: Path) -> None:
    with (
        daisy.open(path) as scan,
        pytest.raises(errors.FieldNotFound, match=r"'x'. It has: energy, I%I0, det"),
    ):
        scan["1.1/measurement/x"]
