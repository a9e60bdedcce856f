"""A server with the extension, a small data folder, and JupyterLab in a browser."""

import asyncio
import gc
import io
import json
import os
import re
import time
import zlib
from pathlib import Path

import h5py
import numpy as np
import pytest
import tifffile
from jupyter_core.utils import ensure_event_loop
from labs import CHROMIUM_FLAGS, Lab, built_labextension, chromium_path
from PIL import Image
from pytest_jupyter.jupyter_server import jp_server_cleanup  # noqa: F401
from tiles import tile_and_rest
from tornado.httpclient import HTTPClientError

ROOT = Path(__file__).parents[2]
ARTIFACTS = ROOT / "tests" / "artifacts"


@pytest.fixture(autouse=True)
def jp_asyncio_loop():
    """A loop in which nothing is left when it is closed.

    A failed test leaves tasks and processes. The collector would find them later and
    complain of the closed loop, in the middle of whatever pytest is doing then: in
    Python 3.11 that ends the session, when it happens while source code is parsed.
    """
    loop = ensure_event_loop(prefer_selector_loop=True)
    yield loop
    loop.run_until_complete(end_what_is_left())
    loop.close()


async def end_what_is_left():
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    if left:
        await asyncio.wait(left, timeout=10)
    gc.collect()
    await asyncio.sleep(0)  # for what the collector has asked of the loop


@pytest.fixture
def jp_server_config():
    return {
        "ServerApp": {
            "jpserver_extensions": {"daisy_lab": True},
            "allow_unauthenticated_access": False,
        }
    }


@pytest.fixture
def data(tmp_path, monkeypatch):
    """The data folder of a server: `<beamline>/<proposal>/{raw,processed}`."""
    folder = tmp_path / "beamtimes"
    make_data(folder)
    monkeypatch.setenv("DAISY_DATA", str(folder))
    return folder


@pytest.fixture
def raw(data):
    return data / "B7" / "2026-0042" / "raw"


@pytest.fixture
def get(data, jp_fetch):
    """Ask a route; the points of a region go in the body."""

    async def get(route, points=None, **query):
        if isinstance(points, int):  # those of a curve: how many there are
            query["points"], points = points, None
        query = {name: str(value) for name, value in query.items()}
        body = {} if points is None else {"body": json.dumps({"points": points})}
        method = "POST" if body else "GET"
        return await jp_fetch("daisy", route, params=query, method=method, **body)

    return get


@pytest.fixture
def ask(get):
    """Ask a route that answers with JSON."""

    async def ask(route, **query):
        return json.loads((await get(route, **query)).body)

    return ask


@pytest.fixture
def picture(get):
    """Ask for a tile: what is told of it, and its codes."""

    async def picture(**query):
        told, codes, rest = tile_and_rest((await get("tile", **query)).body)
        assert not rest
        return told, codes

    return picture


@pytest.fixture
def refused(get):
    """Ask a route that refuses: the status, and what is told."""

    async def refused(route, **query):
        with pytest.raises(HTTPClientError) as error:
            await get(route, **query)
        return error.value.code, json.loads(error.value.response.body)

    return refused


def make_data(folder):
    """Write two proposals: one with good and bad scans, one empty."""
    raw = folder / "B7" / "2026-0042" / "raw"
    for path in (raw, raw.parent / "processed", folder / "B8" / "2026-0100" / "raw"):
        path.mkdir(parents=True)
    for number in range(3):
        file = raw / f"scan_{number:04d}.nxs"
        write_scan(file, number)
        os.utime(file, (1_790_000_000 + 600 * number,) * 2)
    whole = (raw / "scan_0000.nxs").read_bytes()
    bad = {"truncated.h5": whole[:5000], "empty.h5": b"", "text.h5": b"no HDF5 here\n"}
    for name, content in bad.items():
        (raw / name).write_bytes(content)
    with h5py.File(raw / "stopped.h5", "w") as file:
        file.create_dataset(
            "entry/data/data",
            (0, 16, 16),
            "u2",
            chunks=(1, 16, 16),
            maxshape=(None, 16, 16),
        )
    for name, last in (("tiff", (64, 80)), ("mixed", (64, 81))):
        (raw / name).mkdir()
        for frame in range(5):
            shape = (64, 80) if frame < 4 else last
            values = np.arange(shape[0] * shape[1]).reshape(shape) + 100 * frame
            tifffile.imwrite(
                raw / name / f"{name}_{frame:03d}.tif", values.astype("u2")
            )
    for path in raw.iterdir():
        if not path.name.startswith("scan_"):
            os.utime(path, (1_780_000_000,) * 2)


