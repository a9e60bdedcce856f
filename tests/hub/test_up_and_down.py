"""The life of an installation: started, killed, started again, ended.

The tests run in this order on one installation of their own.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pytest
import requests

pytestmark = [pytest.mark.service, pytest.mark.timeout(900)]


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> bool:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if condition():
            return True
        time.sleep(0.2)
    return False


def pid_of(installation, part: str) -> int:
    for line in installation.make("status").stdout.splitlines():
        pid, _, name = line.strip().partition("  ")
        if name == part:
            return int(pid)
    raise AssertionError(f"no {part} is running")


def free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_busy_port_is_named_before_anything_is_done(spare_installation):
    port = spare_installation.ports[3]
    with socket.create_server(("127.0.0.1", port)):
        result = spare_installation.make(
            "up", f"PORT={spare_installation.ports[0]}", *spare_installation.options
        )

    assert result.returncode != 0
    assert f"port {port} is in use" in result.stdout
    assert "make up PORT=" in result.stdout
    assert not spare_installation.home.exists()


def test_a_start_that_was_killed_half_way_can_be_repeated(spare_installation):
    words = ["make", "up", f"PORT={spare_installation.ports[0]}"]
    environment = {**os.environ, "DAISY_HOME": str(spare_installation.home)}
    first = subprocess.Popen(
        [*words, *spare_installation.options],
        cwd=spare_installation.checkout,
        env=environment,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )
    environments = spare_installation.home / "envs"
    assert wait_for(lambda: any(environments.glob(".user-*/lib")), 120)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    assert not list(environments.glob("user-*"))

    said = spare_installation.up()

    assert "DAISY is ready" in said
    assert "making a demo beamtime" not in said


def test_what_up_writes_is_for_its_owner_only(spare_installation):
    up_file = spare_installation.home / "up.json"

    facts = spare_installation.facts

    assert up_file.stat().st_mode & 0o777 == 0o600
    assert set(facts) == {"address", "accounts", "data", "log"}
    assert [a["name"] for a in facts["accounts"]] == ["anna", "ben"]
    assert len({a["password"] for a in facts["accounts"]}) == 2
    assert Path(facts["log"]).exists()


def test_a_second_up_changes_nothing(spare_installation):
    before = spare_installation.facts, pid_of(spare_installation, "hub")

    said = spare_installation.up()

    assert "The hub is running" in said
    assert "installing" not in said
    assert (spare_installation.facts, pid_of(spare_installation, "hub")) == before


def test_another_port_while_running_is_refused(spare_installation):
    result = spare_installation.make("up", "PORT=19000", *spare_installation.options)

    assert result.returncode != 0
    assert "make down first" in result.stdout


@pytest.mark.parametrize(
    ("name", "password"), [("anna", "wrong"), ("root", "x"), ("", "")]
)
def test_a_wrong_name_or_password_does_not_log_in(
    spare_installation, new_person, name, password
):
    person = new_person(spare_installation.address, name, password)

    assert person.login.status_code == 403
    assert "Invalid username or password" in person.login.text


def test_each_account_has_a_password_of_its_own(spare_installation, new_person):
    ben = new_person(
        spare_installation.address, "ben", spare_installation.password("anna")
    )

    assert ben.login.status_code == 403


def test_a_changed_password_replaces_the_generated_one(spare_installation, new_person):
    old = spare_installation.password("ben")
    command = spare_installation.home / "envs" / "hub" / "bin" / "daisy-hub"
    subprocess.run(
        [command, "passwd", "ben", "--password", "a-new-password"], check=True
    )

    assert spare_installation.password("ben") is None
    address = spare_installation.address
    assert new_person(address, "ben", old).login.status_code == 403
    assert new_person(address, "ben", "a-new-password").login.status_code == 200


def test_a_server_and_its_kernel_survive_a_killed_hub(spare_installation, log_in):
    anna = log_in(spare_installation, "anna")
    kernel = anna.start_kernel()
    anna.run("kept = 'still here'", kernel)
    hub = pid_of(spare_installation, "hub")
    with spare_installation.unsupervised():
        os.kill(hub, signal.SIGKILL)
        assert wait_for(lambda: not Path(f"/proc/{hub}/exe").exists())
        without_hub = anna.run("print(kept)", kernel)
        status = spare_installation.make("status").stdout

    assert without_hub.strip() == "still here"
    assert "hub" not in status.split()
    assert "  proxy" in status
    # the supervisor starts it, or `up` does, and never both
    said = spare_installation.up()
    assert "The proxy is running" in said
    assert wait_for(lambda: "  hub" in spare_installation.make("status").stdout)
    assert anna.run("print(kept)", kernel).strip() == "still here"
    # the new hub knows the server: it can stop it
    assert anna.stop_server().status_code in (202, 204)
    assert wait_for(
        lambda: "server of anna" not in spare_installation.make("status").stdout
    )


def test_server_extensions_that_nobody_needs_at_start_are_off(
    spare_installation, log_in
):
    anna = log_in(spare_installation, "anna")

    # the language server's search for programs alone takes seconds
    assert anna.get("/lsp/status").status_code == 404
    assert anna.get("/daisy/proposals").status_code == 200


def test_a_revoked_token_is_refused_by_the_gateway(spare_installation, log_in):
    anna = log_in(spare_installation, "anna")
    token = anna.run("import os; print(os.environ['JUPYTERHUB_API_TOKEN'])").strip()
    url = f"{spare_installation.address}/services/dask-gateway/api/v1/clusters/"

    def answer() -> int:
        headers = {"Authorization": f"jupyterhub {token}"}
        return requests.get(url, headers=headers, timeout=20).status_code

    assert answer() == 200
    anna.stop_server()  # ends the token

    assert wait_for(lambda: answer() == 401, 15)
    assert requests.get(url, timeout=20).status_code == 401


def test_two_members_run_the_same_workflow_on_the_same_scan_at_once(
    spare_installation, log_in
):
    frames = np.arange(32 * 32 * 128, dtype="f4").reshape(32, 32, 128)
    proposal = spare_installation.home.parent / "data" / "B4" / "2026-0100"
    spare_installation.let_members_write("B4/2026-0100")
    with h5py.File(proposal / "raw" / "shared.h5", "w") as file:
        file["frames"] = frames
    begin = (
        "import time, daisy_kernel as daisy, numpy as np, numpy.typing as npt\n"
        "@daisy.algorithm(pattern='frame')\n"
        "def slowly(frames: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:\n"
        "    time.sleep(0.2)\n"
        "    return frames * np.float32(2)\n"
        "scan = 'B4/2026-0100/raw/shared.h5'\n"
        "quiet = lambda progress: None\n"
    )
    do = (
        "run = daisy.run(slowly, scan, show=quiet)\n"
        "made = run['slowly'].read()\n"
        "print(run.name, run.state, run.record.user, made.sum(dtype='f8'))"
    )
    members = {name: log_in(spare_installation, name) for name in ("anna", "ben")}
    kernels = {name: member.start_kernel() for name, member in members.items()}
    for name, member in members.items():
        member.run(begin, kernels[name])
    said: dict[str, str] = {}

    def work(name: str) -> None:
        said[name] = members[name].run(do, kernels[name])

    threads = [threading.Thread(target=work, args=(name,)) for name in members]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    lists = {
        member.run("print([(r.name, r.state) for r in daisy.runs(scan)])", kernels[n])
        for n, member in members.items()
    }

    whole = str(2 * frames.sum(dtype="f8"))
    assert sorted(text.split()[0] for text in said.values()) == ["run_001", "run_002"]
    for name, text in said.items():
        assert text.split()[1:] == ["done", name, whole]
    assert len(lists) == 1
    assert lists.pop().count("'done'") == 2


ENGINE = (
    "import daisy_kernel as daisy\n"
    "def pause(seconds):\n"
    "    import time; time.sleep(seconds)\n"
    "def attempt(work):\n"
    "    try: print(work())\n"
    "    except daisy.errors.EngineUnavailable as error: print(error)\n"
    "engine = daisy.engine('gateway', workers=1); print(engine.cluster.name)"
)


def test_a_cluster_goes_on_computing_while_its_gateway_is_killed(
    spare_installation, log_in
):
    anna = log_in(spare_installation, "anna")
    kernel = anna.start_kernel()
    name = anna.run(ENGINE, kernel).splitlines()[-1]
    gateway = spare_installation.part("gateway")
    threading.Timer(1, os.kill, (gateway, signal.SIGKILL)).start()

    during = anna.run(
        "attempt(lambda: len(list(engine.map(pause, [0.1] * 99))))", kernel
    )

    assert during == "99\n"
    assert wait_for(lambda: spare_installation.part("gateway") != gateway, 30)
    listed = "from dask_gateway import Gateway; print(Gateway().list_clusters())"
    assert wait_for(lambda: name in anna.run(listed, kernel), 30)
    other = anna.start_kernel()
    two = ENGINE.replace("workers=1", "workers=2")
    assert anna.run(two, other).splitlines()[-1] == name
    more = "engine.client.wait_for_workers(2, 60); print(engine.workers)"
    assert anna.run(more, other).splitlines()[-1] == "2"


def test_a_gateway_that_is_away_is_named(spare_installation, log_in):
    anna = log_in(spare_installation, "anna")
    kernel = anna.start_kernel()
    anna.run("import daisy_kernel as daisy", kernel)
    with spare_installation.unsupervised():
        os.kill(spare_installation.part("gateway"), signal.SIGKILL)
        said = anna.run(
            "try: daisy.engine('gateway')\n"
            "except daisy.errors.EngineUnavailable as error: print(error)",
            kernel,
        )

    assert "the gateway gives no list of clusters" in said
    assert "Try again in a minute" in said


def test_processes_of_a_cluster_that_the_gateway_has_lost_are_ended(
    spare_installation, log_in
):
    anna = log_in(spare_installation, "anna")
    kernel = anna.start_kernel()
    name = anna.run(ENGINE, kernel).splitlines()[-1]

    def left() -> list[str]:
        status = spare_installation.make("status").stdout.splitlines()
        return [line for line in status if "cluster of anna" in line]

    with spare_installation.unsupervised():
        os.kill(spare_installation.part("gateway"), signal.SIGKILL)
        for file in (spare_installation.home / "state").glob("gateway.sqlite*"):
            file.unlink()
        assert left()

    assert wait_for(lambda: not left(), 60), name


def test_a_run_that_lost_its_gateway_goes_on_here(spare_installation, log_in):
    """Nothing looks finished that is not, and nothing is done twice or lost."""
    anna = log_in(spare_installation, "anna")
    kernel, other = anna.start_kernel(), anna.start_kernel()
    # another one is started for the one that was killed before
    is_there = (
        "from daisy_kernel.compute.access import gateway\n"
        "print(gateway().list_clusters())"
    )
    assert wait_for(lambda: anna.run(is_there, other).strip() == "[]", 120)
    parts = [spare_installation.part(n) for n in ("gateway-proxy", "gateway")]
    anna.run(
        "import time, daisy_kernel as daisy, numpy as np, numpy.typing as npt\n"
        "@daisy.algorithm(pattern='frame')\n"
        "def slowly(frames: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:\n"
        "    time.sleep(0.5)\n"
        "    return frames * np.float32(2)\n"
        "frames = np.arange(64 * 64 * 1024, dtype='f4').reshape(64, 64, 1024)\n"
        "def begin(engine):\n"
        "    return daisy.run(slowly, folder='gone', engine=engine,"
        " show=lambda progress: None, frames=frames)\n"
        "def attempt():\n"
        "    try: begin({'name': 'gateway', 'workers': 1})\n"
        "    except daisy.errors.EngineUnavailable as error: print(error)",
        kernel,
    )
    said: list[str] = []
    run = threading.Thread(target=lambda: said.append(anna.run("attempt()", kernel)))
    run.start()
    anna.run(
        "import os, time, daisy_kernel as daisy\n"
        "os.makedirs('gone', exist_ok=True)\n"
        "while not [r for r in daisy.runs('gone') if r.progress.done]:\n"
        "    time.sleep(0.1)",
        other,
    )
    for part in parts:
        os.kill(part, signal.SIGKILL)
    run.join(60)
    left = anna.run(
        "(left,) = daisy.runs('gone'); print(left.state, sorted(left.files))", other
    )
    whole = anna.run(
        "run = begin('local'); step = run.progress.steps['slowly']\n"
        "print(len(daisy.runs('gone')), run.state, 0 < step.reused < step.of,"
        " np.array_equal(run['slowly'].read(), 2 * frames))",
        kernel,
    )

    assert "the connection to the cluster is lost" in said[0]
    assert left.strip() == "stopped []"
    assert whole.strip() == "1 done True True"


def test_a_cluster_ends_when_its_clients_have_been_gone_for_the_lease(
    spare_installation, log_in
):
    """Whose cluster has ended like this gets another one."""
    restart_with(spare_installation, "cluster_lease_seconds = 4")
    anna = log_in(spare_installation, "anna")
    kernel = anna.start_kernel()
    started = anna.run(
        "from dask_gateway import Gateway\n"
        "gateway = Gateway(); cluster = gateway.new_cluster(shutdown_on_close=False)\n"
        "cluster.scale(1); client = cluster.get_client(); client.wait_for_workers(1)\n"
        "import daisy_kernel as daisy; engine = daisy.engine('gateway', workers=1)\n"
        "print(client.submit(sum, [1, 2]).result())",
        kernel,
    )
    time.sleep(6)  # longer than the lease, with the client there
    alive = anna.run("print(client.submit(sum, [2, 2]).result())", kernel)
    # the engine's as if its connection had been cut
    anna.run(
        "client.close(); engine.client.close(); cluster.close(shutdown=False)", kernel
    )

    assert started.strip() == "3"
    assert alive.strip() == "4"
    assert wait_for(
        lambda: anna.run("print(gateway.list_clusters())", kernel).strip() == "[]"
    )
    assert wait_for(
        lambda: "cluster of" not in spare_installation.make("status").stdout
    )
    after = anna.run("print(list(engine.map(abs, [-1]))); engine.close()", kernel)
    assert "has ended" in after
    assert after.endswith("[(0, 1)]\n")


def test_an_idle_kernel_and_server_end_and_busy_ones_do_not(spare_installation, log_in):
    restart_with(spare_installation, "kernel_idle_seconds = 4\nserver_idle_seconds = 4")
    anna, ben = log_in(spare_installation, "anna"), log_in(spare_installation, "ben")
    idle = ben.start_kernel()
    ben.run("1", idle)
    busy = anna.start_kernel()

    # four times the limit at work, without a word to anybody
    worked = anna.run("import time; time.sleep(16); print('done')", busy)

    assert worked.strip() == "done"
    assert wait_for(
        lambda: "server of ben" not in spare_installation.make("status").stdout,
        150,  # the server looks once a minute
    )


def restart_with(installation, lines: str) -> None:
    """Change settings as an operator would: edit the file, down, up."""
    assert installation.make("down").returncode == 0
    file = installation.home / "state" / "settings.toml"
    file.write_text(file.read_text() + lines + "\n")
    installation.up()


def test_down_ends_everything_and_nothing_else(spare_installation, log_in):
    anna = log_in(spare_installation, "anna")
    anna.run("import subprocess; subprocess.Popen(['sleep', '600'])")
    anna.send(
        "PUT",
        "/api/contents/kept.txt",
        {"type": "file", "format": "text", "content": "kept"},
    )
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    assert spare_installation.processes()

    started = time.monotonic()
    result = spare_installation.make("down")
    print(f"make down took {time.monotonic() - started:.1f} s")

    assert result.returncode == 0
    assert spare_installation.processes() == []
    assert all(free(port) for port in spare_installation.ports)
    assert bystander.poll() is None
    bystander.kill()
    bystander.wait()
    assert (spare_installation.home / "homes/anna/kept.txt").read_text() == "kept"
    assert spare_installation.make("status").returncode != 0


def test_purge_asks_and_does_nothing_without_an_answer(spare_installation):
    result = spare_installation.make("purge")

    assert result.returncode != 0
    assert "anna" in result.stdout
    assert "nothing was deleted" in result.stdout
    assert spare_installation.home.exists()


def test_purge_deletes_the_installation_and_leaves_the_data(spare_installation):
    data = Path(spare_installation.facts["data"])

    result = spare_installation.make("purge", answer="delete\n")

    assert result.returncode == 0, result.stdout
    assert not spare_installation.home.exists()
    assert (data / "B7/2026-0042/raw").is_dir()
