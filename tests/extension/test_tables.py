"""Curves, pages of exact values, and attributes."""

import h5py
import numpy as np
import pytest

pytestmark = pytest.mark.service


@pytest.fixture
def lines(raw):
    path = raw / "lines.nxs"
    with h5py.File(path, "w") as file:
        data = file.create_group("entry/data")
        data["energy"] = np.linspace(7000, 8000, 50_001)
        data["signal"] = np.sin(np.arange(50_001) / 3000)
        data["signal"][40_000] = 9
        data["few"] = np.arange(5.0)
        data["few_errors"] = np.sqrt(np.arange(5.0))
        data["other"] = np.arange(5.0) ** 2
        data["rows"] = np.arange(20.0).reshape(4, 5)
        data["errors"] = np.full((4, 5), 0.5)
        data.attrs.update(NX_class="NXdata", signal="signal", axes="energy")
    return path


async def test_a_zoomed_curve_comes_in_full_detail(ask, lines):
    query = {"path": lines, "node": "entry/data/signal", "points": 500}
    whole = await ask("series", **query)
    near = await ask("series", **query, **{"from": 7799.9, "to": 7800.1})

    assert (len(whole["x"]), max(whole["hi"])) == (500, 9)
    assert whole["label"] == "energy"
    first, end = near["within"]
    assert end - first == len(near["x"]) < 20
    assert near["x"][near["hi"].index(9)] == 7800
    inside = near["x"][near["inside"][0] - first : near["inside"][1] - first]
    assert inside == [x for x in near["x"] if 7799.9 <= x <= 7800.1]
    assert len(inside) == len(near["x"]) - 2
    between = await ask("series", **query, **{"from": 7800.0001, "to": 7800.0002})
    assert between["inside"] == between["within"]  # there is no point in this range


async def test_a_curve_over_another_stands_where_that_one_does(ask, raw):
    path = raw / "beside.h5"
    with h5py.File(path, "w") as file:
        data = file.create_group("data")
        data.attrs.update(NX_class="NXdata", signal="mu", axes="energy")
        data["energy"], data["mu"] = np.linspace(7000, 7004, 5), np.arange(5.0)
        data["energy"].attrs["units"] = "eV"
        data["reference"] = np.arange(5.0) ** 2
    query = {"path": path, "node": "data/reference"}
    alone = await ask("series", **query)
    over = await ask("series", **query, over="data/mu")

    assert (alone["label"], alone["x"]) == ("index", [0, 1, 2, 3, 4])
    assert (over["label"], over["units"]) == ("energy", "eV")
    assert over["x"] == [7000, 7001, 7002, 7003, 7004]
    assert over["hi"] == [0, 1, 4, 9, 16]


async def test_x_and_y_can_be_chosen_and_uncertainties_are_found(ask, refused, lines):
    at = "entry/data"
    curve = await ask("series", path=lines, node=f"{at}/few", x=f"{at}/other")
    row = await ask("series", path=lines, node=f"{at}/rows", index=2)
    column = await ask("series", path=lines, node=f"{at}/rows", axis=0, index=1)
    wrong = {"path": lines, "node": f"{at}/few", "x": f"{at}/energy"}
    code, told = await refused("series", **wrong)

    assert curve["x"] == [0, 1, 4, 9, 16]
    assert curve["errors"][4] == 2
    assert (row["hi"], row["errors"]) == ([10, 11, 12, 13, 14], [0.5] * 5)
    assert column["hi"] == [1, 6, 11, 16]
    assert code == 422
    assert "(50001,)" in told["message"]
    beside = await ask("children", path=lines, node=at)
    details = {child["name"]: child["detail"] for child in beside["items"]}
    assert details["other"] == "5 float64"  # by which the page knows what fits


async def test_x_that_goes_back_and_forth_is_drawn_whole(ask, raw):
    with h5py.File(raw / "back.h5", "w") as file:
        file["x"] = np.sin(np.arange(100))
        file["y"] = np.arange(100)
    query = {"path": raw / "back.h5", "node": "y", "x": "x", "from": 0, "to": 0.1}
    assert (await ask("series", **query))["within"] == [0, 100]