def write_scan(path, number):
    """Write rings that turn with the angle, and a beam current beside them."""
    random = np.random.default_rng(number)
    rows, columns = np.mgrid[:256, :384]
    radius = np.hypot(rows - 128, columns - 192)
    with h5py.File(path, "w") as file:
        file.attrs["default"] = "entry"
        entry = file.create_group("entry")
        entry.attrs.update(NX_class="NXentry", default="data")
        entry["title"] = f"Rings {number}"
        entry["definition"] = "NXtomo"
        entry["start_time"] = f"2026-11-02T10:{number:02d}:00"
        data = entry.create_group("data")
        data.attrs.update(NX_class="NXdata", signal="data")
        data.attrs["axes"] = ["rotation_angle", ".", "."]
        frames = np.stack(
            [
                random.poisson(200 + 150 * np.cos(radius / (6 + 0.2 * k + number)))
                for k in range(24)
            ]
        ).astype("u2")
        frames[:, 10, 10] = 65535
        signal = data.create_dataset(
            "data", data=frames, chunks=(1, 256, 384), compression="gzip"
        )
        signal.attrs["units"] = "counts"
        data["rotation_angle"] = np.linspace(0, 180, 24)
        data["rotation_angle"].attrs["units"] = "deg"
        monitor = entry.create_group("monitor")
        monitor.attrs.update(NX_class="NXdata", signal="current", axes="time")
        monitor["time"] = np.arange(5000) * 0.1
        monitor["time"].attrs["units"] = "s"
        monitor["current"] = 200 + random.normal(size=5000)
        monitor["current"].attrs["units"] = "mA"
        entry["count"] = np.int64(2**60 + 1)
        entry["loop"] = h5py.SoftLink("/entry")
        entry["gone"] = h5py.ExternalLink("absent.h5", "/x")


@pytest.fixture(scope="session")
def labextension():
    """The built TypeScript part; built here where that was not done."""
    return built_labextension()


@pytest.fixture(scope="session")
def settled():
    """Make files old enough, so that none counts as being written."""

    def settled(folder):
        for number, file in enumerate(sorted(folder.iterdir())):
            os.utime(file, (1_790_100_000 + 60 * number,) * 2)
        return folder

    return settled


@pytest.fixture(scope="session", name="make_data")
def _make_data():
    """For a server that a test starts by itself."""
    return make_data


@pytest.fixture(scope="module")
def lab(labextension, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    make_data(home / "data")
    lab = Lab(home, home / "data").start()
    yield lab
    lab.stop()


@pytest.fixture(scope="module")
def chromium():
    # not longer than a module: Playwright's loop would be in the way of others
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium_path(), args=CHROMIUM_FLAGS
        )
        yield browser
        browser.close()


class Watched:
    """A page that remembers what it asked for and complained about."""

    def __init__(self, browser, lab, **options):
        self.lab = lab
        self.context = browser.new_context(
            viewport={"width": 1440, "height": 900}, **options
        )
        self.page = self.context.new_page()
        self.requests, self.left, self.complaints = [], [], []
        self.page.on("request", self._asked)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _asked(self, request):
        self.requests.append(request.url)
        if not request.url.startswith((self.lab.address, "data:", "blob:")):
            self.left.append(request.url)

    def _said(self, message):
        # a refused file is answered with 4xx, which Chromium itself reports
        refused = r"Failed to load resource.* status of 4"
        if message.type == "error" and not re.search(refused, message.text):
            self.complaints.append(message.text)

    def open(self, path="", ready=".jp-Launcher"):
        token = f"token={self.lab.token}"
        self.page.goto(f"{self.lab.address}/lab{path}?{token}&reset")
        self.page.wait_for_selector(ready, timeout=60_000)
        return self.page

    def goto(self, path):
        """Go to a file or folder; the first address also logs in."""
        path, hash, fragment = path.partition("#")
        first = self.page.url == "about:blank"
        query = f"?token={self.lab.token}&reset" if first else ""
        link = f"/lab/tree/data/{path}{query}{hash}{fragment}"
        self.page.goto(f"{self.lab.address}{link}")
        return self.page

    def picture(self, name):
        ARTIFACTS.mkdir(exist_ok=True)
        self.page.screenshot(path=ARTIFACTS / f"{name}.png")

    def asked(self, part):
        return [url for url in self.requests if part in url]


