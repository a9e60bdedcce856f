"""A hub of its own from the development environment, for tests of the hub alone.

Nothing is built or installed: proxy, hub and services are those of this environment,
and take a few seconds to start.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from daisy_hub.processes import of_instance
from daisy_hub.settings import Settings, load
from installations import free_ports

BIN = Path(sys.executable).parent
PASSWORD = "a long password"


@dataclass
class Hub:
    """An installation's folder and the settings in it."""

    home: Path
    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def settings_file(self) -> Path:
        return self.home / "state" / "settings.toml"

    def command(self, *words: str, answer: str = "") -> subprocess.CompletedProcess:
        """Call `daisy-hub` as an operator does."""
        return subprocess.run(
            [BIN / "daisy-hub", *words],
            env={**os.environ, "DAISY_SETTINGS": str(self.settings_file)},
            input=answer,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=150,
            check=False,
        )

    def does(self, *words: str, answer: str = "") -> str:
        """Call it, and see that it works."""
        result = self.command(*words, answer=answer)
        assert result.returncode == 0, result.stdout
        return result.stdout

    def add(self, name: str, *words: str) -> None:
        self.does("add", name, *words, answer=f"{PASSWORD}\n{PASSWORD}\n")

    def accounts(self) -> dict[str, Any]:
        file = self.home / "state" / "accounts.json"
        return json.loads(file.read_text())["accounts"]

    def audit(self, event: str) -> list[dict[str, Any]]:
        lines = (self.home / "state" / "audit.jsonl").read_text().splitlines()
        return [e for line in lines if (e := json.loads(line))["event"] == event]

    def log(self) -> str:
        return (self.home / "state" / "log" / "hub.log").read_text()


def prepared(top: Path, *lines: str, environment: Path = BIN.parent) -> Hub:
    """Write the settings of a hub; *lines* are more of them, tables last."""
    hub = Hub(top / "daisy", free_ports()[0])
    data = top / "data"
    data.mkdir(parents=True)
    (data / "members.toml").write_text("")
    hub.settings_file.parent.mkdir(parents=True, mode=0o700)
    hub.home.chmod(0o700)
    text = [
        f'home = "{hub.home}"',
        f'data = "{data}"',
        f"port = {hub.port}",
        f'user_environment = "{environment}"',
        "restarts_parts = false",  # a test that kills one wants it dead
        *lines,
    ]
    hub.settings_file.write_text("\n".join(text) + "\n")
    return hub


@contextmanager
def settings_of(hub: Hub) -> Iterator[Settings]:
    """Have the settings of a hub in this process, and those of before afterwards."""
    before = os.environ.get("DAISY_SETTINGS")
    os.environ["DAISY_SETTINGS"] = str(hub.settings_file)
    try:
        yield load()
    finally:
        if before is None:
            del os.environ["DAISY_SETTINGS"]
        else:
            os.environ["DAISY_SETTINGS"] = before


@contextmanager
def running(top: Path, *lines: str, environment: Path = BIN.parent) -> Iterator[Hub]:
    """Start a hub, and end it with all that it has started."""
    hub = prepared(top, *lines, environment=environment)
    try:
        hub.does("up")
        yield hub
    finally:
        # what it holds is thrown away: nothing has to be ended in order
        for process in of_instance((hub.home / "state" / "instance").read_text()):
            with suppress(psutil.Error):
                process.kill()
        hub.command("down")  # and what it has mounted


def wait_for(condition: Callable[[], Any], seconds: float) -> float:
    """Wait until something is true; say after how many seconds it was."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < seconds, "it did not come to pass"
        time.sleep(0.2)
    return time.monotonic() - started
