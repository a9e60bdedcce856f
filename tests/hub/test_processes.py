"""Ending an installation's processes, and no other."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest
from daisy_hub import processes
from daisy_hub.settings import INSTANCE_VARIABLE

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
STUBBORN = [
    sys.executable, "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); "
    "print('up', flush=True); time.sleep(60)",
]  # fmt: skip


@pytest.fixture
def start() -> Iterator:
    started = []

    def start(command: list[str], mark: str) -> subprocess.Popen:
        process = subprocess.Popen(
            command,
            env={**os.environ, INSTANCE_VARIABLE: mark},
            stdout=subprocess.PIPE,
        )
        started.append(process)
        process.stdout.readline()
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def test_only_processes_with_the_mark_are_found_and_ended(start):
    ours, others = start(SLEEP, "ours"), start(SLEEP, "others")

    found = processes.of_instance("ours")
    processes.end(found)

    assert [p.pid for p in found] == [ours.pid]
    assert ours.wait(1) is not None
    assert others.poll() is None


def test_a_process_that_does_not_listen_is_killed(start):
    stubborn = start(STUBBORN, "stubborn")

    before = time.monotonic()
    processes.end([psutil.Process(stubborn.pid)], patience=0.3)

    assert not psutil.pid_exists(stubborn.pid)
    assert time.monotonic() - before < 10


def test_a_signal_to_a_process_that_is_gone_says_so():
    gone = subprocess.Popen(["true"])
    gone.wait()

    assert processes.signal_sandbox(gone.pid, 15) is False
