"""XDI, columns in text and projects of Athena, against numpy and closed forms."""

from __future__ import annotations

import ast
import gzip
import pickle
from pathlib import Path

import numpy as np
import pytest

import daisy_kernel as daisy
from daisy_kernel import errors

REAL = Path(__file__).parents[4] / ".." / "shared" / "data" / "xafs"
XDI = """# XDI/1.0 GSE/1.0
# Column.1: energy eV || 13BMA:E
# Column.2: i0 counts
# Column.3: itrans
# Scan.edge: K
# Facility.energy: 7.00 GeV
# ///
# a foil: Scan.edge: L3
#----
# energy i0 itrans
8779.0 1000.0 500.0
8789.0 1100.0 400.0
8799.0 1200.0 300.0
"""


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


@pytest.fixture
def real() -> Path:
    if not REAL.is_dir():
        pytest.skip(f"no real data: {REAL} is absent")
    return REAL


@pytest.mark.parametrize("kind", ["*.xdi", "*.xmu"])
def test_columns_of_real_files_are_those_that_numpy_reads(
    real: Path, kind: str
) -> None:
    files = sorted(real.glob(kind))
    assert len(files) > 1
    for file in files:
        expected = np.genfromtxt(file, comments="#")
        with daisy.open(file) as scan:
            names = [c.name for c in scan.children() if c.kind == "dataset"]
            stored = [n for n in names if not scan[n].attrs.get("note")]
            found = np.stack([scan[name].read() for name in stored], axis=1)
            assert np.array_equal(found, expected), file.name
            assert scan[names[0]].units == "eV"
            assert scan.signal.axes == ("energy",)


def test_what_is_drawn_goes_by_names_and_transmission_is_a_logarithm(
    tmp_path: Path,
) -> None:
    path = written(tmp_path, "foil.xdi", XDI)
    with daisy.open(path) as scan:
        assert scan.format == "xdi"
        assert scan.signal.path == "mutrans"
        expected = np.log(np.array([1000 / 500, 1100 / 400, 1200 / 300]))
        assert np.allclose(scan.signal.read(), expected, rtol=1e-12)
        assert scan.signal.notes == ("mutrans is ln(i0/itrans) of the columns",)
        assert scan["i0"].units == "counts"
        assert scan["Scan"].attrs == {"edge": "K"}
        assert scan["Facility"].attrs["energy"] == "7.00 GeV"
        assert scan.attrs["comments"] == "a foil: Scan.edge: L3"


def test_fluorescence_is_a_ratio(tmp_path: Path) -> None:
    text = XDI.replace("itrans", "ifluor")
    with daisy.open(written(tmp_path, "foil.xdi", text)) as scan:
        assert scan.signal.path == "mufluor"
        assert np.allclose(scan.signal.read(), [0.5, 400 / 1100, 0.25])


def test_an_absorption_in_the_file_comes_before_one_that_is_made(
    tmp_path: Path,
) -> None:
    text = XDI.replace("itrans", "mutrans")
    with daisy.open(written(tmp_path, "foil.xdi", text)) as scan:
        assert scan.signal.read().tolist() == [500, 400, 300]
        assert scan.signal.notes == ()


@pytest.mark.parametrize(
    ("text", "names", "first"),
    [
        ("# energy mu\n1 2\n3 4\n", ["energy", "mu"], [2, 4]),
        ("Angle (deg)\tCounts\n1\t2\n3\t4\n", ["Angle", "Counts"], [2, 4]),
        ("x;y;z\n1;2;9\n3;4;9\n", ["x", "y", "z"], [2, 4]),
        ("1,2\n3,4\n", ["column_1", "column_2"], [2, 4]),
        ("#%cols: 2 E XMU\n# GAINS 8 7 10\n.1D+01 .2D+01\n3 4\n", ["E", "XMU"], [2, 4]),
        ("# k chi\n#----\n1 2\n3 nan\n", ["k", "chi"], [2, np.nan]),
    ],
)
def test_columns_are_understood_however_they_are_written(
    tmp_path: Path, text: str, names: list[str], first: list[float]
) -> None:
    with daisy.open(written(tmp_path, "scan.dat", text)) as scan:
        assert scan.format == "columns"
        assert [c.name for c in scan.children()] == names
        assert np.array_equal(scan.signal.read(), first, equal_nan=True)
        assert scan.signal.axes == (names[0],)


def test_units_come_from_names_and_those_that_are_assumed_are_said(
    tmp_path: Path,
) -> None:
    text = "# energy  mu\n7112 1\n7113 2\n"
    with daisy.open(written(tmp_path, "a.dat", text)) as scan:
        assert scan["energy"].units == "eV"
        assert "eV is assumed" in scan["energy"].notes[0]
    text = "# energy  mu\n7.112 1\n7.113 2\n"
    with daisy.open(written(tmp_path, "b.dat", text)) as scan:
        assert scan["energy"].units is None  # keV, or eV of soft X-rays


def test_a_row_that_does_not_fit_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, "scan.dat", "# a b\n1 2\n3 4\n5\n6 7\n")
    with pytest.raises(errors.FileDamaged, match="line 4 has 1 numbers"):
        daisy.open(path)
    path = written(tmp_path, "text.dat", "# a b\n1 2\n3 4\nthe end of it\n6 7\n")
    with pytest.raises(errors.FileDamaged, match="line 4 is no row"):
        daisy.open(path)


