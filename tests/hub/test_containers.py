"""Two accounts' servers in real containers: what holds between them, and what lasts."""

import functools
import json
import os
import re
import signal
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from containers import MEMORY
from daisy_hub.containers.labels import name

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def anna(docker_installation, log_in):
    return log_in(docker_installation, "anna")


@pytest.fixture(scope="module")
def ben(docker_installation, log_in):
    return log_in(docker_installation, "ben")


@pytest.fixture(scope="module")
def instance(docker_installation) -> str:
    return (docker_installation.home / "state" / "instance").read_text()


@pytest.fixture
def state_of(docker_engine, instance) -> Callable[..., dict]:
    """Return what the daemon says of a container: state_of(part, account)."""

    def inspect(part: str, account: str = "") -> dict:
        (found,) = json.loads(
            docker_engine.run("inspect", name(instance, part, account))
        )
        return found

    return inspect


@functools.cache
def kernel_of(person) -> str:
    """Return a person's one kernel: each takes a part of the server's memory."""
    return person.start_kernel()


def run(person, code: str, seconds: float = 60) -> str:
    return person.run(code, kernel_of(person), seconds)


def shell(person, script: str, seconds: float = 60) -> str:
    """Run a script in a kernel's shell; return what it prints."""
    return run(
        person,
        "import subprocess\n"
        f"print(subprocess.run({script!r}, shell=True, text=True,"
        " stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout, end='')",
        seconds,
    )


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> bool:
    limit = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > limit:
            return False
        time.sleep(0.3)
    return True


def pid_of(installation, part: str) -> int:
    (pid,) = re.findall(rf"(\d+)  {part}\n", installation.make("status").stdout)
    return int(pid)


def test_a_server_runs_as_its_account_without_any_right_of_root(
    anna, docker_installation
):
    accounts = json.loads(
        (docker_installation.home / "state" / "accounts.json").read_text()
    )
    uid = accounts["accounts"]["anna"]["uid"]

    who = shell(anna, "id -u; id -g; whoami").split()
    status = shell(anna, "cat /proc/self/status")

    assert who == [str(uid), str(uid), "anna"]
    assert set(re.findall(r"Cap\w+:\s+(\w+)", status)) == {"0" * 16}
    assert re.search(r"NoNewPrivs:\s+1", status)
    assert re.search(r"Seccomp:\s+2", status)


@pytest.mark.parametrize("place", ["/", "/usr", "/etc", "/opt/daisy/lab", "~/data"])
def test_nothing_can_be_written_outside_own_places(anna, place):
    said = shell(anna, f"touch {place}/x && echo written")

    assert "written" not in said
    assert "Read-only" in said or "denied" in said


def test_own_places_are_writable_and_lie_on_the_host(anna, docker_installation):
    said = shell(
        anna,
        "touch /tmp/x /dev/shm/x ~/x ~/data/B7/2026-0042/processed/x && echo written",
    )

    assert said == "written\n"
    assert (docker_installation.home / "homes" / "anna" / "x").exists()
    processed = Path(docker_installation.facts["data"]) / "B7/2026-0042/processed"
    assert (processed / "x").stat().st_mode & 0o660 == 0o660


def test_raw_data_can_be_read_and_not_changed(anna):
    said = shell(
        anna,
        "cd ~/data/B7/2026-0042/raw; f=$(find . -type f | head -1); "
        "head -c 4 $f | wc -c; rm -f $f; echo x > $f; touch new",
    )

    assert said.startswith("4\n")
    assert said.count("Read-only") == 3


def test_the_proposals_of_the_other_account_do_not_exist(anna, ben):
    annas, bens = (set(shell(p, "cd ~/data; ls -d */*").split()) for p in (anna, ben))

    assert "B7/2026-0042" in annas - bens
    assert "B2/2026-0107" in bens - annas


