"""The two hubs that are measured: DAISY's and a plain one, with the same servers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import jupyterhub
import psutil
from daisy_hub.homes import accounts_of
from hubs import running, settings_of
from installations import free_ports

PASSWORD = "a long password"
STANDIN = Path(__file__).with_name("standin.py")
PLAIN_CONFIG = Path(__file__).with_name("plain_config.py")
START_SECONDS = 90


@dataclass
class Measured:
    """A hub that runs, and its process."""

    address: str
    hub: psutil.Process

    def cpu(self) -> float:
        """CPU seconds of the hub's own process until now."""
        times = self.hub.cpu_times()
        return times.user + times.system


@contextmanager
def ours(top: Path, names: list[str]) -> Iterator[Measured]:
    """DAISY's hub with its real sandboxes; only what runs in them is a stand-in."""
    environment = _stand_in_environment(top / "environment")
    with running(top, environment=environment) as hub:
        with settings_of(hub) as settings:
            for name in names:
                accounts_of(settings).add(name, PASSWORD)
        (line,) = [
            line for line in hub.does("status").splitlines() if line.endswith("  hub")
        ]
        yield Measured(hub.address, psutil.Process(int(line.split()[0])))


@contextmanager
def plain(top: Path, names: list[str]) -> Iterator[Measured]:
    """JupyterHub as it comes, with one password for all."""
    top.mkdir(parents=True)
    port = free_ports()[0]
    facts = {
        "port": port, "top": str(top), "password": PASSWORD, "standin": str(STANDIN),
    }  # fmt: skip
    bin_folder = Path(sys.executable).parent
    with (top / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub", "-f", str(PLAIN_CONFIG)],
            cwd=top,
            env={
                **os.environ,
                "PLAIN_HUB": json.dumps(facts),
                "PATH": f"{bin_folder}:{os.environ['PATH']}",
            },
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    hub = psutil.Process(process.pid)
    try:
        address = f"http://127.0.0.1:{port}"
        _await(address, process)
        yield Measured(address, hub)
    finally:
        for child in hub.children(recursive=True):
            with suppress(psutil.Error):
                child.kill()
        process.kill()
        process.wait()


def _stand_in_environment(folder: Path) -> Path:
    """Make a folder that looks like the users' environment to hub and sandbox."""
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to("/usr/bin/python3")
    (folder / "bin" / "dask").write_text("#!/bin/false\n")
    server = folder / "bin" / "jupyterhub-singleuser"
    shutil.copy(STANDIN, server)
    server.chmod(0o755)
    text = server.read_text().replace("6.1.1", jupyterhub.__version__)
    server.write_text(text)
    return folder


def _await(address: str, process: subprocess.Popen) -> None:
    limit = time.monotonic() + START_SECONDS
    while time.monotonic() < limit and process.poll() is None:
        with suppress(OSError):
            url = f"{address}/hub/health"
            with urllib.request.urlopen(url, timeout=2) as answer:
                if answer.headers.get("X-JupyterHub-Version"):
                    return
        time.sleep(0.2)
    raise RuntimeError("the plain hub does not answer")