SCAN_STATE = h5py.enum_dtype({"IDLE": 0, "MOVING": 1}, "i1")
COMPOUND = np.dtype([("name", "S8"), ("count", "i8"), ("pair", "f4", (2,))])
CELLS = {
    "int64": (np.array([2**60 + 1, -5]), ["1152921504606846977", "-5"]),
    "uint64": (np.array([2**64 - 2], "u8"), ["18446744073709551614"]),
    "float32": (np.array([0.1, np.nan, np.inf], "f4"), ["0.1", "nan", "inf"]),
    "big-endian": (np.array([258], ">u2"), ["258"]),
    "half": (np.array([0.5], "f2"), ["0.5"]),
    "complex": (np.array([1 + 2j, -1j]), ["1+2j", "-0-1j"]),
    "bool": (np.array([True, False]), ["true", "false"]),
    "text": (np.array([b"abc", "漢字".encode()]), ["abc", "漢字"]),
    "scalar": (np.int64(2**53 + 1), ["9007199254740993"]),
}


@pytest.mark.parametrize("name", CELLS)
async def test_a_value_is_shown_exactly(ask, raw, name):
    value, expected = CELLS[name]
    with h5py.File(raw / "cells.h5", "w") as file:
        file["value"] = value
    page = await ask("values", path=raw / "cells.h5", node="value")
    assert [row[0] for row in page["items"]] == expected


async def test_texts_names_and_compounds_are_tables(ask, raw):
    with h5py.File(raw / "kinds.h5", "w") as file:
        file.create_dataset("state", data=[1, 0], dtype=SCAN_STATE)
        file["texts"] = ["a\nb", "", "c" * 10]
        rows = np.zeros(3, COMPOUND)
        rows["name"], rows["count"] = [b"x", b"y", b"z"], 2**60 + np.arange(3)
        file["compound"] = rows
        file["one"] = rows[1]
        file["long"] = ["x" * 5000]
        pointers = [file["texts"].ref, file["one"].ref, h5py.Reference()]
        file.create_dataset("pointers", data=pointers, dtype=h5py.ref_dtype)

    async def page(node, **more):
        return await ask("values", path=raw / "kinds.h5", node=node, **more)

    assert (await page("state"))["items"] == [["MOVING"], ["IDLE"]]
    assert (await page("texts"))["items"] == [["a\nb"], [""], ["c" * 10]]
    assert (await page("pointers"))["items"] == [["/texts"], ["/one"], [""]]
    assert (await page("long"))["items"] == [["x" * 4000 + " …"]]
    compound = await page("compound", rows="1,3", columns="0,2")
    assert compound["fields"] == ["name", "count", "pair"]
    assert compound["items"] == [["y", str(2**60 + 1)], ["z", str(2**60 + 2)]]
    assert (await page("one"))["items"] == [["y", str(2**60 + 1), "[0.0, 0.0]"]]


async def test_a_table_of_any_size_comes_in_pages(ask, refused, raw):
    with h5py.File(raw / "wide.h5", "w") as file:
        file.create_dataset("cube", (3, 10**6, 5000), "f8", chunks=(1, 100, 100))
        file["cube"][1, 900_000, 4000] = 7
        file.create_dataset("nothing", (0, 4), "f8")
    query = {"path": raw / "wide.h5", "node": "cube", "index": 1}
    page = await ask("values", **query, rows="899999,900002", columns="3999,4001")
    turned = {**query, "axes": "2,1", "rows": "4000,4001", "columns": "900000,900001"}

    assert page["shape"] == [10**6, 5000]
    assert page["items"] == [["0.0", "0.0"], ["0.0", "7.0"], ["0.0", "0.0"]]
    assert (await ask("values", **turned))["items"] == [["7.0"]]
    largest = await ask("values", **query, rows="0,1000000", columns="0,1")
    assert len(largest["items"]) == 500
    assert (await refused("values", **query, rows="5,2"))[0] == 400
    code, told = await refused("values", path=raw / "wide.h5", node="nothing")
    assert code == 422
    assert "no values" in told["message"]


async def test_attributes_of_a_node_and_of_all_above_it(ask, raw):
    file = raw / "scan_0000.nxs"
    found = await ask("attributes", path=file, node="entry/data/data")
    by_path = {node["path"]: node["attributes"] for node in found["nodes"]}

    assert list(by_path) == ["entry/data/data", "entry/data", "entry", "/"]
    assert {"name": "units", "value": "counts", "dtype": "text", "shape": []} in (
        by_path["entry/data/data"]
    )
    axes = next(a for a in by_path["entry/data"] if a["name"] == "axes")
    assert (axes["dtype"], axes["shape"]) == ("text", [3])
    assert axes["value"] == "[rotation_angle, ., .]"
    assert {"name": "default", "value": "entry", "dtype": "text", "shape": []} in (
        by_path["/"]
    )