def test_no_secret_of_the_hub_and_no_way_to_the_engine_is_inside(
    anna, docker_installation, docker_engine
):
    secret = docker_installation.home / "state" / "cookie-secret"
    assert secret.exists()
    socket_ = docker_engine.url.removeprefix("unix://")

    said = shell(
        anna,
        f"cat {secret}; ls {docker_installation.home}; ls {socket_}; "
        "ls /run/docker.sock /var/run/docker.sock; env",
    )

    assert said.count("No such file") == 5
    assert secret.read_text().strip() not in said
    assert "DOCKER" not in said


def test_the_hub_has_its_state_and_nothing_else_of_the_host(
    docker_installation, state_of
):
    hub = state_of("hub")

    state = str(docker_installation.home / "state")
    mounts = {m["Source"]: m["RW"] for m in hub["Mounts"]}
    read_only = f"{state}/settings.toml", f"{state}/generations"
    assert mounts == {state: True, **dict.fromkeys(read_only, False)}
    proxies = [state_of(part)["Mounts"] for part in ("proxy", "gateway-proxy")]
    assert all(m["Source"] != state for mounts in proxies for m in mounts)
    assert hub["HostConfig"]["CapDrop"] == ["ALL"]
    assert hub["HostConfig"]["ReadonlyRootfs"]
    assert not hub["HostConfig"]["Privileged"]


def test_the_hub_cannot_change_what_the_launcher_believes(
    docker_installation, docker_engine, instance
):
    state = docker_installation.home / "state"
    for file in (state / "settings.toml", state / "generations" / "generations.json"):
        before = file.read_text()

        said = docker_engine.run(
            "exec", name(instance, "hub"), "sh", "-c",
            f"echo x >> {file}; rm {file}; mv {file} {file}.old",
            check=False,
        )  # fmt: skip

        assert said.count("Read-only") + said.count("busy") >= 3
        assert file.read_text() == before


def listening(person, state_of) -> list[tuple[str, int]]:
    """List the addresses of a person's server."""
    networks = state_of("server", person.name)["NetworkSettings"]["Networks"]
    return [(n["IPAddress"], 8888) for n in networks.values()]


PROBE = (
    "import socket\n"
    "def reach(host, port):\n"
    "    try: socket.create_connection((host, port), 2).close()\n"
    "    except OSError as error: return type(error).__name__\n"
    "    return 'reached'\n"
    "for place in {places!r}: print(reach(*place))"
)


def test_a_server_reaches_the_hub_and_neither_the_other_account_nor_the_outside(
    anna, ben, docker_installation, state_of
):
    port = docker_installation.ports[0]
    (bens,) = listening(ben, state_of)
    front = state_of("front")["NetworkSettings"]["Networks"]
    gateways = [(n["Gateway"], p) for n in front.values() for p in (port, 22)]
    open_ = {port, docker_installation.ports[5]}  # the way to schedulers
    closed = [("hub", p) for p in docker_installation.ports if p not in open_]
    foreign = [bens, *gateways, ("172.17.0.1", port), ("192.0.2.1", 80), *closed]

    own = run(anna, PROBE.format(places=[("hub", port)]))
    others = run(anna, PROBE.format(places=foreign), seconds=120)

    assert own == "reached\n"
    assert "reached" not in others
    assert len(others.split()) == len(foreign)


def test_what_listens_on_the_host_cannot_be_reached_from_inside(
    anna, docker_installation, state_of
):
    """A server of the host that listens everywhere, as many do."""
    import socket

    with socket.create_server(("0.0.0.0", 0)) as everywhere:
        port = everywhere.getsockname()[1]
        networks = state_of("server", "anna")["NetworkSettings"]["Networks"]
        places = [(n["Gateway"], port) for n in networks.values()]
        places += [(address, port) for address in ("172.17.0.1", "10.213.0.1")]
        said = run(anna, PROBE.format(places=places))

    assert "reached" not in said
    assert len(said.split()) == len(places)


