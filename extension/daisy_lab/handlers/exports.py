"""Routes that lead away: what is seen as a file, and files and folders as they are."""

import asyncio
import json
import os
import re
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tornado.web import HTTPError, authenticated

from daisy_lab.archives import FileContent, Member, TarContent, identity_of, tag_of
from daisy_lab.handlers.base import Handler, errors_in_one_place
from daisy_lab.handlers.pictures import bin_of
from daisy_lab.pieces import Selection, inside, pieces
from daisy_lab.ranges import ContentChanged, send
from daisy_lab.workers import WorkerFailed

SUFFIXES = {
    "npy": ".npy",
    "tiff": ".tif",
    "tiff8": "_8bit.tif",
    "tiff16": "_16bit.tif",
    "csv": ".csv",
    "h5": ".h5",
}
KINDS = {".npy": "application/octet-stream", ".csv": "text/csv; charset=utf-8"}
BINARY = "application/octet-stream"
PIECE = 16 * 2**20  # bytes that are read at a time


class ExportHandler(Handler):
    """`export?path&node&selection&format&lo&hi&bin&check`: part of a dataset as a file.

    `selection` has a part for each axis, like `3,0:100,20:80`; `:` and nothing are
    the whole axis. With `bin`, pictures are the means of so many pixels each way. With
    `check` it is only told how large the file will be.

    `export?path&format=csv&curves&axis&x&over&within&offset`: the curves of a plot,
    each with its `node`, `index` and `label` in a JSON list, between two positions.
    """

    pool_name = "daisy_export_pool"

    @authenticated
    @errors_in_one_place
    async def get(self) -> None:
        """Make a file, or tell of it."""
        file, format = self.file(), self.text("format")
        if format not in SUFFIXES:
            raise HTTPError(400, f"format is one of {', '.join(SUFFIXES)}")
        lo, hi, bin = self.value("lo"), self.value("hi"), bin_of(self)
        asked = {
            "node": self.text("node"),
            "selection": parts_of(self.text("selection")),
            "format": format,
            "limits": None if lo is None or hi is None else [lo, hi],
            "bin": bin,
        }
        source = self.places.code_path(file)
        plan = await self._plan(file, asked, source)
        name = _name_of(file, plan.value) + SUFFIXES[format]
        size = len(plan.body) + _data_bytes(plan.value)
        if self.text("check"):
            known = None if format == "h5" else size
            self.send({"name": name, "size": known, "bytes": plan.value["bytes"]})
            return
        if format == "h5":
            await self._send_hdf5(file, asked, source, name)
            return
        content = ExportContent(
            plan.body,
            plan.value,
            lambda selection: self._piece(file, asked, selection, plan.value["cells"]),
            PIECE // bin**2,
            lambda: _tag(
                [str(file), *plan.value["files"]],
                (plan.value, format, lo, hi, bin),
            ),
        )
        await send(self, content, name, KINDS.get(SUFFIXES[format], "image/tiff"))

    async def _plan(self, file: Path, asked: dict[str, Any], source: str) -> Any:
        curves = curves_of(self.text("curves"))
        job, wish = "export_plan", asked
        if curves:
            job, wish = "export_curves", self._drawn(curves, asked["format"])
        try:
            return await self.ask_of_file(job, file, source=source, **wish)
        except WorkerFailed as failed:
            if failed.name != "TooLarge":
                raise
            path = curves[0]["node"] if curves else asked["node"]
            node = f'["{path}"]' if path else ".signal"
            line = f'daisy.open("{source}"){node}'
            raise WorkerFailed(
                failed.status,
                failed.name,
                f"{failed.message}. In a notebook it is {line}",
            ) from None

    def _drawn(self, curves: list[dict[str, Any]], format: str) -> dict[str, Any]:
        if format != "csv":
            raise HTTPError(400, "curves are for text: format=csv")
        ends = [float(end) for end in self.text("within").split(",") if end]
        if len(ends) not in (0, 2):
            raise HTTPError(400, "within has two positions: within=7100,7200")
        return {
            "curves": curves,
            "axis": int(self.text("axis") or -1),
            "x": self.text("x"),
            "over": self.text("over"),
            "within": ends or None,
            "offset": self.value("offset") or 0.0,
        }

    async def _piece(
        self,
        file: Path,
        asked: dict[str, Any],
        selection: Selection,
        cells: list[int] | None,
    ) -> bytes:
        part = {"selection": [_listed(part) for part in selection], "cells": cells}
        wanted = {**asked, **part}
        return (await self.ask_of_file("export_piece", file, **wanted)).body

    async def _send_hdf5(
        self, file: Path, asked: dict[str, Any], source: str, name: str
    ) -> None:
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="daisy-export-"))
        try:
            made = folder / name
            await self.ask_of_file(
                "export_file",
                file,
                node=asked["node"],
                selection=asked["selection"],
                source=source,
                target=str(made),
            )
            content = FileContent(made)
            content.tag = None  # the next one is another file
            await send(self, content, name, "application/x-hdf5")
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


