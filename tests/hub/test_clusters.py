"""Clusters of a user on the real gateway: shared, killed, interrupted, replaced."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from kernels import Notebook

pytestmark = [pytest.mark.service, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def notebook(demo_installation, log_in) -> Iterator[Notebook]:
    found = Notebook(demo_installation, log_in(demo_installation, "anna"))
    found.stop_clusters()
    yield found
    found.stop_clusters()


@pytest.fixture
def engine(notebook) -> Iterator[None]:
    """Make `engine` in the notebook, with both workers there."""
    said = notebook.run(
        "engine = daisy.engine('gateway', workers=2)\n"
        "engine.client.wait_for_workers(2, timeout=60)"
    )
    assert "Error" not in said
    yield
    notebook.run("engine.close()")


def test_kernels_share_a_cluster_and_who_started_it_only_leaves(notebook):
    notebook.stop_clusters()
    first = notebook.run("engine = daisy.engine('gateway', workers=2); print(names())")
    other = Notebook(notebook.installation, notebook.anna)

    shared = other.run(
        "engine = daisy.engine('gateway', workers=1)\n"
        "engine.client.wait_for_workers(2, timeout=60)\n"
        "print([engine.cluster.name], len(engine.client.nthreads()), names())"
    )
    notebook.run("engine.close()")
    after = other.run("print(sorted(engine.map(abs, [-1, -2])), names())")
    other.run("engine.close()")
    again = notebook.run("engine = daisy.engine('gateway'); print(names())")
    notebook.run("engine.close()")

    name = first.splitlines()[-1]
    assert "waiting for workers: 0 of 2" in first
    assert shared == f"{name} 2 {name}", "one who asks for fewer takes none away"
    assert after == f"[(0, 1), (1, 2)] {name}"
    assert again == name
    assert notebook.run("print(names())") == name, "left to its lease"


def test_cluster_that_nobody_else_uses_ends_with_its_engine(notebook):
    notebook.stop_clusters()

    notebook.run("daisy.engine('gateway', workers=1).close()")

    assert notebook.run("print(names())") == "[]"


def test_killed_worker_costs_its_items_not_the_run(notebook, engine):
    end = notebook.start("print(len(dict(engine.map(pause, [0.05] * 60))))")
    time.sleep(0.8)
    os.kill(notebook.worker(), signal.SIGKILL)

    assert end().splitlines()[-1] == "60"


def test_item_that_ends_three_workers_is_named(notebook, engine):
    said = notebook.run(
        "def deadly(number):\n"
        "    import os\n"
        "    if number == 5: os.kill(os.getpid(), 9)\n"
        "    return number\n"
        "try: list(engine.map(deadly, range(12)))\n"
        "except daisy.errors.ItemEndsWorkers as error: print(error)"
    )

    assert "item 5 (5) ended 3 workers" in said
    assert "smaller blocks" in said


def test_interrupted_run_leaves_nothing_on_the_cluster(notebook, engine):
    end = notebook.start("list(engine.map(pause, [0.2] * 100))")
    time.sleep(0.8)
    notebook.interrupt()

    assert "KeyboardInterrupt" in end()
    left = "lambda dask_scheduler: len(dask_scheduler.tasks)"
    assert (
        notebook.run(f"pause(0.5); print(engine.client.run_on_scheduler({left}))")
        == "0"
    )


def test_interrupted_start_leaves_no_cluster(notebook):
    notebook.stop_clusters()
    end = notebook.start("engine = daisy.engine('gateway', workers=2)")
    time.sleep(0.5)
    notebook.interrupt()

    assert "KeyboardInterrupt" in end()
    assert notebook.run("print(names())") == "[]"


def test_killed_scheduler_is_named_and_the_next_use_has_another(notebook, engine):
    end = notebook.start(
        "try: list(engine.map(pause, [0.1] * 100))\n"
        "except daisy.errors.EngineUnavailable as error: print(error)"
    )
    time.sleep(0.8)
    for pid in notebook.pids("dask scheduler"):
        os.kill(pid, signal.SIGKILL)
    said = end()
    next_use = notebook.run("print(len(list(engine.map(abs, range(5)))), engine.notes)")
    # the dead one would be listed for half a minute
    notebook.run(
        "[Gateway().stop_cluster(n) for n in names() if n != engine.cluster.name]"
    )

    assert "the connection to the cluster is lost" in said
    assert "daisy.engine('local')" in said
    assert "is listed, but does not answer" in next_use
    assert "takes its place" in next_use
    assert next_use.splitlines()[-1].startswith("5 (")


def test_cluster_with_other_software_is_not_used(notebook, engine):
    other = Notebook(notebook.installation, notebook.anna)

    said = other.run(
        "from daisy_kernel.compute import versions\n"
        "here = {**versions.ours(), 'numpy': '1.0'}\n"
        "versions.ours = lambda: here\n"
        "try: daisy.engine('gateway')\n"
        "except daisy.errors.EngineUnavailable as error: print(error)\n"
        "print(len(names()))"
    )

    assert "is not used: numpy" in said
    assert "and 1.0 here" in said
    assert said.splitlines()[-1] == "1", "the one that it started has ended"


def test_workers_are_adapted_between_bounds(notebook):
    said = notebook.run(
        "engine = daisy.engine('gateway', workers=(1, 2)); most = 0\n"
        "for _ in engine.map(pause, [0.4] * 50):\n"
        "    most = max(most, len(engine.client.nthreads()))\n"
        "    if most == 2: break\n"
        "print(most, engine.workers); engine.close()"
    )

    assert said.splitlines()[-1] == "2 2"


def test_workers_of_all_clusters_together_stay_within_the_accounts_cores(
    notebook, engine
):
    said = notebook.run(
        "import warnings; warnings.simplefilter('always')\n"
        "second = Gateway().new_cluster(); second.scale(1)"
    )
    time.sleep(6)
    workers = notebook.run("print(len(second.scheduler_info['workers']))")
    notebook.run("second.shutdown()")

    assert "would exceed resource limit of 0 workers" in said
    assert workers.splitlines()[-1] == "0"


def test_one_cluster_too_many_is_refused_with_the_names_of_those_there(notebook):
    notebook.stop_clusters()
    said = notebook.run(
        "made = []\n"
        "try:\n"
        "    for _ in range(5): made.append(Gateway().new_cluster())\n"
        "except ValueError as error: print(error)\n"
        "print(len(made))"
    )
    notebook.run("[c.shutdown() for c in made]")

    assert "You may have 4 clusters at once, and 4 are there" in said
    assert said.splitlines()[-1] == "4"


def test_a_named_environment_is_a_kernel_and_is_the_same_on_the_workers(
    notebook, tmp_path
):
    notebook.stop_clusters()
    anna = notebook.anna
    made = (
        "import subprocess, zipfile\n"
        "with zipfile.ZipFile('mine-2.5-py3-none-any.whl', 'w') as wheel:\n"
        "    wheel.writestr('mine.py', 'version = 2.5')\n"
        "    wheel.writestr('mine-2.5.dist-info/METADATA',"
        " 'Metadata-Version: 2.1\\nName: mine\\nVersion: 2.5\\n')\n"
        "    wheel.writestr('mine-2.5.dist-info/WHEEL', 'Wheel-Version: 1.0\\n"
        "Generator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')\n"
        "    wheel.writestr('mine-2.5.dist-info/RECORD', '')\n"
        "say = lambda *w: print(subprocess.run(w, capture_output=True, text=True))\n"
        "say('daisy', 'env', 'create', 'mymethods')\n"
        "say('daisy', 'env', 'install', 'mymethods', '--no-index',"
        " './mine-2.5-py3-none-any.whl')"
    )
    said = notebook.run(made)
    assert said.count("returncode=0") == 2, said

    specs = anna.get("/api/kernelspecs").json()["kernelspecs"]
    assert "daisy-env.mymethods" in specs
    kernel = anna.send("POST", "/api/kernels", {"name": "daisy-env.mymethods"})
    used = anna.run(
        "import mine, daisy_kernel as daisy\n"
        "def version(_):\n"
        "    import mine, sys; return mine.version, sys.prefix\n"
        "engine = daisy.engine('gateway', workers=1)\n"
        "print(mine.version, list(engine.map(version, [0])))",
        kernel.json()["id"],
    )
    other = notebook.run(
        "engine = daisy.engine('gateway', workers=1); print(engine.notes)"
    )
    notebook.stop_clusters()
    anna.send("DELETE", f"/api/kernels/{kernel.json()['id']}")

    assert "2.5 [(0, (2.5, '/home/anna/.local/share/daisy/envs/mymethods'))]" in used
    assert "it has the packages of /home/anna" in other


def test_an_item_costs_little(notebook, engine):
    said = notebook.run(
        "list(engine.map(abs, range(50))); start = time.perf_counter()\n"
        "list(engine.map(abs, range(300)))\n"
        "print((time.perf_counter() - start) / 300)"
    )

    assert float(said) < 0.010


def processes_of(installation, name: str) -> list[str]:
    """Name the programs that run in the sandboxes of an account."""
    found = []
    for pid in installation.processes():
        folder = Path("/proc") / str(pid)
        with suppress(OSError):
            if f"USER={name}".encode() in (folder / "environ").read_bytes().split(
                b"\0"
            ):
                found.append((folder / "cmdline").read_text().replace("\0", " "))
    return found


def test_kill_switch_ends_server_scheduler_and_workers_in_ten_seconds(
    demo_installation, new_person
):
    command = demo_installation.home / "envs" / "hub" / "bin" / "daisy-hub"
    password = "a long password"
    subprocess.run(
        [command, "add", "zora"], input=f"{password}\n" * 2, text=True, check=True
    )
    zora = new_person(demo_installation.address, "zora", password)
    zora.start_server()
    Notebook(demo_installation, zora).run(
        "engine = daisy.engine('gateway', workers=1)\n"
        "engine.client.wait_for_workers(1, timeout=60)"
    )
    running = " ".join(processes_of(demo_installation, "zora"))
    for program in ("jupyterhub-singleuser", "dask scheduler", "dask worker"):
        assert program in running

    started = time.monotonic()
    subprocess.run([command, "disable", "zora", "--reason", "a test"], check=True)

    assert processes_of(demo_installation, "zora") == []
    assert time.monotonic() - started < 10
    # the gateway has done it, as it also would on other machines than this one
    log = (demo_installation.home / "state" / "audit.jsonl").read_text()
    stopped = [e for e in map(json.loads, log.splitlines()) if "cluster" in e]
    assert (stopped[-1]["event"], stopped[-1].get("account")) == (
        "cluster.stopped",
        "zora",
    )
