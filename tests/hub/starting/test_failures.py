"""What a person is told while a server starts, and when it does not."""

import asyncio

from daisy_hub.starting import failures
from daisy_hub.starting.phases import Phases

URL = "/hub/spawn/anna"


def test_a_failure_carries_cause_lines_and_both_ways_out():
    failed = failures.ended(3, ["Traceback", "<script>"], URL)

    shown = failed.jupyterhub_html_message
    assert "Your server ended with code 3 while it started." in shown
    assert "&lt;script&gt;" in shown
    assert 'href="/hub/spawn/anna"' in shown
    assert 'href="/hub/spawn/anna?opt-rescue=1"' in shown
    assert failed.status_code == 503


def test_a_server_that_could_not_write_is_a_matter_of_the_home():
    lines = ["OSError: [Errno 28] No space left on device: '/home/anna/.local'"]

    failed = failures.ended(1, lines, URL)

    assert failed.reason == "home"
    assert "there is no room left" in failed.jupyterhub_message


def test_the_log_keeps_the_lines_and_the_page_of_words_does_not():
    failed = failures.ended(1, ["one line"], URL)

    assert "one line" in failed.log_message
    assert "one line" not in failed.jupyterhub_message


def test_only_the_last_lines_of_this_start_are_shown(tmp_path):
    log = tmp_path / "server.log"
    log.write_text("of an earlier start\n")
    before = log.stat().st_size
    with log.open("a") as file:
        file.writelines(f"line {n}\n" for n in range(20))

    lines = failures.last_lines(log, before)

    assert lines == [f"line {n}" for n in range(8, 20)]
    log.write_text("of an earlier start\n")
    assert failures.last_lines(log, before) == []
    assert failures.last_lines(tmp_path / "none") == []


def test_phases_are_told_in_order_with_their_times_and_then_end():
    async def told() -> list[dict]:
        phases = Phases()
        phases.begin()
        phases.say("Checking your home")
        task = asyncio.create_task(collect(phases))
        await asyncio.sleep(0.05)
        phases.say("Starting JupyterLab")
        phases.end()
        return await asyncio.wait_for(task, 5)

    events = asyncio.run(told())

    assert [e["message"] for e in events] == [
        "Checking your home",
        "Starting JupyterLab",
    ]
    assert events[0]["progress"] < events[1]["progress"] < 100
    assert all(0 <= e["seconds"] < 5 for e in events)


def test_a_new_start_tells_nothing_of_the_one_before():
    phases = Phases()
    phases.say("of before")
    phases.begin()
    phases.end()

    assert asyncio.run(collect(phases)) == []


async def collect(phases: Phases) -> list[dict]:
    return [event async for event in phases.events()]