@pytest.fixture
def watched(chromium, lab, request):
    watched = Watched(chromium, lab)
    yield watched
    if watched.page.url != "about:blank":
        watched.picture(f"last-{request.node.name[5:40]}")
    watched.context.close()
    assert not watched.left, "a request left the machine"
    assert not watched.complaints


VIEW = "[...document.querySelectorAll('.jp-Daisy-viewBody')].find(v => v.offsetParent)"
DRAWN = f"() => {{ const v = {VIEW}; return v && v.dataset.busy === 'false' }}"
PIXELS = f"""() => {{
  const canvas = {VIEW}?.querySelector('canvas');
  if (!canvas?.width) return {{ shades: 0, sum: -1 }};
  const {{ width, height }} = canvas;
  const data = canvas.getContext('2d').getImageData(0, 0, width, height).data;
  const seen = new Set();
  let sum = 0;
  for (let i = 0; i < data.length; i += 4) {{
    seen.add(data[i]);
    sum = (sum * 31 + data[i]) % 1000003;
  }}
  return {{ shades: seen.size, sum }};
}}"""


@pytest.fixture
def large_stack():
    """Write 1000 frames, of which a projection takes seconds and the file little."""

    def write(path):
        tile = np.random.default_rng(1).integers(0, 50, (16, 64), "u2")
        frame = zlib.compress(np.tile(tile, (64, 16)).tobytes(), 1)
        with h5py.File(path, "w") as file:
            shape, chunks = (1000, 1024, 1024), (1, 1024, 1024)
            made = file.create_dataset(
                "data", shape, "u2", chunks=chunks, compression="gzip"
            )
            for i in range(len(made)):
                made.id.write_direct_chunk((i, 0, 0), frame)
        return tile

    return write


class User:
    """The few gestures the tests are made of."""

    VIEW, PIXELS = VIEW, PIXELS
    SHADES = f"() => ({PIXELS})().shades"

    def __init__(self, watched):
        self.watched, self.page = watched, watched.page

    def data(self):
        tab = self.page.get_by_role("tab", name="Data")
        if tab.get_attribute("aria-selected") != "true":
            tab.click()
        self.row("scan_0002.nxs").wait_for()

    def row(self, name):
        label = self.page.locator(
            ".jp-Daisy-label", has_text=re.compile(f"^{re.escape(name)}")
        )
        return self.page.locator("[role=treeitem]", has=label).first

    def look_into(self, name):
        self.row(name).locator(".jp-Daisy-caret").click()

    @property
    def view(self):
        return self.page.locator(".jp-Daisy-viewBody:visible")

    def drawn(self):
        self.page.wait_for_function(DRAWN, timeout=20_000)
        return self.page.evaluate(PIXELS)

    def charted(self):
        """Wait until a curve is on the screen, and in the picture of the page."""
        self.page.wait_for_selector(".jp-Daisy-line:visible[data-busy=false]")
        chart = self.view.locator(".jp-Daisy-chart canvas")
        chart.first.wait_for()
        end = time.monotonic() + 20
        while (blue := self.blue_pixels(chart)) < 100:
            assert time.monotonic() < end, f"{blue} pixels of the curve's colour"
        return blue

    def blue_pixels(self, element):
        """Count the pixels of the first curve: WebGL keeps none to be read back."""
        box = element.first.bounding_box() if element.count() else None
        if not box:  # the chart of another dataset, on its way
            return 0
        shot = io.BytesIO(self.page.screenshot(clip=box))
        image = np.asarray(Image.open(shot).convert("RGB"))
        red, green, blue = image.astype(int).transpose(2, 0, 1)
        return int(((blue > 150) & (blue - red > 80) & (blue - green > 30)).sum())

    def drawn_anew(self, before):
        changed = f"old => {{ const p = ({PIXELS})(); return p.sum !== old }}"
        self.drawn()
        self.page.wait_for_function(changed, arg=before["sum"], timeout=20_000)
        return self.drawn()

    def tab(self):
        return self.page.locator(
            ".lm-DockPanel-tabBar .lm-mod-current"
        ).first.inner_text()


@pytest.fixture
def user(watched):
    return User(watched)
