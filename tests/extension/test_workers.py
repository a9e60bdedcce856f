"""The pool of reader processes, without a server."""

import asyncio
import os
import signal
import time

import h5py
import pytest
from daisy_lab import jobs, workers
from daisy_lab.workers import Pool, WorkerFailed

pytestmark = pytest.mark.service

FRAMES = 1024


@pytest.fixture
def run():
    """Run a coroutine with a pool that is closed afterwards."""

    def run(work, **options):
        async def whole():
            pool = Pool(**options)
            try:
                return await work(pool)
            finally:
                await pool.close()

        return asyncio.run(whole())

    return run


def test_a_job_is_answered(run, tmp_path):
    async def work(pool):
        return (await pool.run("proposals", root=str(tmp_path))).value

    assert run(work) == []


def test_errors_keep_their_name_and_message(run, tmp_path):
    async def work(pool):
        await pool.run("plot", path=str(tmp_path / "a.nxs"), roots=["/"], node="")

    with pytest.raises(WorkerFailed) as failed:
        run(work)
    assert failed.value.status == 404
    assert failed.value.name == "FileMissing"
    assert "a.nxs" in failed.value.message


def test_a_job_that_takes_too_long_is_stopped_and_the_next_one_runs(run, tmp_path):
    async def work(pool):
        await pool.warm()
        for worker in pool._all:
            os.kill(worker.process.pid, signal.SIGSTOP)  # as a hanging file system
        with pytest.raises(WorkerFailed) as failed:
            await pool.run("proposals", root=str(tmp_path))
        assert (failed.value.status, failed.value.name) == (503, "TooSlow")
        pool.deadline = 20
        return (await pool.run("proposals", root=str(tmp_path))).value

    assert run(work, size=1, deadline=0.5) == []


@pytest.fixture
def large(tmp_path):
    """A stack of 2 GiB that takes no room: its frames were never written."""
    path = tmp_path / "large.h5"
    with h5py.File(path, "w") as file:
        layout = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        layout.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        layout.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
        shape = h5py.h5s.create_simple((FRAMES, 1024, 1024))
        h5py.h5d.create(file.id, b"data", h5py.h5t.STD_U16LE, shape, layout)
    return path


def mean_of(path):
    return {
        "path": str(path), "roots": [str(path.parent)], "node": "data", "index": [],
        "axes": [1, 2], "summed": [0, 0, FRAMES], "how": "mean", "step": 1,
        "max_shape": [64, 64], "box": None, "lo": None, "hi": None,
        "scale": "linear", "preview": 0, "marks": True,
    }  # fmt: skip


def test_what_tells_how_far_it_has_come_may_take_longer_than_the_deadline(run, large):
    told = []

    async def work(pool):
        await pool.warm()
        (worker,) = pool._all
        pool.deadline = 6

        def tell(*now):
            told.append(now)
            if len(told) in {1, 3}:  # as a disk that is slow to answer
                os.kill(worker.process.pid, signal.SIGSTOP)
                asyncio.get_running_loop().call_later(
                    3.5, os.kill, worker.process.pid, signal.SIGCONT
                )

        asked = time.monotonic()
        await pool.run("tile", tell=tell, **mean_of(large))
        return time.monotonic() - asked

    assert run(work, size=1) > 6
    assert told == sorted(told)
    assert len(told) > 3


def test_others_are_answered_beside_what_takes_long(run, tmp_path, large, monkeypatch):
    monkeypatch.setattr(workers, "PATIENCE", 0.1)

    async def work(pool):
        await pool.warm()
        asking = asyncio.ensure_future(pool.run("tile", **mean_of(large)))
        await asyncio.sleep(0.05)
        await pool.run("proposals", root=str(tmp_path))
        assert not asking.done()
        assert len(pool._all) == 2
        await asking
        await pool.run("proposals", root=str(tmp_path))
        return len(pool._all)

    assert run(work, size=1) == 1, "a reader for each place, and no more"


def test_who_finds_no_free_reader_is_told_why(run, tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "MOST_LONG", 0)

    async def work(pool):
        await pool.warm()
        (worker,) = pool._all
        os.kill(worker.process.pid, signal.SIGSTOP)
        asking = asyncio.ensure_future(pool.run("proposals", root=str(tmp_path)))
        await asyncio.sleep(0.1)
        pool.deadline = 0.3
        with pytest.raises(WorkerFailed) as failed:
            await pool.run("proposals", root=str(tmp_path))
        os.kill(worker.process.pid, signal.SIGCONT)
        assert failed.value.status == 503
        assert "cancel one of those" in failed.value.message
        return (await asking).value

    assert run(work, size=1) == []


def test_a_cancelled_job_gives_its_place_back(run, tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "GRACE", 0.2)

    async def work(pool):
        await pool.warm()
        (worker,) = pool._all
        os.kill(worker.process.pid, signal.SIGSTOP)
        asking = asyncio.ensure_future(pool.run("proposals", root=str(tmp_path)))
        await asyncio.sleep(0.1)
        asking.cancel()
        return (await pool.run("proposals", root=str(tmp_path))).value

    assert run(work, size=1) == []


def test_an_answer_that_is_too_large_is_not_read(run, tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "LIMIT", 1)

    async def work(pool):
        await pool.run("proposals", root=str(tmp_path))

    with pytest.raises(WorkerFailed) as failed:
        run(work, size=1)
    assert failed.value.status == 413


def test_a_closed_pool_leaves_no_process(run):
    async def work(pool):
        await pool.warm()
        return [worker.process for worker in pool._all]

    processes = run(work)
    assert len(processes) == 2
    assert all(process.returncode is not None for process in processes)


def test_every_error_of_the_kernel_has_a_status():
    from daisy_kernel.model import errors

    assert jobs.failure(errors.FileDamaged("a.h5", "cut"))["status"] == 422
    assert jobs.failure(errors.OutsideData("a.h5", "out"))["status"] == 403
    assert jobs.failure(errors.FileMissing("a.h5", "gone"))["status"] == 404
    assert jobs.failure(ZeroDivisionError())["status"] == 500


def test_readers_give_way_to_the_server(run, tmp_path):
    async def work(pool):
        await pool.run("proposals", root=str(tmp_path))
        (worker,) = pool._all
        return os.getpriority(os.PRIO_PROCESS, worker.process.pid)

    assert run(work, size=1) > os.getpriority(os.PRIO_PROCESS, 0)
