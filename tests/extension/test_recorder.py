"""The run outlives the page: a real server, a real kernel, a real websocket."""

import asyncio
import contextlib
import inspect
import json
import os
import re
import time
import uuid

import pytest

pytestmark = [pytest.mark.service, pytest.mark.timeout(120)]


class Page:
    """What a notebook page does: open a session, run cells, go away."""

    def __init__(self, fetch, connect, root):
        self.fetch, self.connect, self.root = fetch, connect, root
        self.session = uuid.uuid4().hex
        self.socket = None

    async def start(self, path):
        body = {
            "path": path,
            "type": "notebook",
            "name": path,
            "kernel": {"name": "python3"},
        }
        answer = await self.fetch(
            "api", "sessions", method="POST", body=json.dumps(body)
        )
        self.kernel = json.loads(answer.body)["kernel"]["id"]
        await self.open()

    async def open(self):
        address = ("api", "kernels", self.kernel, "channels")
        self.socket = await self.connect(*address, params={"session_id": self.session})
        ready = self.send("kernel_info_request", {})
        await self.wait(lambda m: m["parent_header"].get("msg_id") == ready)

    def send(self, kind, content, **metadata):
        header = {
            "msg_id": uuid.uuid4().hex,
            "msg_type": kind,
            "session": self.session,
            "username": "",
            "version": "5.3",
            "date": "2026-01-01T00:00:00Z",
        }
        message = {
            "channel": "shell",
            "header": header,
            "parent_header": {},
            "metadata": metadata,
            "content": content,
        }
        self.socket.write_message(json.dumps(message))
        return header["msg_id"]

    def run(self, cell):
        content = {"code": cell["source"], "stop_on_error": True}
        return self.send("execute_request", content, cellId=cell["id"])

    async def wait(self, found, limit=30):
        async with asyncio.timeout(limit):
            while True:
                message = json.loads(await self.socket.read_message())
                if found(message):
                    return message

    async def close(self):
        self.socket.close()
        while await self.socket.read_message() is not None:
            pass


@pytest.fixture
def page(jp_fetch, jp_ws_fetch, jp_root_dir):
    return Page(jp_fetch, jp_ws_fetch, jp_root_dir)


def write(file, *sources):
    cells = [
        {
            "cell_type": "code",
            "id": f"cell{number}",
            "metadata": {},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for number, source in enumerate(sources)
    ]
    file.write_text(
        json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells})
    )
    return cells


async def read(file):
    """Read the cells; the server, which writes them, runs in this very loop."""
    for _ in range(100):
        # Jupyter writes in place, after a copy: for a moment there is half of it
        with contextlib.suppress(json.JSONDecodeError):
            return json.loads(file.read_text())["cells"]
        await asyncio.sleep(0.05)
    raise AssertionError(f"{file} is no notebook")


async def until(found, limit=40):
    end = time.monotonic() + limit
    while not await resolved(found()):
        assert time.monotonic() < end, "the condition was not met in time"
        await asyncio.sleep(0.1)


async def resolved(value):
    return await value if inspect.isawaitable(value) else value


async def until_cells(file, found, limit=40):
    """Wait until the cells of a notebook are so."""

    async def holds():
        return found(await read(file))

    await until(holds, limit)


def shown(cell):
    return "".join(
        "".join(o.get("text", "")) or "".join(o.get("data", {}).get("text/plain", ""))
        for o in cell["outputs"]
    )


SLOW = "import time\nfor i in range(6):\n    print(i, flush=True)\n    time.sleep(0.3)"


async def test_every_output_is_on_disk_after_the_page_closed(page, jp_fetch):
    file = page.root / "run.ipynb"
    cells = write(
        file,
        "print('before')",
        SLOW,
        "from IPython.display import display\n"
        "h = display('first', display_id='x')\n"
        "display('second', display_id='x', update=True);",
        "40 + 2",
        "1 / 0",
        "print('never')",
    )
    await page.start("run.ipynb")
    for cell in cells:
        page.run(cell)
    await page.wait(lambda m: m["content"].get("text", "").startswith("0"))
    await page.close()

    await until_cells(file, lambda cells: cells[4]["outputs"])
    found = await read(file)
    assert shown(found[0]) == "before\n"
    assert shown(found[1]) == "0\n1\n2\n3\n4\n5\n"
    assert shown(found[2]) == "'second'"
    assert shown(found[3]) == "42"
    assert found[4]["outputs"][0]["ename"] == "ZeroDivisionError"
    assert found[5]["outputs"] == []  # an error ends the run, as in the page
    assert [c["execution_count"] for c in found] == [1, 2, 3, 4, 5, None]
    told = json.loads(
        (await jp_fetch("daisy", "recordings", params={"path": "run.ipynb"})).body
    )
    assert told["running"] is False
    assert told["failed"] is True
    assert told["finished"]


async def test_a_cell_that_was_never_saved_is_put_where_it_ran(page):
    file = page.root / "run.ipynb"
    first, last = write(file, "1", "2")
    await page.start("run.ipynb")
    page.run(first)
    page.run({"id": "fresh", "source": "import time; time.sleep(1); 'fresh'"})
    changed = page.run({**last, "source": "2 + 20"})
    assert changed
    await page.close()

    await until_cells(file, lambda cells: any(shown(c) == "22" for c in cells))
    found = await read(file)
    assert [c["id"] for c in found] == ["cell0", "fresh", "cell1"]
    assert [shown(c) for c in found] == ["1", "'fresh'", "22"]
    assert "".join(found[2]["source"]) == "2 + 20"


