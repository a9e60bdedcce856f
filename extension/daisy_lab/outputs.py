"""The outputs of one executed cell, built from a kernel's messages.

Pure state: no file, no socket. The rules are those a notebook page follows.
"""

import copy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Output = dict[str, Any]


def now() -> datetime:
    """Return the present time, with its zone."""
    return datetime.now(UTC)


@dataclass
class Execution:
    """One execute_request of a notebook cell, and what came of it."""

    msg_id: str
    cell_id: str
    code: str
    owner: str
    path: str | None = None
    requested: datetime = field(default_factory=now)
    started: datetime | None = None
    finished: datetime | None = None
    execution_count: int | None = None
    outputs: list[Output] = field(default_factory=list)
    display_ids: dict[str, list[Output]] = field(default_factory=dict)
    clear_on_next: bool = False
    error: bool = False
    written: bool = False

    @property
    def state(self) -> str:
        """Return queued, running, finished or skipped."""
        if self.finished is not None:
            return "finished" if self.started is not None else "skipped"
        return "running" if self.started is not None else "queued"

    def take(self, kind: str, content: dict[str, Any]) -> bool:
        """Take one message on the output channel; say whether anything changed."""
        if kind == "execute_input":
            self.started = now()
            self.execution_count = content.get("execution_count")
        elif kind == "status":
            if content.get("execution_state") != "idle":
                return False
            self.finished = now()
        elif kind == "clear_output":
            if content.get("wait"):
                self.clear_on_next = True
                return False
            self._clear()
        elif kind in ("stream", "display_data", "execute_result", "error"):
            if self.clear_on_next:
                self._clear()
            self._add(kind, content)
        else:
            return False
        return True

    def stop(self, reason: str) -> None:
        """End an execution whose kernel is gone, and say why in the cell."""
        if self.finished is None:
            self.finished = now()
            if self.started is not None:
                self._add("stream", {"name": "stderr", "text": f"{reason}\n"})

    def update_display(self, display_id: str, content: dict[str, Any]) -> bool:
        """Replace what was shown under *display_id*; say whether it was here."""
        shown = self.display_ids.get(display_id, [])
        for output in shown:
            output["data"] = copy.deepcopy(content.get("data", {}))
            output["metadata"] = copy.deepcopy(content.get("metadata", {}))
        return bool(shown)

    def _clear(self) -> None:
        self.outputs.clear()
        self.display_ids.clear()
        self.clear_on_next = False

    def _add(self, kind: str, content: dict[str, Any]) -> None:
        if kind == "stream":
            name, text = content["name"], content["text"]
            last = self.outputs[-1] if self.outputs else None
            if last and last["output_type"] == "stream" and last["name"] == name:
                last["text"] = overwrite(last["text"] + text)
            else:
                self.outputs.append(
                    {"output_type": "stream", "name": name, "text": overwrite(text)}
                )
            return
        if kind == "error":
            self.error = True
            self.outputs.append(
                {
                    "output_type": "error",
                    "ename": content.get("ename", ""),
                    "evalue": content.get("evalue", ""),
                    "traceback": list(content.get("traceback", [])),
                }
            )
            return
        output: Output = {
            "output_type": kind,
            "data": copy.deepcopy(content.get("data", {})),
            "metadata": copy.deepcopy(content.get("metadata", {})),
        }
        if kind == "execute_result":
            output["execution_count"] = content.get("execution_count")
        self.outputs.append(output)
        display_id = content.get("transient", {}).get("display_id")
        if display_id:
            self.display_ids.setdefault(display_id, []).append(output)


def overwrite(text: str) -> str:
    r"""Apply carriage returns, so that a progress bar stays one line.

    >>> overwrite("10 %\r50 %\r100 %\nready\n")
    '100 %\nready\n'
    """
    if "\r" not in text:
        return text
    lines = []
    for line in text.replace("\r\n", "\n").split("\n"):
        kept = ""
        for part in line.split("\r"):
            kept = part + kept[len(part) :]
        # a return at the end of what came so far must act on what comes next
        lines.append(kept + "\r" if line.endswith("\r") else kept)
    return "\n".join(lines)


def put_outputs(
    notebook: dict[str, Any],
    executions: list[Execution],
    *,
    saved: datetime | None,
) -> bool:
    """Put recorded outputs into the cells of a notebook; say if it changed.

    A cell that the page never saved is put in behind the cell that ran before
    it. Code is restored only where the page has not been saved since the run
    began: after that, what the file says is newer.
    """
    cells: list[dict[str, Any]] = notebook["cells"]
    changed = False
    before: str | None = None
    for execution in executions:
        position = _position(cells, execution.cell_id)
        unsaved = saved is None or saved < execution.requested
        if position is None:
            if not unsaved:
                continue
            at = _position(cells, before) if before else len(cells) - 1
            position = len(cells) if at is None else at + 1
            cells.insert(position, _cell(execution))
            changed = True
        before = execution.cell_id
        if execution.state in ("queued", "skipped"):
            continue
        cell = cells[position]
        if cell["cell_type"] != "code":
            continue
        if unsaved and _text(cell["source"]) != execution.code:
            cell["source"] = execution.code
            changed = True
        outputs = copy.deepcopy(execution.outputs)
        count = execution.execution_count
        if cell.get("outputs") != outputs or cell.get("execution_count") != count:
            cell["outputs"] = outputs
            cell["execution_count"] = count
            # these outputs came from this user's own kernel
            cell.setdefault("metadata", {})["trusted"] = True
            changed = True
    return changed


def _position(cells: list[dict[str, Any]], cell_id: str | None) -> int | None:
    return next((i for i, cell in enumerate(cells) if cell.get("id") == cell_id), None)


def _cell(execution: Execution) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "id": execution.cell_id,
        "metadata": {},
        "source": execution.code,
        "outputs": [],
        "execution_count": None,
    }


def _text(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)