def test_processes_are_limited(anna, state_of):
    limit = state_of("server", "anna")["HostConfig"]["PidsLimit"]

    said = shell(
        anna,
        f"for i in $(seq {limit + 20}); do sleep 3 & done; wait; echo after",
        seconds=90,
    )

    assert limit == 150
    assert "Resource temporarily unavailable" in said or "Cannot fork" in said
    assert wait_for(lambda: shell(anna, "echo alive") == "alive\n")


def test_a_kernel_that_takes_too_much_memory_is_ended_and_its_server_is_not(
    anna, state_of
):
    before = state_of("server", "anna")["State"]["StartedAt"]
    limit = state_of("server", "anna")["HostConfig"]["Memory"]

    said = run(
        anna,
        "import subprocess, sys\n"
        "child = subprocess.run([sys.executable, '-c', "
        f"'x = bytearray({limit}); x[::4096] = bytes(len(x) // 4096)'])\n"
        "print(child.returncode)",
    )

    assert said == f"{-signal.SIGKILL.value}\n"
    assert state_of("server", "anna")["State"]["StartedAt"] == before
    assert anna.get("/api/status").status_code == 200


def test_processors_are_limited(anna, state_of):
    assert state_of("server", "anna")["HostConfig"]["NanoCpus"] == 2_000_000_000
    quota = shell(
        anna,
        "cat /sys/fs/cgroup/cpu.max 2>/dev/null || paste -d' ' "
        "/sys/fs/cgroup/cpu/cpu.cfs_quota_us /sys/fs/cgroup/cpu/cpu.cfs_period_us",
    )

    assert quota == "200000 100000\n"


def kill(installation, part: str) -> None:
    """End a part like a crash; it is started again by itself."""
    before = pid_of(installation, part)
    os.kill(before, signal.SIGKILL)

    def is_new() -> bool:
        status = installation.make("status").stdout
        pids = re.findall(rf"(\d+)  {part}\n", status)
        return "Ready" in status and pids not in ([], [str(before)])

    assert wait_for(is_new, 90)


def test_a_killed_hub_is_started_again_and_finds_the_servers(docker_installation, anna):
    run(anna, "kept = 42")

    kill(docker_installation, "hub")
    while_away = run(anna, "print(kept)")
    anna.start_server()

    assert (while_away, run(anna, "print(kept)")) == ("42\n", "42\n")
    user = anna.session.get(
        f"{docker_installation.address}/hub/api/users/anna", timeout=20
    ).json()
    assert user["server"] == "/user/anna/"


def test_a_killed_launcher_loses_nothing(docker_installation, anna):
    run(anna, "kept = 43")

    kill(docker_installation, "launcher")
    anna.start_server()

    assert run(anna, "print(kept)") == "43\n"


def test_a_killed_front_is_made_again_with_a_way_to_every_server(
    docker_installation, anna
):
    """With its network the hub and the proxies go too; the servers do not."""
    run(anna, "kept = 44")

    kill(docker_installation, "front")
    assert wait_for(lambda: "Ready" in docker_installation.make("status").stdout, 90)
    anna.start_server()

    assert run(anna, "print(kept)") == "44\n"


def test_a_new_grant_comes_into_a_running_container(docker_installation, anna):
    data = Path(docker_installation.facts["data"])
    run(anna, "kept = 45")
    assert "2026-0107" not in shell(anna, "ls ~/data/B2")
    members = data / "members.toml"
    before = members.read_text()

    members.write_text(
        re.sub(r'(\["B2/2026-0107"\][^\[]*members = \[)', r'\1"anna", ', before)
    )
    came = wait_for(lambda: "raw" in shell(anna, "ls ~/data/B2/2026-0107"), 60)

    assert came
    assert run(anna, "print(kept)") == "45\n"
    assert "Read-only" in shell(anna, "touch ~/data/B2/2026-0107/raw/x")


