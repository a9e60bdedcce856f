"""Clusters whose scheduler and workers are containers of their owner."""

import json
import re
import time
from collections.abc import Callable, Iterator

import pytest

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(600)]

SCHEDULER_PORT = 8786


class Notebook:
    """One kernel of an account, in which `cluster` has a worker."""

    def __init__(self, person) -> None:
        self.person, self.kernel = person, person.start_kernel()

    def run(self, code: str, seconds: float = 120) -> str:
        return self.person.run(code, self.kernel, seconds)

    def on_worker(self, code: str) -> str:
        """Run code on a worker; return the value of `said`."""
        return self.run(
            "def there():\n"
            f"    names = {{}}; exec({code!r}, names); return names['said']\n"
            "print(client.submit(there, pure=False).result(timeout=60))"
        ).strip()


@pytest.fixture(scope="module")
def notebook(docker_installation, log_in) -> Iterator[Notebook]:
    found = Notebook(log_in(docker_installation, "anna"))
    started = time.monotonic()
    said = found.run(
        "from dask_gateway import Gateway\n"
        "gateway = Gateway(); cluster = gateway.new_cluster(shutdown_on_close=False)\n"
        "cluster.scale(1); client = cluster.get_client(); client.wait_for_workers(1)\n"
        "print(cluster.name)"
    )
    print(f"cluster and worker after {time.monotonic() - started:.1f} s")
    assert re.fullmatch(r"[0-9a-f]{32}", said.strip()), said
    yield found
    found.run("gateway.stop_cluster(cluster.name)")


@pytest.fixture
def rows(docker_engine, docker_installation) -> Callable[[], list[list[str]]]:
    """List part, account and name of every container of the installation."""
    instance = (docker_installation.home / "state" / "instance").read_text()

    def read() -> list[list[str]]:
        form = '{{.Label "org.daisy.part"}} {{.Label "org.daisy.account"}} {{.Names}}'
        wanted = f"label=org.daisy.instance={instance}"
        said = docker_engine.run("ps", "--filter", wanted, "--format", form)
        found = [line.split(" ") for line in said.splitlines()]
        return [row for row in found if row[0] in ("scheduler", "worker")]

    return read


def wait_for(condition: Callable[[], bool], seconds: float = 60) -> bool:
    limit = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > limit:
            return False
        time.sleep(0.3)
    return True


def test_scheduler_and_worker_are_containers_of_their_owner(notebook, rows):
    assert sorted(row[:2] for row in rows()) == [
        ["scheduler", "anna"],
        ["worker", "anna"],
    ]


def test_a_worker_has_its_owners_identity_and_no_right_of_root(notebook):
    who = notebook.on_worker("import os; said = (os.getuid(), os.getgroups())")
    own = notebook.run("import os; print((os.getuid(), os.getgroups()))").strip()
    status = notebook.on_worker("said = open('/proc/self/status').read()")

    assert who == own
    assert not who.startswith("(0,")
    assert set(re.findall(r"Cap\w+:\s+(\w+)", status)) == {"0" * 16}
    assert re.search(r"NoNewPrivs:\s+1", status)


def test_a_worker_sees_its_owners_data_and_writes_only_where_its_owner_may(notebook):
    said = notebook.on_worker(
        "import subprocess\n"
        "said = subprocess.run('ls ~/data/B7; cd ~/data/B7/2026-0042;"
        " touch processed/from-worker && echo written; touch raw/x; touch /x',"
        " shell=True, text=True, stdout=-1, stderr=-2).stdout"
    )

    assert "2026-0042" in said
    assert said.count("written") == 1
    assert said.count("Read-only") == 2


def test_a_worker_sees_no_secret_of_hub_and_gateway(notebook, docker_installation):
    state = docker_installation.home / "state"
    assert (state / "gateway.sqlite").exists()

    said = notebook.on_worker(f"import os; said = os.path.exists({str(state)!r})")

    assert said == "False"


def test_a_worker_has_the_limits_of_workers(notebook, rows, docker_engine):
    (worker,) = (row[2] for row in rows() if row[0] == "worker")

    (found,) = json.loads(docker_engine.run("inspect", worker))

    assert found["HostConfig"]["Memory"] == 600 * 2**20
    assert found["HostConfig"]["NanoCpus"] == 1_000_000_000
    assert found["HostConfig"]["ReadonlyRootfs"]