class DownloadHandler(Handler):
    """`download?path`: a file as it is, a folder as a tar; both go on anywhere."""

    pool_name = "daisy_export_pool"

    @authenticated
    @errors_in_one_place
    async def get(self) -> None:
        """Send it, or the part that is still wanted."""
        path = self.file()
        if path.is_file():
            try:
                content = FileContent(path)
            except PermissionError:
                raise HTTPError(403, f"{path} may not be read") from None
            if self.text("check"):
                self.send({"name": path.name, "size": content.size})
                return
            await send(self, content, path.name, BINARY)
            return
        listed = (await self.ask_of_file("listing", path)).value
        members = [Member(n, f, tuple(i)) for n, f, i in listed["files"]]
        tar = TarContent(path.name, members, listed["left_out"])
        if self.text("check"):
            self.send({"name": f"{path.name}.tar", "size": tar.size})
            return
        await send(self, tar, f"{path.name}.tar", "application/x-tar")


@dataclass
class ExportContent:
    """Implements Content: a head, and numbers that are read piece by piece."""

    head: bytes
    plan: dict[str, Any]
    piece: Callable[[Selection], Awaitable[bytes]]
    most: int  # bytes of a piece; what is read for a binned one is larger
    tag_now: Callable[[], str | None]

    @cached_property
    def tag(self) -> str | None:
        """Stands for the files behind it, when it was asked for."""
        return self.tag_now()

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return len(self.head) + _data_bytes(self.plan)

    async def read(self, start: int, end: int) -> AsyncIterator[bytes]:
        """Give the bytes from *start* to *end*."""
        if start < len(self.head):
            yield self.head[start:end]
        outer = tuple(
            tuple(part) if isinstance(part, list) else part
            for part in self.plan["selection"]
        )
        shape, itemsize = tuple(self.plan["shape"]), self.plan["itemsize"]
        for piece in pieces(shape, itemsize, self.most):
            at = len(self.head) + piece.start
            first, last = max(start - at, 0), min(end - at, piece.end - piece.start)
            if first >= last:
                continue
            data = await self.piece(inside(outer, piece.selection))
            if len(data) != piece.end - piece.start:
                raise ContentChanged("the dataset has another shape now")
            # what was read is only of use if it still belongs to the rest
            if self.tag is not None and self.tag != await asyncio.to_thread(
                self.tag_now
            ):
                raise ContentChanged("the file has been changed")
            yield data[first:last]


def _tag(files: list[str], wish: object) -> str | None:
    """Give a tag of an export by the files behind it, none if not all are known."""
    if len(files) == 1:
        return None
    members = [Member("", name, identity_of(os.stat(name))) for name in files]
    return tag_of(members, repr(wish))


def curves_of(text: str) -> list[dict[str, Any]]:
    """Understand a JSON list of curves; none where nothing is given."""
    try:
        return [
            {
                "node": str(curve["node"]),
                "index": [int(at) for at in curve["index"]],
                "label": str(curve.get("label", "")),
            }
            for curve in json.loads(text or "[]")
        ]
    except (ValueError, TypeError, KeyError, AttributeError):
        raise HTTPError(
            400, 'curves is a JSON list like [{"node": "entry/data/y", "index": [3]}]'
        ) from None


def parts_of(text: str) -> list[int | list[int]]:
    """Understand `3,0:100,:`; what is open ends where the axis does."""
    return [_part_of(part.strip()) for part in text.split(",")] if text else []


def _part_of(part: str) -> int | list[int]:
    if part.isdecimal():
        return int(part)
    found = re.fullmatch(r"(\d*):(\d*)", part)
    if not found:
        raise HTTPError(400, f"{part!r} is no part of an axis: like 3, 0:100 or :")
    first, last = found.groups()
    return [int(first or 0), int(last or 2**62)]


def _listed(part: int | tuple[int, int]) -> int | list[int]:
    return list(part) if isinstance(part, tuple) else part


def _data_bytes(plan: dict[str, Any]) -> int:
    size: int = plan["itemsize"]
    for length in plan["shape"]:
        size *= length
    return size


def _name_of(file: Path, plan: dict[str, Any]) -> str:
    dataset = plan["dataset"].rpartition("/")[2]
    places = [str(part) for part in plan["selection"] if isinstance(part, int)]
    name = "_".join([file.stem or file.name, dataset, *places])
    return re.sub(r"[^\w.+-]", "_", name)
