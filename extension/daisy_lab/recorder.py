"""Keep the outputs of a run whose page is gone.

Requirements
- Every output of a cell started from a page is in the notebook on disk, also
  when the page closed before it saved, or before the cell even began.
- A page that is there is the only writer of its notebook.
- A page that comes back with its connection (a laptop opened again) is served
  from the server's own buffer; what was written meanwhile is then taken back,
  so that it can save without a conflict.
- A new page finds the outputs on disk and can ask what still runs.

The server listens to each kernel with a subscription of its own, from the first
page on. Widgets are kept as what they showed last, not as live objects.
"""

import asyncio
import contextlib
import json
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from jupyter_client.jsonutil import json_default
from jupyter_core.utils import ensure_async
from jupyter_server.services.kernels.connection.base import (
    deserialize_binary_message,
    deserialize_msg_from_ws_v1,
    serialize_msg_to_ws_v1,
)
from jupyter_server.services.kernels.connection.channels import (
    ZMQChannelsWebsocketConnection,
)

from daisy_lab.deaths import Deaths
from daisy_lab.outputs import Execution, now, put_outputs

log = logging.getLogger(__name__)

WRITE_SOON = 1.5  # seconds between two writes while outputs come in
SETTLED = timedelta(seconds=10)  # a page saved that long after a run has its outputs
NOTEBOOK_CHANNEL = "v1.kernel.websocket.jupyter.org"


class Recorder:
    """All recordings of one server."""

    def __init__(
        self, contents: Any, kernels: Any, sessions: Any, deaths: Deaths
    ) -> None:
        self.contents = contents
        self.kernels = kernels
        self.sessions = sessions
        self.deaths = deaths
        self.recordings: dict[str, KernelRecording] = {}

    def of(self, kernel_id: str) -> "KernelRecording":
        """Return the recording of a kernel, begun now if there is none."""
        if kernel_id not in self.recordings:
            self.recordings[kernel_id] = KernelRecording(self, kernel_id)
        return self.recordings[kernel_id]

    def forget(self, kernel_id: str) -> None:
        """Drop what belongs to a kernel that was shut down."""
        recording = self.recordings.pop(kernel_id, None)
        if recording is not None:
            recording.close()

    def at(self, path: str) -> list["KernelRecording"]:
        """Return the recordings that write into the notebook at *path*."""
        return [r for r in self.recordings.values() if r.path == path]

    def saved(self, path: str, notebook: dict[str, Any] | None) -> None:
        """Note that a page saved the notebook at *path*."""
        for recording in self.at(path):
            recording.saved_by_page(notebook)

    def describe(self, path: str) -> dict[str, Any]:
        """Say what runs, or ran, for pages of a notebook that have gone."""
        found = [e for r in self.at(path.strip("/")) for e in r.away()]
        began = [e.started or e.requested for e in found]
        # a page is told of the end when the file has it
        ended = [e.finished for e in found if e.finished and _settled(e)]
        running = len(ended) < len(found)
        return {
            "revision": sum(r.revision for r in self.at(path.strip("/"))),
            "running": running,
            "started": min(began).isoformat() if began else None,
            "finished": max(ended).isoformat() if ended and not running else None,
            "failed": any(e.error for e in found),
            "cells": [{"id": e.cell_id, "state": e.state} for e in found],
        }

    async def path_of(self, kernel_id: str) -> str | None:
        """Return the contents path of the notebook a kernel runs for."""
        for session in await ensure_async(self.sessions.list_sessions()):
            kernel = session.get("kernel") or {}
            if kernel.get("id") == kernel_id and session.get("type") == "notebook":
                return str(session["path"])
        return None

    async def close(self) -> None:
        """Write what is open, then end every subscription."""
        for recording in list(self.recordings.values()):
            with contextlib.suppress(Exception):
                await recording.write()
            recording.close()
        self.recordings.clear()


@dataclass(frozen=True)
class Ending:
    """How a kernel's process ended last, and the requests that it was at."""

    reason: str = ""
    cut: tuple[str, ...] = ()


