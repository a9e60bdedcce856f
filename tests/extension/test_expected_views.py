"""Every real file opens to the view that a scientist at the beamline expects."""

import shutil
from pathlib import Path

import pytest

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(600)]

REAL = Path(__file__).parents[2] / ".." / "shared" / "data"

# file: viewer, dataset, shape, words that must be read on the page
EXPECTED = {
    "tomography/tooth.h5": ("Frames", "exchange/data", (181, 2, 640), "theta"),
    "tomography/k11/k11-18014.nxs": (
        "Frames",
        "entry/imaging/data",
        (3201, 22, 26),
        "default plot entry/EtherCAT/data is missing",
    ),
    "tomography/k11/k11-18014/k11-18014-imaging.h5": (
        "Frames",
        "entry/detector/detector",
        (3201, 22, 26),
        "",
    ),
    "tomography/k11/k11-18014/k11-18014-pcompPanda.h5": (
        "Line",
        "entry/gts_theta.value/gts_theta.value",
        (3201,),
        "",
    ),
    "multimodal/mm.nxs": (
        "Map",
        "entry1/fluo_entry/data/data",
        (2, 2, 2, 4096),
        "energy",
    ),
    "xrf/testfluo2.nxs": (
        "Map",
        "entry1/fluo_entry/data/data",
        (18, 18, 512),
        "30 … 40910 eV",
    ),
    "xrf/fluo_single_sino.nxs": (
        "Map",
        "entry1/fluo_entry/data/data",
        (2, 2, 4096),
        "",
    ),
    "stxm/Sample_Stack_2021-03-16_128.hdf5": (
        "Map",
        "entry1/counter0/data",
        (4, 50, 50),
        "sample_y",
    ),
    "scattering/AgBehenate_228.hdf5": ("Frames", "entry/data/data", (195, 487), ""),
    "scattering/Pilatus.tiff": (
        "Frames",
        "data",
        (195, 487),
        "the file ends too early",
    ),
    "links/Therm_6_2.nxs": (
        "Frames",
        "entry/data/data",
        (488, 4362, 4148),
        "18093576 pixels missing",
    ),
    "links/p45-1168.nxs": ("Frames", "entry/mic/stagex_value", (5, 5), "Missing"),
    "nexus/chopper.nxs": ("Frames", "entry/data/data", (148, 750), "time_of_flight"),
    "nexus/example.nxs": ("Frames", "entry/data/signal", (101, 101), ""),
    "dxchange/reader.h5": ("Frames", "exchange/data", (4, 8, 16), "theta"),
    "dxchange/read_stack.h5": (
        "Frames",
        "20151120_100640_testBL832h5file/20151120_100640_testBL832h5file_0000_0000.tif",
        (1, 10, 10),
        "",
    ),
    "dxchange/test_f32_0001.tiff": ("Frames", "data", (9, 8), ""),
    "xafs/cu_metal_rt.xdi": ("Line", "mutrans", (408,), "energy"),
    "xafs/ni_metal_rt.xdi": ("Line", "mutrans", (418,), "energy (eV)"),
    "xafs/feo_rt1.xdi": ("Line", "mutrans", (412,), "energy (eV)"),
    "xafs/fe3c_rt.xdi": ("Line", "mutrans", (348,), "energy (eV)"),
    "xafs/v_foil.xdi": ("Line", "mutrans", (463,), "mutrans is ln(i0/i1)"),
    "xafs/cu_10k.xmu": ("Line", "mu", (612,), "energy (eV)"),
    "xafs/fe2o3_rt1.xmu": ("Line", "mu", (412,), "energy (eV)"),
    "xafs/Fe.prj": ("Line", "Fe foil/mu", (511,), "shift of 5.81162 eV"),
    "xafs/cyanobacteria.prj": ("Line", "0.12/mu", (325,), "energy (eV)"),
}
# what cannot be drawn is said instead, and nothing is drawn
SHADES = {
    "scattering/Pilatus.tiff": 0,
    "links/Therm_6_2.nxs": 1,
    "dxchange/reader.h5": 1,  # every pixel is 1
    "dxchange/read_stack.h5": 1,  # so is this one
}


@pytest.fixture(autouse=True)
def jp_server_cleanup():
    """Nothing to clean: no server runs in this process."""


@pytest.fixture(autouse=True)
def jp_asyncio_loop():
    """None is needed, and Playwright's own is running."""


@pytest.fixture(scope="module")
def real(lab):
    if not REAL.is_dir():
        pytest.skip(f"no real data: {REAL} is absent")
    folder = lab.data / "B1" / "2026-0001" / "raw"
    shutil.copytree(REAL, folder)
    return folder


def test_no_real_file_is_left_out(real):
    found = {
        file.relative_to(real).as_posix()
        for file in real.rglob("*")
        if file.is_file() and file.suffix != ".md"
    }
    assert found == set(EXPECTED)


def test_every_real_file_opens_to_the_view_one_expects(user, watched, real):
    page = watched.open()
    for name, (viewer, dataset, shape, words) in EXPECTED.items():
        link = f"/lab/tree/data/B1/2026-0001/raw/{name}"
        page.goto(f"{watched.lab.address}{link}?reset")
        tab = user.view.locator("[role=tab][aria-selected=true]")
        tab.wait_for(timeout=60_000)

        told = user.view.locator(".jp-Daisy-dataset")
        assert tab.inner_text() == viewer, name
        if told.locator("select").count():
            assert told.locator("select").input_value() == dataset, name
        else:
            assert told.locator("code").inner_text() == dataset, name
        wanted = " \N{MULTIPLICATION SIGN} ".join(str(n) for n in shape)
        assert wanted in told.inner_text(), name
        if viewer == "Line":
            user.charted()
        else:
            user.drawn()
            page.wait_for_function(
                f"() => ({user.SHADES})() >= {SHADES.get(name, 2)}",
                timeout=20_000,
            )
        page.wait_for_function(
            f"words => {user.VIEW}.textContent.includes(words)", arg=words
        )
        assert not page.locator(".jp-Daisy-error:visible").count(), name
        watched.picture(f"real-{name.replace('/', '-')}")