def test_a_scan_that_is_written_line_by_line_grows(tmp_path: Path) -> None:
    path = written(tmp_path, "scan.dat", "# a b\n1 2\n3 4\n")
    with daisy.open(path) as scan:
        data = scan.signal
        with path.open("a") as file:
            file.write("5 6\n7")
        assert data.refresh() == 3
        assert data.read().tolist() == [2, 4, 6]


def test_a_worker_reads_the_same(tmp_path: Path) -> None:
    path = written(tmp_path, "foil.xdi", XDI)
    with daisy.open(path) as scan:
        again = pickle.loads(pickle.dumps(scan.signal))
        assert np.array_equal(again.read(), scan.signal.read())
        assert again.axes == scan.signal.axes


def test_notes_and_tables_of_words_are_no_scans(tmp_path: Path) -> None:
    for text in ("to do\n1 milk\n", "a,b\nx,1\ny,2\n", "\0\0", "12\n13\n"):
        with pytest.raises(errors.FormatNotSupported):
            daisy.open(written(tmp_path, "notes.txt", text))


def test_real_projects_hold_the_numbers_of_their_lines(real: Path) -> None:
    for name, count in (("Fe.prj", 5), ("cyanobacteria.prj", 16)):
        lines = gzip.decompress((real / name).read_bytes()).decode().splitlines()
        # lists of quoted numbers are the same in Python
        x, y = (
            [
                np.array(ast.literal_eval(line.partition("=")[2].strip(" ;")), float)
                for line in lines
                if line.startswith(f"@{key} ")
            ]
            for key in "xy"
        )
        with daisy.open(real / name) as scan:
            groups = [child.name for child in scan.children()]
            assert len(groups) == len(y) >= count
            for group, energy, mu in zip(groups, x, y, strict=True):
                assert np.array_equal(scan[f"{group}/mu"].read(), mu)
                shift = scan[f"{group}/energy"].attrs["energy_shift"]
                measured = scan[f"{group}/energy"].read() - shift
                assert np.allclose(measured, energy, atol=1e-9)


def test_the_iron_foil_has_its_edge_where_athena_has_it(real: Path) -> None:
    with daisy.open(real / "Fe.prj") as scan:
        energy, mu = scan["Fe foil/energy"].read(), scan["Fe foil/mu"].read()
        notes = scan["Fe foil/mu"].notes
    edge = energy[np.argmax(np.gradient(mu, energy))]
    assert abs(edge - 7111.8) < 0.3  # 7106.0 without the project's shift
    assert "5.81162 eV is added" in notes[0]


def project(*lines: str) -> str:
    head = "# Athena project file -- Demeter version 0.9.20\n\n$old_group = 'a';\n"
    return head + "\n".join(lines) + "\n[record]\n"


GOOD = project(
    "@args = ('label','it\\'s a/b','bkg_eshift','-1','xdi',{a => [1, undef]});",
    "@x = ('1','2','3');",
    "@y = (0.5, 1e-3, '-2');",
    "@stddev = (1,1,1);",
)


def test_a_project_is_read_without_being_executed(tmp_path: Path) -> None:
    with daisy.open(written(tmp_path, "good.prj", GOOD)) as scan:
        (group,) = [child.name for child in scan.children()]
        assert group == "it's a%b"
        assert scan[f"{group}/energy"].read().tolist() == [0, 1, 2]
        assert scan[f"{group}/mu"].read().tolist() == [0.5, 1e-3, -2]
        assert scan[f"{group}/mu_errors"].shape == (3,)


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (GOOD.replace("('1','2','3')", "(system('x'))"), "nothing is executed"),
        (GOOD.replace("('1','2','3')", "('1','2'"), r"'\)' is missing"),
        (GOOD.replace("'3'", "'three'"), "could not convert"),
        (GOOD.replace(",'3'", ""), "@y has 3 values, @x has 2"),
        (GOOD.replace("@y", "@z"), "has no @y"),
        (GOOD.replace("[record]", ""), "it is cut"),
        (GOOD.replace("[1, undef]", "[" * 50 + "]" * 50), "deep"),
        (GOOD.replace("'-1'", "'minus'"), "bkg_eshift"),
        ("# Athena project file\n", "no spectra"),
    ],
)
def test_a_broken_project_says_what_is_wrong(
    tmp_path: Path, broken: str, told: str
) -> None:
    with pytest.raises(errors.FileDamaged, match=told):
        daisy.open(written(tmp_path, "broken.prj", broken))


def test_a_cut_project_and_one_of_larix_say_so(tmp_path: Path) -> None:
    packed = gzip.compress((GOOD * 50).encode())
    (tmp_path / "cut.prj").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(errors.FileDamaged, match="cut"):
        daisy.open(tmp_path / "cut.prj")
    (tmp_path / "larix.prj").write_bytes(gzip.compress(b'{"_____header1": 1}'))
    with pytest.raises(errors.FormatNotSupported, match="Larix"):
        daisy.open(tmp_path / "larix.prj")


def test_what_unpacks_without_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("daisy_kernel.io.text.athena._MOST_BYTES", 1000)
    bomb = gzip.compress(b"# Athena project file\n" + b" " * 10_000)
    (tmp_path / "bomb.prj").write_bytes(bomb)
    with pytest.raises(errors.FormatNotSupported, match="unpacks to more"):
        daisy.open(tmp_path / "bomb.prj")