class KernelRecording:
    """What one kernel was asked to run, and what it put out."""

    def __init__(self, recorder: Recorder, kernel_id: str) -> None:
        self.recorder = recorder
        self.kernel_id = kernel_id
        self.path: str | None = None
        self.executions: dict[str, Execution] = {}
        self.owners: dict[str, int] = {}
        self.page_saved: datetime | None = None
        self.revision = 0
        self.ending = Ending()
        self._called_back = False
        self.writing = False
        self._before: _Before | None = None
        self._timer: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()
        self._stream: Any = None
        self._ports: list[int] | None = None

    # --- the page

    def page_came(self, owner: str, *, replayed: bool) -> None:
        """Note an open connection of a page.

        *replayed* says that the server kept every message for this page. Without
        that, what it started before stays ours to write.
        """
        self.listen()
        mine = [e for e in self.executions.values() if e.owner == owner]
        if owner not in self.owners and not replayed:
            for execution in mine:
                execution.owner = ""
        self.owners[owner] = self.owners.get(owner, 0) + 1
        if mine and self._before is not None and not self.away():
            for execution in mine:
                execution.written = False
            before, self._before = self._before, None
            before.restore(self.recorder.contents)

    def page_went(self, owner: str) -> None:
        """Note a closed connection; from now on its outputs go to disk."""
        left = self.owners.get(owner, 0) - 1
        if left > 0:
            self.owners[owner] = left
            return
        self.owners.pop(owner, None)
        if self.away():
            self.write_soon(0.0)

    def requested(self, execution: Execution) -> None:
        """Note a request before it goes to the kernel."""
        for msg_id, older in list(self.executions.items()):
            if older.cell_id == execution.cell_id:
                del self.executions[msg_id]
        execution.path = self.path
        self.executions[execution.msg_id] = execution
        task = asyncio.ensure_future(self._find_path())
        task.add_done_callback(lambda t: t.cancelled() or t.exception())

    def saved_by_page(self, notebook: dict[str, Any] | None) -> None:
        """Drop the executions whose outputs the page has saved itself."""
        if self.writing:
            return
        self.page_saved = now()
        self._before = None
        counts = {
            cell.get("id"): cell.get("execution_count")
            for cell in (notebook or {}).get("cells", [])
        }
        for msg_id, execution in list(self.executions.items()):
            if execution.finished is None:
                continue
            if execution.owner not in self.owners:
                # a newer page has it from the file, and may have changed it
                if execution.written:
                    del self.executions[msg_id]
                continue
            shown = counts.get(execution.cell_id) == execution.execution_count
            if shown or now() - execution.finished > SETTLED:
                del self.executions[msg_id]

    def away(self) -> list[Execution]:
        """Return the executions whose page is not here."""
        return [e for e in self.executions.values() if e.owner not in self.owners]

    # --- the kernel

    def listen(self) -> None:
        """Subscribe to the kernel's outputs, again if its ports changed."""
        manager = self.recorder.kernels.get_kernel(self.kernel_id)
        if self._stream is not None and self._ports == list(manager.ports):
            return
        if not self._called_back:
            # once: a list that grows while it is gone through has no end
            manager.add_restart_callback(self._restarted)
            manager.add_restart_callback(self._died, "dead")
            self._called_back = True
        self._close_stream()
        self._ports = list(manager.ports)
        self._stream = manager.connect_iopub()
        session = manager.session

        def received(parts: list[bytes]) -> None:
            try:
                _, fed = session.feed_identities(parts)
                self._take(session, fed)
            except Exception:
                log.exception("a message of kernel %s was not recorded", self.kernel_id)

        self._stream.on_recv(received)

    def _take(self, session: Any, parts: list[bytes]) -> None:
        """Take one message; parts are signature, header, parent, metadata, content."""
        parent = session.unpack(parts[2])
        execution = self.executions.get(parent.get("msg_id", ""))
        kind = session.unpack(parts[1])["msg_type"]
        if kind == "update_display_data":
            content = session.unpack(parts[4])
            key = content.get("transient", {}).get("display_id", "")
            hit = [e.update_display(key, content) for e in self.executions.values()]
            if any(hit) and self.away():
                self.write_soon()
        elif execution is not None:
            changed = execution.take(kind, session.unpack(parts[4]))
            if execution.state == "skipped":
                self.executions.pop(execution.msg_id, None)
            if changed and execution.owner not in self.owners:
                self.write_soon(0.2 if execution.finished else WRITE_SOON)

    def _restarted(self) -> None:
        self._stop("The kernel was restarted: this cell did not finish.")
        self._close_stream()
        self._ports = None
        self._stream_again()

    def _stream_again(self) -> None:
        with contextlib.suppress(Exception):
            self.listen()

    def _died(self) -> None:
        self._stop("The kernel died: this cell did not finish.")

    def _stop(self, otherwise: str) -> None:
        reason = self.recorder.deaths.why(self.kernel_id)
        unfinished = [e for e in self.executions.values() if not e.finished]
        # a crash may be sooner than the news that its cell runs: it is the first then
        cut = [e for e in unfinished if e.started] or unfinished[:1]
        self.ending = Ending(reason, tuple(e.msg_id for e in cut))
        reason = reason or otherwise
        for execution in self.executions.values():
            execution.stop(reason)
        if self.away():
            self.write_soon(0.0)

    # --- the file

    def write_soon(self, delay: float = WRITE_SOON) -> None:
        """Write after *delay* seconds; a write that is nearer stays."""
        if self._timer is not None and not self._timer.done():
            if delay >= WRITE_SOON:
                return
            self._timer.cancel()
        self._timer = asyncio.ensure_future(self._write_after(delay))

    async def _write_after(self, delay: float) -> None:
        await asyncio.sleep(delay)
        try:
            # a write that has begun is finished even if a nearer one is asked for
            await asyncio.shield(asyncio.ensure_future(self.write()))
        except asyncio.CancelledError:
            raise
        except Exception:
            log.exception("outputs were not written to %s", self.path)

    async def write(self) -> None:
        """Put what pages that are gone would have shown into the notebook."""
        async with self._lock:
            executions = self.away()
            await self._find_path()
            if not executions or self.path is None:
                return
            contents = self.recorder.contents
            model = await ensure_async(contents.get(self.path, content=True))
            before = _Before.of(contents, self.path)
            notebook = model["content"]
            complete = [e for e in executions if e.finished is not None]
            if not put_outputs(notebook, executions, saved=self.page_saved):
                _mark_written(complete)
                self.revision += 1
                return
            self.writing = True
            try:
                request = {"type": "notebook", "format": "json", "content": notebook}
                await ensure_async(contents.save(request, self.path))
            finally:
                self.writing = False
            if self._before is None:
                self._before = before
            if self._before is not None:
                self._before.written(contents)
            _mark_written(complete)
            self.revision += 1

    async def _find_path(self) -> None:
        found = await self.recorder.path_of(self.kernel_id)
        if found is not None:
            self.path = found

    def close(self) -> None:
        """End the subscription."""
        if self._timer is not None:
            self._timer.cancel()
        self._close_stream()

    def _close_stream(self) -> None:
        if self._stream is not None and not self._stream.closed():
            self._stream.on_recv(None)
            self._stream.close()
        self._stream = None


