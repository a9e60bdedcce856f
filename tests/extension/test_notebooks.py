"""Notebooks started from a scan or from the gallery."""

import json
import os
import stat

import nbformat
import pytest
from daisy_lab import notebooks
from tornado.httpclient import HTTPClientError

TEMPLATE = {
    "nbformat": 4,
    "nbformat_minor": 5,
    "metadata": {},
    "cells": [
        {
            "cell_type": "code",
            "id": "one",
            "metadata": {"tags": ["parameters"]},
            "source": ['scan_path = "demo.nxs"\n', "workers = 2"],
            "outputs": [],
            "execution_count": None,
        }
    ],
}


@pytest.fixture
def gallery(tmp_path, monkeypatch):
    folder = tmp_path / "templates"
    (folder / "tomography").mkdir(parents=True)
    (folder / "tomography" / "01-slices.ipynb").write_text(json.dumps(TEMPLATE))
    (folder / "index.yaml").write_text(
        "- id: tomography\n  title: Tomography, from projections to slices\n"
        "  description: Reconstruct\n  path: tomography/01-slices.ipynb\n"
        "  technique: tomography\n  parameters: [scan_path]\n"
    )
    monkeypatch.setattr(notebooks, "folder", lambda: folder)
    return folder


@pytest.fixture
def start(data, jp_fetch):
    async def start(**wanted):
        body = json.dumps(wanted, default=str)
        answer = await jp_fetch("daisy", "notebooks", method="POST", body=body)
        return json.loads(answer.body)["path"]

    return start


@pytest.mark.service
async def test_a_notebook_starts_in_the_proposal_and_never_over_another(start, raw):
    wanted = {"path": raw / "scan_0000.nxs", "node": "entry/data/data", "index": [12]}
    first, second = [await start(**wanted) for _ in range(2)]

    folder = raw.parent / "processed" / "notebooks"
    assert {p.name for p in folder.iterdir()} == {
        "scan_0000.ipynb",
        "scan_0000-1.ipynb",
    }
    assert first.endswith("processed/notebooks/scan_0000.ipynb")
    assert second.endswith("scan_0000-1.ipynb")
    notebook = nbformat.read(folder / "scan_0000.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "daisy"
    line = 'daisy.open("B7/2026-0042/raw/scan_0000.nxs")["entry/data/data"][12]'
    assert notebook.cells[-1].source == line


@pytest.mark.service
async def test_a_template_is_filled_in_with_the_scan(start, raw, gallery, jp_fetch):
    told = json.loads((await jp_fetch("daisy", "templates")).body)["templates"]
    path = await start(template="tomography", path=raw / "scan_0001.nxs")

    assert [t["id"] for t in told] == ["tomography"]
    assert path.endswith("processed/notebooks/scan_0001-tomography.ipynb")
    file = raw.parent / "processed" / "notebooks" / "scan_0001-tomography.ipynb"
    (cell,) = nbformat.read(file, as_version=4).cells
    assert 'scan_path = "B7/2026-0042/raw/scan_0001.nxs"' in cell.source
    assert "workers = 2" in cell.source


@pytest.mark.service
async def test_a_template_without_a_scan_goes_to_the_first_proposal(
    start, raw, gallery
):
    assert (await start(template="tomography")).endswith(
        "2026-0042/processed/notebooks/tomography.ipynb"
    )


@pytest.mark.service
async def test_a_proposal_that_cannot_be_written_says_what_to_do(
    start, raw, monkeypatch
):
    # permissions do not hold root back
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(HTTPClientError) as error:
        await start(path=raw / "scan_0000.nxs")
    told = json.loads(error.value.response.body)
    assert error.value.code == 422
    assert "Ask the beamline scientist" in told["message"]


@pytest.mark.service
async def test_a_notebook_for_a_file_outside_is_refused(start, tmp_path):
    (tmp_path / "a.h5").touch()
    with pytest.raises(HTTPClientError) as error:
        await start(path=tmp_path / "a.h5")
    assert error.value.code == 403


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("scan = 'x'  # which", 'scan = "a.nxs"  # which'),
        ("scan_path: str = None", 'scan_path: str = "a.nxs"'),
        ("workers = 2", 'scan_path = "a.nxs"\nworkers = 2'),
    ],
)
def test_the_parameters_cell_takes_the_path(source, expected):
    assert notebooks.fill_in(source, "a.nxs") == expected


def test_a_name_that_is_taken_is_counted_up(tmp_path):
    names = [notebooks.write_new(tmp_path, "a b/c", {}).name for _ in range(3)]
    assert names == ["a-b-c.ipynb", "a-b-c-1.ipynb", "a-b-c-2.ipynb"]
    assert stat.S_ISREG((tmp_path / "a-b-c.ipynb").stat().st_mode)


def test_the_gallery_of_the_project_is_complete():
    for template in notebooks.templates():
        notebook = json.loads(template.file.read_text("utf-8"))
        tags = [c["metadata"].get("tags", []) for c in notebook["cells"]]
        assert any("parameters" in t for t in tags), template.id


async def test_a_notebook_begins_with_the_code_of_the_page(start, raw):
    line = 'daisy.open("B7/2026-0042/raw/scan_0000.nxs")["entry/data/data"][1, 2:9].T'
    code = f"frame = {line}\nvalues = frame[frame > 3]"
    wanted = {"path": raw / "scan_0000.nxs", "node": "entry/data/data", "code": code}
    await start(**wanted)

    folder = raw.parent / "processed" / "notebooks"
    notebook = nbformat.read(folder / "scan_0000.ipynb", as_version=4)
    assert notebook.cells[-1].source == code
    with pytest.raises(HTTPClientError) as refused:
        await start(**{**wanted, "code": "a" * 1_000_001})
    assert refused.value.code == 413
