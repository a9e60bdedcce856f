"""The two applications, and the gestures by which they are used."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, ClassVar
from urllib.parse import urlencode

from bench.browser import data
from bench.browser.clock import SCRIPT, Drawn, timed
from bench.browser.traffic import Traffic
from labs import Lab

READY_SECONDS = 60
LIMIT = 60.0
FIRST_PAGE = 20  # names in the window: the first page of a list is there
_SCROLLS = 12
_TAB = ".lm-DockPanel-tabBar .lm-TabBar-tab.lm-mod-current"
_FETCH = """async address => {
  const start = performance.now();
  const answer = await fetch(address);
  const body = await answer.arrayBuffer();
  for (let i = 0; i < 2; i++) {
    await new Promise(requestAnimationFrame);
  }
  const seconds = (performance.now() - start) / 1000;
  const first = new Uint8Array(body).subarray(0, 4096);
  const head = new TextDecoder().decode(first);
  return { seconds, ok: answer.ok, bytes: body.byteLength, head };
}"""

# the parts of an answer of pictures that follow one another, see readTiles
_PARTS = """async address => {
  const answer = await fetch(address, { cache: 'force-cache' });
  const body = await answer.arrayBuffer();
  const view = new DataView(body);
  const ends = [];
  for (let start = 0; start < body.byteLength; start = ends.at(-1)) {
    const size = view.getUint32(start, true);
    const text = new Uint8Array(body, start + 4, size);
    const { bytes } = JSON.parse(new TextDecoder().decode(text));
    ends.push(start + Math.ceil((4 + size) / 8) * 8 + bytes);
  }
  return ends;
}"""


class App:
    """A page of one of the applications, in a browser.

    Attributes
    ----------
    page
        The page that is open now.
    loading
        Told when JupyterLab begins to load a page, and when it has done so.
    """

    name: ClassVar[str]
    within: ClassVar[str]
    busy: ClassVar[str | None] = None
    new_slice: ClassVar[str]
    seen_slice: ClassVar[str]
    ahead_slice: ClassVar[str | None] = None
    page: Any
    traffic: Traffic

    def __init__(self, browser: Any, lab: Lab, port: int | None = None) -> None:
        self._lab = lab
        self._address = f"http://127.0.0.1:{port or lab.port}"
        self._context = browser.new_context(viewport={"width": 1440, "height": 900})
        self._context.add_init_script(path=SCRIPT)
        self.page = None
        self.loading: Callable[[bool], None] = lambda begins: None

    def new_page(self) -> None:
        """Open JupyterLab anew, and wait until files can be chosen."""
        self.loading(True)
        if self.page is not None:
            self.page.close()
        self.page = self._context.new_page()
        self.page.set_default_timeout(READY_SECONDS * 1e3)
        self.traffic = Traffic(self.page)
        self.page.goto(f"{self._address}/lab?token={self._lab.token}&reset")
        self.page.wait_for_selector(".jp-Launcher")
        self._choose_files()
        self.page.wait_for_load_state("networkidle")
        self.loading(False)

    def open(self, file: str, limit: float = LIMIT) -> Drawn:
        """Open a file as a user does, until its picture is drawn."""
        raise NotImplementedError

    def shut(self) -> None:
        """Close the file that is shown."""
        self.page.locator(_TAB).locator(".lm-TabBar-tabCloseIcon").click()
        self.page.wait_for_selector(f"{self.within} canvas", state="hidden")

    def step(self, key: str) -> Drawn:
        """Go to another slice by a key."""
        self._focus()
        return self._drawn("keydown", lambda: self.page.keyboard.press(key))

    def follows(self, drawn: Drawn) -> dict[str, int]:
        """Say how many bytes of an answer are not needed for the first picture.

        They come behind it in the same answer: a quick line brings them before it
        is drawn, a slow one does not.
        """
        return {}

    def open_group(self, limit: float) -> Drawn:
        """Look into the large group, until its first names are there."""
        raise NotImplementedError

    def scroll_group(self) -> None:
        """Look at more of the large group."""
        raise NotImplementedError

    def nodes(self) -> int:
        """Count the elements of the page."""
        return int(self.page.evaluate("document.querySelectorAll('*').length"))

    def cut(self, file: str, axes: tuple[int, int], at: int, size: data.Size) -> float:
        """Ask for a cut over HTTP; give the seconds until it could be drawn."""
        raise NotImplementedError

    def close(self) -> None:
        """Close the page."""
        self._context.close()

    def _choose_files(self) -> None:
        raise NotImplementedError

    def _focus(self) -> None:
        raise NotImplementedError

    def _drawn(self, event: str, act: Any, limit: float = LIMIT) -> Drawn:
        return timed(self.page, event, act, limit, within=self.within, busy=self.busy)

    def _listed(self, act: Any, names: str, limit: float) -> Drawn:
        return timed(
            self.page,
            "click",
            act,
            limit,
            within=self.within,
            list=names,
            least=FIRST_PAGE,
        )

    def _fetch(self, route: str, query: dict[str, Any]) -> dict[str, Any]:
        address = f"{self._address}/{route}?{urlencode(query)}"
        return dict(self.page.evaluate(_FETCH, address))


class Daisy(App):
    """Ours: the Data sidebar, and the view of a scan."""

    name = "ours"
    within = ".jp-Daisy-viewBody"
    busy = ".jp-Daisy-viewBody[data-busy=true]"
    # ten slices on, which nobody has fetched ahead; and one, which somebody has
    new_slice, seen_slice, ahead_slice = "PageDown", "PageUp", "ArrowLeft"

    def open(self, file: str, limit: float = LIMIT) -> Drawn:
        row = self._row(file)
        row.scroll_into_view_if_needed()
        return self._drawn("click", row.click, limit)

    def open_group(self, limit: float) -> Drawn:
        self._row("group.h5").locator(".jp-Daisy-caret").click()
        caret = self._row(data.GROUP).locator(".jp-Daisy-caret")
        caret.wait_for()
        return self._listed(caret.click, f"{_ROW}[data-row*='#{data.GROUP}/']", limit)

    def follows(self, drawn: Drawn) -> dict[str, int]:
        tiles = [one["name"] for one in drawn.asked if "/daisy/tile" in one["name"]]
        ends = {tile: self.page.evaluate(_PARTS, tile) for tile in tiles}
        return {tile: parts[-1] - parts[0] for tile, parts in ends.items()}

    def scroll_group(self) -> None:
        self.page.locator(".jp-Daisy-tree").hover()
        for _ in range(_SCROLLS):
            self.page.mouse.wheel(0, 2000)
            self.page.wait_for_timeout(50)

    def cut(self, file: str, axes: tuple[int, int], at: int, size: data.Size) -> float:
        path = str(data.RAW / file)
        query = {
            "path": path, "node": data.SIGNAL, "index": at,
            "axes": ",".join(map(str, axes)), "max": "900,900",
        }  # fmt: skip
        told = self._fetch("daisy/tile", query)
        shape = (size.frames, size.side, size.side)
        whole = f'"full": [{shape[axes[0]]}, {shape[axes[1]]}]'
        assert whole in told["head"], f"this is no cut: {told['head']}"
        return float(told["seconds"])

    def _row(self, label: str) -> Any:
        text = re.compile(f"^{re.escape(label)}")
        found = self.page.locator(".jp-Daisy-label", has_text=text)
        return self.page.locator(_ROW, has=found).first

    def _choose_files(self) -> None:
        tab = self.page.get_by_role("tab", name="Data", exact=True)
        if tab.get_attribute("aria-selected") != "true":
            tab.click()
        self._row("bslz4_0.h5").wait_for()

    def _focus(self) -> None:
        self.page.locator(".jp-Daisy-view:visible").first.focus()


class H5web(App):
    """The peer: the file browser, and the widget of h5web."""

    name = "peer"
    within = ".h5web-root"
    new_slice, seen_slice = "ArrowUp", "ArrowDown"

    def open(self, file: str, limit: float = LIMIT) -> Drawn:
        return self._drawn("dblclick", self._row(file).dblclick, limit)

    def open_group(self, limit: float) -> Drawn:
        self._row("group.h5").dblclick()
        row = self.page.locator(f"[data-path='/{data.GROUP}']")
        row.wait_for()
        return self._listed(row.click, f"[data-path^='/{data.GROUP}/']", limit)

    def scroll_group(self) -> None:
        self.page.locator(f"[data-path='/{data.GROUP}']").hover()
        self.page.mouse.wheel(0, 2000)

    def cut(self, file: str, axes: tuple[int, int], at: int, size: data.Size) -> float:
        parts = [":" if axis in axes else str(at) for axis in range(3)]
        query = {
            "file": file, "path": f"/{data.SIGNAL}", "selection": ",".join(parts),
            "format": "bin",
        }  # fmt: skip
        told = self._fetch("h5web/data", query)
        if told["bytes"] != size.frames * size.side * 2:
            raise RuntimeError(f"the peer answered {told['bytes']} bytes")
        return float(told["seconds"])

    def _row(self, label: str) -> Any:
        return self.page.locator(".jp-DirListing-item", has_text=label)

    def _choose_files(self) -> None:
        self._row("bslz4_0.h5").wait_for()

    def _focus(self) -> None:
        self.page.locator("[role=slider][aria-orientation=vertical]").focus()


_ROW = ".jp-Daisy-tree [role=treeitem]"