def _settled(execution: Execution) -> bool:
    late = execution.finished is not None and now() - execution.finished > SETTLED
    return execution.written or late


def _mark_written(executions: list[Execution]) -> None:
    for execution in executions:
        execution.written = True


class _Before:
    """The file as the page last saved it, to give it back to a returning page."""

    def __init__(self, path: str, data: bytes, mtime_ns: int) -> None:
        self.path = path
        self.data = data
        self.mtime_ns = mtime_ns
        self.ours: int | None = None

    @classmethod
    def of(cls, contents: Any, path: str) -> "_Before | None":
        """Return None where notebooks are not plain files."""
        file = _file(contents, path)
        if file is None:
            return None
        return cls(path, file.read_bytes(), file.stat().st_mtime_ns)

    def written(self, contents: Any) -> None:
        """Note the time of our own write."""
        file = _file(contents, self.path)
        self.ours = file.stat().st_mtime_ns if file else None

    def restore(self, contents: Any) -> None:
        """Put the old file back, unless someone else wrote since."""
        file = _file(contents, self.path)
        if file is None or file.stat().st_mtime_ns != self.ours:
            return
        fresh = file.with_name(f".{file.name}.daisy")
        fresh.write_bytes(self.data)
        os.utime(fresh, ns=(self.mtime_ns, self.mtime_ns))
        fresh.replace(file)


