"""Every template runs, offline, and is committed without outputs."""

import json
import re
import time
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
import yaml
from nbclient import NotebookClient

import daisy_kernel as daisy

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks-templates").rglob("*.ipynb"))
# what a page would fetch: a source, a style sheet, a script
ADDRESS = re.compile(r"""(?:src|href|url)["']?\s*[:=(]\s*["']?https?://[^"'\s)]+""")


def run(notebook: Any) -> Any:
    NotebookClient(notebook, kernel_name="daisy", timeout=110).execute()
    return notebook


def outputs(notebook: Any, kind: str) -> list[str]:
    return [
        output["data"][kind]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if kind in output.get("data", {})
    ]


def test_index_names_existing_notebooks_and_their_parameters(templates: Path) -> None:
    entries = yaml.safe_load((templates / "index.yaml").read_text())["templates"]

    assert {templates / entry["path"] for entry in entries} == set(NOTEBOOKS)
    for entry in entries:
        notebook = nbformat.read(templates / entry["path"], 4)
        first = next(c for c in notebook.cells if c.cell_type == "code")
        assert first.metadata.tags == ["parameters"]
        names = re.findall(r"^(\w+) = ", first.source, re.MULTILINE)
        assert names == list(entry["parameters"])
        assert all(entry[key] for key in ("id", "title", "description", "technique"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_template_is_committed_without_outputs(path: Path) -> None:
    notebook = nbformat.read(path, 4)

    nbformat.validate(notebook)
    assert notebook.metadata.kernelspec.name == "daisy"
    for cell in notebook.cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@pytest.mark.usefixtures("daisy_kernelspec")
def test_tomography_template_runs_from_projections_to_a_saved_volume(
    templates: Path, small_beamtime: Path
) -> None:
    path = templates / "tomography/01-projections-to-slices.ipynb"
    notebook = run(nbformat.read(path, 4))

    saved = small_beamtime / "B7/2026-0042/processed/tooth_0001/run_001/volume.h5"
    with daisy.open(saved) as scan:
        assert scan.signal.shape == (24, 128, 128)
        assert scan.signal.units == "1/cm"
        note = scan["entry/reconstruction/parameters/data"][()]
        assert abs(json.loads(note)["rotation_axis_column"] - 61.7) < 0.1
    text = "".join(o.text for c in notebook.cells for o in c.get("outputs", [])
                   if o.output_type == "stream")  # fmt: skip
    assert "no gateway is configured" in text
    assert f"saved {saved}" in text
    assert len(outputs(notebook, "application/vnd.jupyter.widget-view+json")) == 3


@pytest.mark.usefixtures("daisy_kernelspec")
def test_tutorial_on_algorithms_runs_to_a_result_that_says_how_it_was_made(
    templates: Path, small_beamtime: Path
) -> None:
    path = templates / "framework/01-write-your-own-algorithm.ipynb"
    notebook = run(nbformat.read(path, 4))

    place = small_beamtime / "B7/2026-0042/processed/tooth_0001"
    (found,) = daisy.runs(place)
    with daisy.open(small_beamtime / "B7/2026-0042/raw/tooth_0001.nxs") as scan:
        frames = scan.signal.read().astype("f4")
    smooth = np.apply_along_axis(np.convolve, -1, frames, np.ones(5) / 5, mode="same")
    wanted = (2 * frames - smooth).mean(axis=0)
    assert found.state == "done"
    np.testing.assert_allclose(found["average"].read(), wanted, rtol=1e-4)
    text = "".join(o.text for c in notebook.cells for o in c.get("outputs", [])
                   if o.output_type == "stream")  # fmt: skip
    assert "the same run: True" in text
    assert any("<svg" in page for page in outputs(notebook, "text/html"))


@pytest.mark.usefixtures("daisy_kernelspec")
def test_kernel_has_daisy_and_draws_without_internet() -> None:
    cells = [
        "import sys; assert 'h5py' not in sys.modules; daisy.__name__",
        "import pandas as pd, hvplot.pandas\npd.DataFrame({'a': [1, 2]}).hvplot.hist()",
        "import numpy as np; daisy.view(np.arange(24.0).reshape(2, 3, 4))",
    ]
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in cells]
    )

    start = time.perf_counter()
    run(notebook)

    assert time.perf_counter() - start < 60
    html = outputs(notebook, "text/html")
    assert any("bokeh" in page.lower() for page in html)
    assert not [found for page in html for found in ADDRESS.findall(page)]
    assert not [page for page in html if "cdn.holoviz.org" in page]
    scripts = outputs(notebook, "application/javascript")
    assert max(map(len, scripts)) > 1_000_000  # embedded, not fetched
    assert any("data:image/png;base64" in page for page in html)
