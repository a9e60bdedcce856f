"""The benchmark of the browser, small, untimed and without the peer."""

import math
import socket
import time
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from bench.browser import data, measure, relay, report, table
from bench.pages import write_part


@pytest.fixture(autouse=True)
def jp_server_cleanup() -> None:
    """Nothing to clean: no server runs in this process."""


def test_part_of_the_page_is_replaced_and_the_others_stay(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    marks = "<!-- part: {0} -->\n{1}\n<!-- end: {0} -->\n"
    page.write_text(marks.format("io", "kept") + marks.format("browser", "old"))

    write_part("browser", r"new \1", page)

    assert "kept" in page.read_text()
    assert r"new \1" in page.read_text()
    assert "old" not in page.read_text()
    with pytest.raises(ValueError, match="0 parts other"):
        write_part("other", "", page)


def test_slow_line_keeps_its_round_trip_and_its_rate() -> None:
    size = 500_000
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = Thread(target=_answer_once, args=(server, b"x" * size))
        thread.start()
        with relay.slow_line(server.getsockname()[1]) as port:
            start = time.perf_counter()
            with socket.create_connection(("127.0.0.1", port)) as client:
                client.sendall(b"?")
                first = len(client.recv(1 << 20)), time.perf_counter() - start
                received = first[0]
                while piece := client.recv(1 << 20):
                    received += len(piece)
            seconds = time.perf_counter() - start
        thread.join()

    assert received == size
    assert first[1] >= 2 * relay.ROUND_TRIP  # one for the connection
    assert seconds >= 2 * relay.ROUND_TRIP + size / relay.BYTES_PER_SECOND


def _answer_once(server: socket.socket, answer: bytes) -> None:
    connection, _ = server.accept()
    with connection:
        connection.recv(1)
        connection.sendall(answer)


@pytest.mark.service
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_all_rows_are_measured(tmp_path: Path) -> None:
    data.make(tmp_path, data.SMALL)

    ours, peer = measure.measure(
        tmp_path, data.SMALL, measure.SMALL, with_peer=False, say=print
    )

    entries = table.entries(ours, peer)
    assert [one["action"] for one in entries] == [row.action for row in table.ROWS]
    assert len(entries) == 15
    for one in entries:
        assert one["peer"] is None
        assert math.isfinite(one["ours"]), one["action"]
    assert min(ours.shades) > 50, "a canvas is black"
    assert report.plain(entries).count("\n") == 14


def test_missed_rows_are_marked() -> None:
    machine: dict[str, Any] = {
        "processor": "x", "cpus": 2, "memory_gb": 24.0, "load": 0.1, "versions": {},
        "line": "a relay",
    }  # fmt: skip
    ours = table.Found()
    ours.add(table.NEW, 0.5)
    ours.add(table.SEEN, 0.04)

    part = report.part(table.entries(ours, None), machine, ours, None)

    assert "| - | 0.5 s (missed) | 0.15 s |" in part
    assert "| - | **0.04 s** | 0.05 s |" in part
