"""Shared memory is opened without a copy, and freed whatever ends its process."""

from __future__ import annotations

import gc
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from daisy_kernel.model import errors
from daisy_kernel.store import shared
from daisy_kernel.store.shared import Segment, open_shared, sweep

DATA = np.arange(60_000, dtype="<i4").reshape(20, 30, 100)


def there(name: str) -> bool:
    return Path("/dev/shm", name).exists()


def wait_until_gone(name: str, seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while there(name) and time.monotonic() < end:
        time.sleep(0.02)
    assert not there(name)


def run(code: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", code],
        input=given, capture_output=True, timeout=60, check=False,
    )  # fmt: skip


def keeper(then: str) -> subprocess.Popen[bytes]:
    """Start a process that makes a segment and tells its name."""
    code = (
        "import sys, os, time, numpy as np\n"
        "from daisy_kernel.store.shared import Segment\n"
        "segment = Segment.of(np.arange(1000))\n"
        f"print(segment.name, flush=True)\n{then}"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip


def test_pickles_by_name_and_opens_in_another_process_without_a_copy() -> None:
    segment = Segment.of(DATA)
    sent = pickle.dumps(segment.array)
    code = (
        "import pickle, sys; a = pickle.load(sys.stdin.buffer); import numpy as np; "
        "assert not a.flags.writeable and a.flags.aligned and not a.flags.owndata; "
        "print(a.shape, a.dtype, int(a.sum()), int(a[0, 0, 0]))"
    )

    segment.array[0, 0, 0] = 77  # seen there: it is the same memory
    found = run(code, sent)

    assert len(sent) < 500
    assert found.stderr == b""
    assert found.stdout.decode().split() == [
        "(20,", "30,", "100)", "int32", str(int(DATA.sum()) + 77), "77",
    ]  # fmt: skip
    assert there(segment.name), "who only opened it does not free it"
    segment.free()
    assert not there(segment.name)


def test_a_child_that_opens_it_neither_frees_nor_warns() -> None:
    segment = Segment.of(DATA)
    context = multiprocessing.get_context("spawn")

    with context.Pool(1) as pool:
        total = pool.apply(np.sum, (segment.array,))

    assert total == DATA.sum()
    assert there(segment.name)
    segment.free()


def test_parts_and_results_are_ordinary_arrays() -> None:
    segment = Segment.of(DATA)

    part = pickle.loads(pickle.dumps(segment.array[3:5, ::2]))
    more = pickle.loads(pickle.dumps(segment.array + 1))
    segment.free()

    assert np.array_equal(part, DATA[3:5, ::2])
    assert np.array_equal(more, DATA + 1)


def test_what_is_held_lives_on_after_the_name_is_gone() -> None:
    segment = Segment.of(DATA)
    again = open_shared(segment.name, DATA.shape, DATA.dtype.str)

    segment.free()
    segment.free()
    kept = segment.array[2]
    del segment
    gc.collect()

    assert np.array_equal(again, DATA)
    assert np.array_equal(kept, DATA[2])
    with pytest.raises(errors.FileMissing, match="let go"):
        open_shared(again.segment, DATA.shape, DATA.dtype.str)


def test_is_freed_with_the_last_who_holds_the_segment() -> None:
    segment = Segment.of(DATA)
    name = segment.name

    del segment
    gc.collect()

    assert not there(name)


def test_is_freed_without_a_word_when_the_interpreter_ends() -> None:
    with keeper("") as process:
        assert process.stdout is not None
        assert process.stderr is not None
        name = process.stdout.readline().decode().strip()
        process.wait(20)

        assert process.stderr.read() == b""
    assert not there(name)


def test_a_killed_process_leaves_it_to_the_resource_tracker() -> None:
    with keeper("time.sleep(60)") as process:
        assert process.stdout is not None
        name = process.stdout.readline().decode().strip()
        assert there(name)

        process.send_signal(signal.SIGKILL)
        process.wait(20)
        wait_until_gone(name)


def test_killed_with_all_its_helpers_the_next_one_frees_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shared, "_YOUNG", 0)
    mine = Segment.of(DATA)
    with keeper("time.sleep(60)") as process:
        assert process.stdout is not None
        name = process.stdout.readline().decode().strip()
        sweep()
        assert there(name), "its process lives"

        os.killpg(process.pid, signal.SIGKILL)
        process.wait(20)
    assert there(name), "nobody is left to free it"
    sweep()

    assert not there(name)
    assert there(mine.name)
    mine.free()


def test_too_much_is_refused_before_it_is_touched() -> None:
    huge = np.broadcast_to(np.int8(0), (1 << 50,))
    before = set(os.listdir("/dev/shm"))

    with pytest.raises(errors.WriteFailed, match="tier"):
        Segment.of(huge)

    assert set(os.listdir("/dev/shm")) <= before


def test_a_forked_child_does_not_free_what_its_parent_has() -> None:
    segment = Segment.of(DATA)

    child = os.fork()
    if not child:
        segment.free()
        os._exit(0)
    os.waitpid(child, 0)

    assert there(segment.name)
    segment.free()


def test_python_objects_are_refused() -> None:
    with pytest.raises(errors.FormatNotSupported):
        Segment.of(np.array(["a", None]))