def test_another_account_reaches_neither_scheduler_nor_worker(
    notebook, docker_installation, log_in, rows, docker_engine
):
    ben = log_in(docker_installation, "ben")
    addresses = []
    for row in rows():
        (found,) = json.loads(docker_engine.run("inspect", row[2]))
        addresses += [
            n["IPAddress"] for n in found["NetworkSettings"]["Networks"].values()
        ]
    code = (
        "import socket\n"
        f"for address in {addresses!r}:\n"
        f"    try: socket.create_connection((address, {SCHEDULER_PORT}), 2).close()\n"
        "    except OSError as error: print(type(error).__name__)\n"
        "    else: print('reached')"
    )

    foreign = ben.run(code)
    own = notebook.run(code)

    assert len(addresses) == 2
    assert "reached" not in foreign
    assert own.count("reached") == 1


def test_a_cluster_goes_on_without_gateway_and_hub_and_is_found_by_its_name(
    notebook, docker_installation, docker_engine, rows
):
    instance = (docker_installation.home / "state" / "instance").read_text()
    before = rows()
    notebook.run("client.set_metadata('kept', 46)")

    docker_engine.run("kill", f"daisy-{instance}-gateway", f"daisy-{instance}-hub")
    assert wait_for(lambda: "Ready" in docker_installation.make("status").stdout, 90)
    said = ""
    limit = time.monotonic() + 60
    while "46" not in said and time.monotonic() < limit:
        said = notebook.run(
            "found = Gateway().connect(cluster.name); client = found.get_client()\n"
            "print(client.get_metadata('kept'), client.submit(sum, [1, 2]).result())"
        )

    assert said == "46 3\n"
    assert rows() == before


def test_a_worker_of_no_cluster_is_ended(
    notebook, docker_installation, docker_engine, rows
):
    """As a gateway would leave it that lost its database."""
    (worker,) = (row for row in rows() if row[0] == "worker")
    instance = (docker_installation.home / "state" / "instance").read_text()
    image = json.loads(docker_engine.run("inspect", worker[2]))[0]["Config"]["Image"]
    labels = {"instance": instance, "part": "worker", "account": "anna"}
    words = [f"--label=org.daisy.{k}={v}" for k, v in labels.items()]
    job = "f" * 32
    stray = f"daisy-{instance}-worker-anna-{job}"

    docker_engine.run(
        "run", "--detach", "--network", "none", "--name", stray, *words,
        f"--label=org.daisy.job={job}", image, "sleep", "600",
    )  # fmt: skip

    assert wait_for(lambda: stray not in {row[2] for row in rows()})
    assert worker in rows()


def test_a_stopped_cluster_leaves_no_container_and_its_log(
    notebook, docker_installation, rows
):
    name = notebook.run("print(cluster.name)").strip()

    notebook.run("gateway = Gateway(); gateway.stop_cluster(cluster.name)")

    assert wait_for(lambda: rows() == [])
    logs = docker_installation.home / "state" / "log"
    assert "Scheduler" in (logs / f"cluster-scheduler-{name[:8]}.log").read_text()


def test_what_a_dead_scheduler_leaves_is_ended(notebook, docker_engine, rows):
    notebook.run(
        "cluster = gateway.new_cluster(shutdown_on_close=False); cluster.scale(1)\n"
        "client = cluster.get_client(); client.wait_for_workers(1)"
    )
    (scheduler,) = (row[2] for row in rows() if row[0] == "scheduler")

    docker_engine.run("kill", scheduler)

    assert wait_for(lambda: rows() == [])
    listed = "print(gateway.list_clusters())"
    assert wait_for(lambda: notebook.run(listed) == "[]\n")


def test_the_pages_of_a_cluster_are_for_its_owner_alone(
    docker_installation, log_in, rows, docker_engine
):
    anna, ben = (log_in(docker_installation, name) for name in ("anna", "ben"))
    notebook = Notebook(anna)
    link = notebook.run(
        "from dask_gateway import Gateway\n"
        "gateway = Gateway(); cluster = gateway.new_cluster(shutdown_on_close=False)\n"
        "print(cluster.dashboard_link)"
    ).strip()
    (scheduler,) = (row[2] for row in rows() if row[0] == "scheduler")
    (found,) = json.loads(docker_engine.run("inspect", scheduler))
    (network,) = found["NetworkSettings"]["Networks"].values()
    page = f"http://{network['IPAddress']}:8787/info/main/workers.html"
    without_secret = (
        "import urllib.request, urllib.error\n"
        f"try: print(urllib.request.urlopen({page!r}, timeout=5).status)\n"
        "except urllib.error.HTTPError as error: print(error.code)"
    )
    path = link.partition("/services")[2].replace("/status", "/info/main/workers.html")
    address = f"{docker_installation.address}/services{path}"

    own = anna.session.get(address, timeout=30)
    foreign = ben.session.get(address, timeout=30)
    direct = notebook.run(without_secret).strip()
    notebook.run("gateway.stop_cluster(cluster.name)")

    assert own.status_code == 200
    assert "workers" in own.text.lower()
    assert foreign.status_code == 404
    assert direct == "403"
