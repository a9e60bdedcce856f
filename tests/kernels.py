"""A kernel in a user's sandbox, for tests against a real installation."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

PRELUDE = """
import os, signal, time
import daisy_kernel as daisy
from dask_gateway import Gateway
def pause(seconds):
    import time
    time.sleep(seconds)
    return seconds
def names():
    return [cluster.name for cluster in Gateway().list_clusters()]
"""
STOP_ALL = "for name in names(): Gateway().stop_cluster(name)"


class Notebook:
    """A kernel of anna's."""

    def __init__(self, installation, anna) -> None:
        self.installation, self.anna, self.ended = installation, anna, False
        self.kernel = anna.start_kernel()
        self.run(PRELUDE)

    def run(self, code: str) -> str:
        return self.anna.run(code, self.kernel).strip()

    def start(self, code: str) -> Callable[[], str]:
        """Run code beside the test; what is given back waits for its output."""
        said: list[str] = []
        thread = threading.Thread(target=lambda: said.append(self.run(code)))
        thread.start()

        def end() -> str:
            thread.join(60)
            return said[0]

        return end

    def stop_clusters(self) -> None:
        """End all clusters of anna's; also when the kernel is gone."""
        if self.ended:
            Notebook(self.installation, self.anna).stop_clusters()
        else:
            self.run(STOP_ALL)

    def end(self) -> None:
        """Kill the kernel."""
        self.ended = True
        self.anna.send("DELETE", f"/api/kernels/{self.kernel}")

    def interrupt(self) -> None:
        self.anna.send("POST", f"/api/kernels/{self.kernel}/interrupt")

    def worker(self) -> int:
        """Give the process of a worker of the cluster, once there is one."""
        until = time.monotonic() + 20
        while not (found := self.pids("dask worker")):
            assert time.monotonic() < until, "there is no worker"
            time.sleep(0.1)
        return found[0]

    def pids(self, command: str) -> list[int]:
        """Find processes in the sandbox by their command, `dask worker` say."""
        found = []
        for pid in self.installation.processes():
            try:
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if f"/bin/{command}".encode() in b" ".join(words[1:3]):
                found.append(pid)
        return found
