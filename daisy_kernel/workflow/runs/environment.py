"""Who runs what, where and with which versions."""

from __future__ import annotations

import getpass
import hashlib
import json
import os
import platform
import socket
import sys
from collections.abc import Iterable
from functools import cache
from importlib.metadata import PackageNotFoundError, distributions, version
from pathlib import Path

# what an installation leaves behind: the digest of its lock file
_INSTALLED = Path("share/daisy/environment.json")
_ALWAYS = ("daisy-kernel", "numpy")


def user() -> str:
    """Name who runs this; empty for a uid without a name, as in a container."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""


def host() -> str:
    """Name the machine."""
    return socket.gethostname()


def versions(packages: Iterable[str]) -> dict[str, str]:
    """Versions of Python, the kernel and of distributions, as far as installed."""
    found = {"python": platform.python_version()}
    # a module is named with an underscore where its distribution has a hyphen
    given = [name.replace("_", "-") for name in packages]
    for name in dict.fromkeys([*_ALWAYS, *given]):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


@cache
def environment() -> dict[str, str]:
    """Digests of what is installed.

    Returns
    -------
    :
        `packages` over names and versions of all distributions; `lock` of the lock
        file that they were installed from and `image` of the container's image, where
        the installation says so.
    """
    names = sorted(f"{d.metadata['Name']}=={d.version}" for d in distributions())
    found = {"packages": hashlib.sha256("\n".join(names).encode()).hexdigest()}
    try:
        installed = json.loads((Path(sys.prefix) / _INSTALLED).read_text())
        found["lock"] = str(installed["lock"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    if image := os.environ.get("DAISY_IMAGE_DIGEST"):
        found["image"] = image
    return found