async def test_a_page_that_is_there_is_the_only_writer(page):
    file = page.root / "run.ipynb"
    cells = write(file, "print(1)")
    before = file.read_bytes()
    await page.start("run.ipynb")
    request = page.run(cells[0])
    await page.wait(
        lambda m: (
            m["parent_header"].get("msg_id") == request
            and m["content"].get("execution_state") == "idle"
        )
    )
    await asyncio.sleep(2.5)  # longer than the recorder waits before it writes

    assert file.read_bytes() == before


async def test_a_page_that_comes_back_gets_its_file_and_its_messages(page):
    file = page.root / "run.ipynb"
    cells = write(file, SLOW)
    os.utime(file, (1_700_000_000, 1_700_000_000))
    before = (file.read_bytes(), file.stat().st_mtime_ns)
    await page.start("run.ipynb")
    page.run(cells[0])
    await page.wait(lambda m: m["content"].get("text", "").startswith("0"))
    await page.close()
    await until_cells(file, lambda cells: "5" in shown(cells[0]))

    address = ("api", "kernels", page.kernel, "channels")
    page.socket = await page.connect(*address, params={"session_id": page.session})
    await page.wait(lambda m: m["content"].get("text", "").startswith("5"))

    assert (file.read_bytes(), file.stat().st_mtime_ns) == before
    await page.close()
    await until_cells(file, lambda cells: "5" in shown(cells[0]))


async def test_what_the_page_saved_itself_is_left_alone(page, jp_fetch):
    file = page.root / "run.ipynb"
    cells = write(file, "print(1)")
    await page.start("run.ipynb")
    request = page.run(cells[0])
    await page.wait(
        lambda m: (
            m["parent_header"].get("msg_id") == request
            and m["content"].get("execution_state") == "idle"
        )
    )
    saved = json.loads(file.read_text())
    saved["cells"][0] |= {"execution_count": 1, "source": "print(1)  # edited"}
    body = {"type": "notebook", "format": "json", "content": saved}
    await jp_fetch("api", "contents", "run.ipynb", method="PUT", body=json.dumps(body))
    before = file.read_bytes()
    await page.close()
    await asyncio.sleep(2.5)

    assert file.read_bytes() == before


async def test_a_busy_kernel_keeps_the_server_awake(page, jp_serverapp):
    from daisy_lab.app import any_busy

    cells = write(page.root / "run.ipynb", "import time; time.sleep(3)")
    await page.start("run.ipynb")
    assert not any_busy(jp_serverapp.kernel_manager)
    page.run(cells[0])
    await until(lambda: any_busy(jp_serverapp.kernel_manager), 10)


HELD = "import os, signal; held = b'x' * 2**28; print('at it', flush=True)\n"
KILLED = HELD + "os.kill(os.getpid(), signal.SIGKILL)"


async def test_a_killed_kernel_says_why_in_the_cell_before_the_page_forgets_it(
    page, jp_serverapp
):
    cells = write(page.root / "run.ipynb", "import time; time.sleep(1.5)\n" + KILLED)
    await page.start("run.ipynb")
    asked = page.run(cells[0])
    jp_serverapp.web_app.settings["daisy_deaths"].look()

    said = await page.wait(
        lambda m: m["content"].get("name") == "stderr" or restarts(m), 30
    )
    await page.wait(restarts)
    await is_back(jp_serverapp, page.kernel)

    assert said["parent_header"]["msg_id"] == asked
    assert "The kernel was killed (signal 9), most likely" in said["content"]["text"]
    assert re.search(r"it held \d+\.\d of \d+\.\d GiB", said["content"]["text"])
    assert "Work on fewer frames at once" in said["content"]["text"]


async def test_a_killed_kernel_says_why_in_the_file_of_a_page_that_has_gone(
    page, jp_serverapp
):
    file = page.root / "run.ipynb"
    cells = write(file, "import time; print('at it'); time.sleep(2)\n" + KILLED)
    await page.start("run.ipynb")
    page.run(cells[0])
    await page.wait(lambda m: m["header"]["msg_type"] == "stream")
    await page.close()

    words = "most likely because memory ran out"
    await until_cells(file, lambda cells: words in shown(cells[0]))
    await is_back(jp_serverapp, page.kernel)


async def test_a_crash_is_not_called_want_of_memory(page, jp_serverapp):
    crash = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"
    cells = write(page.root / "run.ipynb", crash)
    await page.start("run.ipynb")
    page.run(cells[0])

    said = await page.wait(
        lambda m: m["content"].get("name") == "stderr" or restarts(m), 30
    )

    await is_back(jp_serverapp, page.kernel)
    assert "The kernel crashed (signal 11, SIGSEGV)" in said["content"]["text"]


def restarts(message):
    return message["content"].get("execution_state") == "restarting"


async def is_back(server, kernel_id):
    """Wait for the kernel that was started again: one that starts cannot be ended."""
    manager = server.kernel_manager.get_kernel(kernel_id)

    def runs():
        process = manager.provisioner and manager.provisioner.process
        return process and process.returncode is None and manager.ready.done()

    await until(runs)
