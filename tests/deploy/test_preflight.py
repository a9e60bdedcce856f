"""What `make up` says on a machine where it cannot go on, before it does anything."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from installations import ORDINARY_UID, copy_sources, free_ports

pytestmark = pytest.mark.slow

NEEDED = (
    "python3",
    "sh",
    "env",
    "unshare",
    "true",
    "node",
    "npm",
    "apt-cache",
    "apt-get",
)


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    """Copy the sources to where another user may read and write."""
    top = Path(f"/var/tmp/daisy-preflight-{os.getpid()}")
    copy_sources(top / "checkout")
    for path in (top, *top.rglob("*")):
        os.chown(path, _uid(), _uid())
    yield top / "checkout"
    shutil.rmtree(top, ignore_errors=True)


def _uid() -> int:
    return ORDINARY_UID if os.geteuid() == 0 else os.getuid()


def up(checkout: Path, programs: Path, **environment: str) -> str:
    """Run what `make up` runs, as an ordinary user; return what it says."""
    command = ["/usr/bin/python3", "deploy/local", "up", "--port", str(free_ports()[0])]
    if os.geteuid() == 0:
        identity = f"--reuid={_uid()}", f"--regid={_uid()}", "--clear-groups"
        command = ["/usr/bin/setpriv", *identity, *command]
    result = subprocess.run(
        command,
        cwd=checkout,
        env={"PATH": str(programs), "HOME": str(checkout.parent), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode != 0
    assert "Traceback" not in result.stderr
    return result.stdout + result.stderr


@pytest.fixture
def programs(checkout: Path) -> Path:
    """Make a PATH with neither a compiler nor Rust."""
    folder = checkout.parent / "bin"
    folder.mkdir()
    for name in NEEDED:
        if found := shutil.which(name):
            (folder / name).symlink_to(found)
    return folder


def test_without_root_the_one_line_to_install_a_compiler_is_named(checkout, programs):
    said = up(checkout, programs)

    (line,) = [part for part in said.splitlines() if "apt-get install" in part]
    assert line.strip().startswith("apt-get install -y --no-install-recommends gcc")
    assert "rustc" in line
    assert "cargo" in line


def test_a_machine_without_namespaces_is_told_how_to_allow_them(checkout, programs):
    (programs / "unshare").unlink()
    refusing = programs / "unshare"
    refusing.write_text(
        "#!/bin/sh\necho 'unshare failed: Operation not permitted' >&2\nexit 1\n"
    )
    refusing.chmod(0o755)

    said = up(checkout, programs)

    assert "Operation not permitted" in said
    assert "kernel.unprivileged_userns_clone=1" in said
    assert "run make up as root" in said
    assert not (checkout / ".daisy").exists()


def test_a_home_that_cannot_be_written_is_named(checkout, programs):
    said = up(checkout, programs, DAISY_HOME="/proc/daisy")

    assert "/proc is not writable for you" in said
