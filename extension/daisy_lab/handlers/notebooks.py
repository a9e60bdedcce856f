"""Routes of notebooks: the gallery, new ones, runs without a page."""

import asyncio

from tornado.web import HTTPError, authenticated

from daisy_kernel.jupyter import gallery
from daisy_kernel.model.errors import GalleryRefused
from daisy_lab import notebooks
from daisy_lab.handlers.base import Handler, errors_in_one_place
from daisy_lab.handlers.sharing import Named, cards, named
from daisy_lab.recorder import Recorder

MOST_CODE = 1_000_000  # characters; the largest painted region has half of them


class TemplatesHandler(Handler):
    """`templates`: the gallery."""

    @authenticated
    @errors_in_one_place
    async def get(self) -> None:
        """List templates."""
        found = await asyncio.to_thread(cards, notebooks.templates())
        self.send({"templates": found})


class NotebooksHandler(Handler):
    """`notebooks` (POST {template?, path?, node?, index?, code?}): start a notebook."""

    @authenticated
    @errors_in_one_place
    async def post(self) -> None:
        """Write a new notebook, never over an older one."""
        wanted = self.get_json_body() or {}
        path = wanted.get("path")
        file = self.places.resolve(str(path)) if path else None
        scan = None if file is None else self.places.code_path(file)
        shared = named(str(wanted.get("template") or ""))
        if shared is not None:
            await self._take(shared)
            return
        if wanted.get("template"):
            template = next(
                (t for t in notebooks.templates() if t.id == wanted["template"]), None
            )
            if template is None:
                raise HTTPError(404, f"there is no template {wanted['template']}")
            notebook = notebooks.from_template(template, scan)
            name = template.id.rpartition("/")[2]
            if file is not None:
                name = f"{file.stem}-{name}"
        elif file is not None and scan is not None:
            index = [None if i is None else int(i) for i in wanted.get("index") or ()]
            code = str(wanted.get("code") or "") or notebooks.line_of_code(
                scan, str(wanted.get("node") or ""), index
            )
            if len(code) > MOST_CODE:
                raise HTTPError(413, f"the code has more than {MOST_CODE} characters")
            notebook = notebooks.for_scan(file.name, code)
            name = file.stem
        else:
            raise HTTPError(400, "name a template or a scan")
        target = notebooks.place_for(self.places, file)
        written = notebooks.write_new(target, name, notebook)
        self.send({"path": self.places.page_path(written)})

    async def _take(self, shared: Named) -> None:
        """Take a copy of a shared notebook, into one's home: it is one's own."""
        home = self.places.home / "notebooks"
        try:
            taken = await asyncio.to_thread(
                gallery.take, shared.proposal, shared.name, home
            )
        except GalleryRefused as refused:
            raise HTTPError(404, str(refused)) from refused
        self.send({"path": self.places.page_path(taken)})


class RecordingsHandler(Handler):
    """`recordings?path`: runs of a notebook whose page has gone."""

    @authenticated
    @errors_in_one_place
    async def get(self) -> None:
        """Describe what runs, or ran, for pages that are not here."""
        recorder: Recorder = self.settings["daisy_recorder"]
        self.send(recorder.describe(self.text("path")))