def restart_with_memory(installation, memory: str) -> None:
    """Change the limit as an operator would; it holds from the next start on."""
    file = installation.home / "state" / "settings.toml"
    text = re.sub(r'("memory" = )".*?"', rf'\1"{memory}"', file.read_text(), count=1)
    file.write_text(text)
    written = tomllib.loads(text)
    assert written["containers"]["limits"]["memory"] == memory


def failure_of(person) -> str:
    """Start a server that cannot start; return what its page says."""
    person.session.get(f"{person.address}/hub/spawn/{person.name}", timeout=60)
    said = person.session.get(
        f"{person.address}/hub/api/users/{person.name}/server/progress",
        timeout=60,
        stream=True,
    )
    events = [
        json.loads(line.removeprefix(b"data: "))
        for line in said.iter_lines()
        if line.startswith(b"data: ")
    ]
    assert events[-1].get("failed"), events
    # the last lines of a server are in the words for the page only
    return " ".join(e["message"] + e.get("html_message", "") for e in events)


def test_a_server_without_enough_memory_says_so(docker_installation, ben):
    ben.stop_server()
    restart_with_memory(docker_installation, "40 MiB")

    said = failure_of(ben)

    restart_with_memory(docker_installation, MEMORY)
    assert "ran out of memory" in said
    assert "40 MiB" in said
    ben.start_server()


def test_a_server_that_ends_while_it_starts_shows_its_last_lines(
    docker_installation, ben
):
    """A file of the user's own is often the cause."""
    config = "~/.jupyter/jupyter_server_config.py"
    code = 'import os; print("<of my own>", flush=True); os._exit(3)'
    kernel_of.cache_clear()  # the server has been started anew
    shell(ben, f"mkdir -p ~/.jupyter; echo '{code}' > {config}")
    kernel_of.cache_clear()
    ben.stop_server()

    said = failure_of(ben)

    home = docker_installation.home / "homes" / "ben"
    (home / ".jupyter" / "jupyter_server_config.py").unlink()
    assert "ended with code 3" in said
    assert "of my own" in said
    ben.start_server()


def test_a_missing_image_is_named_with_what_to_do(docker_installation, ben):
    file = docker_installation.home / "state" / "generations" / "generations.json"
    before = file.read_text()
    ben.stop_server()
    file.write_text(re.sub(r'"daisy/lab:.*?"', '"daisy/lab:gone"', before))

    said = failure_of(ben)

    file.write_text(before)
    assert "daisy/lab:gone" in said
    assert "make images" in said
    ben.start_server()


def test_a_stopped_server_leaves_no_container_and_no_network(
    docker_installation, docker_engine, instance, ben
):
    assert ben.stop_server().ok

    def left() -> str:
        names = "ps", "-a", "--format", "{{.Names}}"
        networks = "network", "ls", "--format", "{{.Name}}"
        return docker_engine.run(*names) + docker_engine.run(*networks)

    assert wait_for(lambda: f"{instance}-server-ben" not in left())
    assert wait_for(lambda: f"{instance}-network-ben" not in left())
    assert f"{instance}-server-anna" in left()
    assert f"{instance}-network-anna" in left()


def test_starts_and_stops_are_in_the_audit_log(docker_installation):
    lines = (docker_installation.home / "state" / "audit.jsonl").read_text()

    events = [json.loads(line) for line in lines.splitlines()]
    started = [e["account"] for e in events if e["event"] == "container.started"]
    stopped = [e["account"] for e in events if e["event"] == "container.stopped"]
    assert "anna" in started
    assert "ben" in stopped


def test_down_ends_every_container_and_network_of_the_installation(
    docker_installation, docker_engine, instance, anna
):
    result = docker_installation.make("down")

    assert result.returncode == 0, result.stdout
    left = docker_engine.run("ps", "-a", "--format", "{{.Names}}")
    left += docker_engine.run("network", "ls", "--format", "{{.Name}}")
    assert instance not in left
    assert docker_installation.processes() == []
    assert docker_installation.make("status").returncode != 0
