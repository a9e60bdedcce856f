"""A JupyterLab of its own for tests and benchmarks, and the browser it is seen in."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import ClassVar

ROOT = Path(__file__).parents[1]
LABEXTENSION = ROOT / "extension" / "daisy_lab" / "labextension"
# WebGL without a graphics card
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]
WELCOMED = "daisy-welcomed"
_START_SECONDS = 60
_NEWS = "@jupyterlab/apputils-extension:announcements"


def chromium_path() -> str:
    """Return where Chromium is."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        raise FileNotFoundError("chromium is not on PATH: apt-get install chromium")
    return found


def built_labextension() -> Path:
    """Return the folder of the built TypeScript part; build it where it is old."""
    extension = ROOT / "extension"
    built = LABEXTENSION / "static" / "style.js"
    sources = [*(extension / "src").rglob("*.ts*"), *(extension / "style").iterdir()]
    newest = max(source.stat().st_mtime for source in sources)
    if not built.exists() or built.stat().st_mtime < newest:
        npm = shutil.which("npm")
        assert npm, "npm is needed to build the extension"
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        commands = [["run", "build:prod"]]
        if not (extension / "node_modules" / ".package-lock.json").exists():
            commands.insert(0, ["ci", "--ignore-scripts"])
        for command in commands:
            environment = {**os.environ, "PATH": path}
            subprocess.run([npm, *command], cwd=extension, check=True, env=environment)
    return LABEXTENSION


class Lab:
    """A running JupyterLab, with nothing but our extension added.

    Parameters
    ----------
    home
        Where its settings and its log go, and what its file browser shows.
    data
        The tree of proposals.
    root
        What its file browser shows instead of *home*.
    """

    extensions: ClassVar = {"daisy_lab": True}
    python = Path(sys.executable)
    prefix: ClassVar[list[str]] = []  # of the command that starts it

    def __init__(self, home: Path, data: Path, root: Path | None = None) -> None:
        self.home, self.data, self.root = home, data, root or home
        self.token = secrets.token_hex(16)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = home / "lab.log"

    def start(self) -> Lab:
        """Start it, and wait until it answers."""
        self._install()
        config = self._configure()
        environment = self._environment(config)
        command = [
            *self.prefix,
            self.python,
            "-m",
            "jupyterlab",
            "--allow-root",
            "--no-browser",
        ]
        self.process = subprocess.Popen(
            [*command, f"--port={self.port}", "--ServerApp.port_retries=0"],
            env=environment,
            cwd=self.home,
            stdout=self.log.open("wb"),
            stderr=subprocess.STDOUT,
        )
        end = time.monotonic() + _START_SECONDS
        while True:
            try:
                urllib.request.urlopen(f"{self.address}/api", timeout=2)
                return self
            except OSError:
                assert time.monotonic() < end, self.log.read_text()
                assert self.process.poll() is None, self.log.read_text()
                time.sleep(0.2)

    def stop(self) -> None:
        """End it."""
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def _install(self) -> None:
        link = self.home / "jupyter" / "labextensions" / "daisy-lab"
        link.parent.mkdir(parents=True)
        link.symlink_to(built_labextension())

    def _configure(self) -> Path:
        config = self.home / "config"
        (config / "labconfig").mkdir(parents=True)
        settings = {
            "IdentityProvider": {"token": self.token},
            "ServerApp": {
                "jpserver_extensions": self.extensions,
                "open_browser": False,
                "root_dir": str(self.root),
            },
            "LabApp": {"extension_manager": "readonly"},
        }
        (config / "jupyter_server_config.json").write_text(json.dumps(settings))
        (config / "labconfig" / "page_config.json").write_text(
            json.dumps({"disabledExtensions": {_NEWS: True}})
        )
        # nobody is new here, so that no offer lies over the page
        (config / WELCOMED).touch()
        return config

    def _environment(self, config: Path) -> dict[str, str]:
        kernels = ROOT / "daisy_kernel/jupyter/wheel/data/share/jupyter"
        paths = [
            str(self.home / "jupyter"),
            str(kernels),
            os.environ.get("JUPYTER_PATH", ""),
        ]
        return {
            **os.environ,
            "HOME": str(self.home),
            "DAISY_DATA": str(self.data),
            "JUPYTER_CONFIG_DIR": str(config),
            "JUPYTER_DATA_DIR": str(self.home / "share"),
            "JUPYTER_RUNTIME_DIR": str(self.home / "runtime"),
            "JUPYTER_PATH": os.pathsep.join(filter(None, paths)),
        }
