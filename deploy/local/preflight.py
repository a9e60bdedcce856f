"""What must be true before anything is installed or started."""

import os
import platform
import shutil
import socket
import subprocess
from collections.abc import Iterator

import places
from steps import Failed

PORTS = 7
FRESH_BYTES = 6e9  # tools, build, two environments, a demo beamtime
GOING_BYTES = 0.5e9


def check(port: int, running: bool) -> None:
    """Check machine, disk, ports and user namespaces, all before a word is installed.

    Raises
    ------
    Failed
        Every problem with what to do about it.
    """
    problems = [*_machine(), *_disk(), *_namespaces()]
    if not running:
        problems += _ports(port)
    if problems:
        raise Failed("\n".join(["this machine is not ready:", *problems]))


def _machine() -> Iterator[str]:
    if platform.system() != "Linux" or platform.machine() != "x86_64":
        yield (
            "- DAISY runs on Linux on x86_64; this is "
            f"{platform.system()} on {platform.machine()}."
        )


def _disk() -> Iterator[str]:
    needed = GOING_BYTES if places.HUB_COMMAND.exists() else FRESH_BYTES
    folder = next(p for p in (places.HOME, *places.HOME.parents) if p.exists())
    free = shutil.disk_usage(folder).free
    if free < needed:
        yield (
            f"- {folder} has {free / 1e9:.1f} GB free, {needed / 1e9:.1f} GB are "
            "needed. Free some, or set DAISY_HOME to a folder on another disk."
        )
    if not os.access(folder, os.W_OK):
        yield f"- {folder} is not writable for you. Set DAISY_HOME to one that is."


def _ports(first: int) -> Iterator[str]:
    busy = [port for port in range(first, first + PORTS) if not _is_free(port)]
    if busy:
        yield (
            f"- port {', '.join(map(str, busy))} is in use; {PORTS} free ones in a "
            f"row are needed. Try: make up PORT={first + 1000}"
        )


def _namespaces() -> Iterator[str]:
    """Check what the sandboxes are made of; root needs mount namespaces only."""
    flags = ["--mount", "--pid", "--fork"]
    if os.geteuid() != 0:
        flags = ["--user", *flags]
    try:
        result = subprocess.run(
            ["unshare", *flags, "true"], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        yield "- unshare is missing: apt-get install util-linux"
        return
    if result.returncode != 0:
        yield (
            "- this machine allows no namespaces for sandboxes "
            f"({result.stderr.strip()}). An administrator can allow them: "
            "sysctl -w kernel.unprivileged_userns_clone=1 "
            "user.max_user_namespaces=15000 (on Ubuntu also "
            "kernel.apparmor_restrict_unprivileged_userns=0); or run make up as root."
        )


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