def _file(contents: Any, path: str) -> Path | None:
    finder: Callable[[str], str] | None = getattr(contents, "_get_os_path", None)
    if finder is None:
        return None
    try:
        file = Path(finder(path))
    except Exception:
        return None
    return file if file.is_file() else None


class RecordingConnection(ZMQChannelsWebsocketConnection):
    """The connection of a page to a kernel, with the recorder listening."""

    _counted = False

    @property
    def recording(self) -> KernelRecording | None:
        """Return the recording of this kernel."""
        recorder: Recorder | None = self.websocket_handler.settings.get(
            "daisy_recorder"
        )
        return None if recorder is None else recorder.of(self.kernel_id)

    def connect(self) -> Any:
        """Begin to listen before the page can ask for anything."""
        recording = self.recording
        if recording is not None:
            buffers = getattr(self.multi_kernel_manager, "_kernel_buffers", {})
            kept = buffers.get(self.kernel_id, {"session_key": ""})["session_key"]
            recording.page_came(self.session_key, replayed=kept == self.session_key)
            self._counted = True
        return super().connect()

    def disconnect(self) -> Any:
        """Let the recorder take over."""
        result = super().disconnect()  # type: ignore[no-untyped-call]
        if self._counted:
            self._counted = False
            recorder: Recorder = self.websocket_handler.settings["daisy_recorder"]
            if self.kernel_id in self.multi_kernel_manager:
                recorder.of(self.kernel_id).page_went(self.session_key)
            else:
                recorder.forget(self.kernel_id)
        return result

    def handle_incoming_message(self, incoming_msg: Any) -> None:
        """Note what is to be run, then pass it on."""
        try:
            self._note(incoming_msg)
        except Exception:
            log.exception("a request to kernel %s was not recorded", self.kernel_id)
        super().handle_incoming_message(incoming_msg)

    def on_kernel_restarted(self) -> Any:
        """Say in the cell why, before the page forgets what the kernel was at."""
        self._tell_ending()
        return super().on_kernel_restarted()  # type: ignore[no-untyped-call]

    def on_restart_failed(self) -> Any:
        """Say the same of a kernel that does not come back."""
        self._tell_ending()
        return super().on_restart_failed()  # type: ignore[no-untyped-call]

    def _tell_ending(self) -> None:
        recording = self.recording
        if recording is None or not recording.ending.reason:
            return
        for msg_id in recording.ending.cut:
            self._show(f"{recording.ending.reason}\n", msg_id)

    def _show(self, text: str, msg_id: str) -> None:
        """Put a line of red text below the cell of a request."""
        content = {"name": "stderr", "text": text}
        parent = {"header": {"msg_id": msg_id, "msg_type": "execute_request"}}
        message: dict[str, Any] = self.session.msg("stream", content, parent=parent)
        if self.subprotocol == NOTEBOOK_CHANNEL:
            packed = serialize_msg_to_ws_v1(message, "iopub", self.session.pack)  # type: ignore[no-untyped-call]
            self.write_message(packed, binary=True)
        else:
            message["channel"] = "iopub"
            self.write_message(json.dumps(message, default=json_default))

    def _note(self, raw: Any) -> None:
        message = self._execute_request(raw)
        recording = self.recording
        if message is None or recording is None:
            return
        cell_id = (message.get("metadata") or {}).get("cellId")
        if cell_id:
            recording.requested(
                Execution(
                    msg_id=message["header"]["msg_id"],
                    cell_id=cell_id,
                    code=message["content"].get("code", ""),
                    owner=self.session_key,
                )
            )

    def _execute_request(self, raw: Any) -> dict[str, Any] | None:
        if self.subprotocol == NOTEBOOK_CHANNEL:
            channel, parts = deserialize_msg_from_ws_v1(raw)  # type: ignore[no-untyped-call]
            if channel != "shell" or b"execute_request" not in parts[0]:
                return None
            names = ("header", "parent_header", "metadata", "content")
            message = {
                name: json.loads(bytes(part))
                for name, part in zip(names, parts, strict=False)
            }
        elif isinstance(raw, bytes):
            message = deserialize_binary_message(raw)  # type: ignore[no-untyped-call]
        else:
            message = json.loads(raw)
        if message["header"]["msg_type"] != "execute_request":
            return None
        return message
