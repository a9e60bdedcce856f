"""The image that all others stand on: pulled, or made here where no registry is.

mmdebstrap makes it from the mirror that this machine's own packages come from.
"""

import re
import shutil
import tempfile
from pathlib import Path

import engine
import places
from steps import Failed, run, step

DEFAULT = "debian:12"
RELEASE = "bookworm"
# the name of one that was made here
MADE = f"daisy/debian:{RELEASE}"
PUBLIC_MIRROR = "http://deb.debian.org/debian"
APT = Path("/etc/apt")


def find(name: str) -> str:
    """Return an image to build on, by a name that the daemon has.

    Raises
    ------
    Failed
        It can neither be found, nor pulled, nor made.
    """
    if engine.has_image(name):
        return name
    if name == DEFAULT and engine.has_image(MADE):
        return MADE
    try:
        with step(f"pulling {name}"):
            engine.docker("pull", "--quiet", name)
    except Failed as error:
        if name != DEFAULT:
            raise
        if not shutil.which("mmdebstrap"):
            raise Failed(
                f"{error}\nWithout a registry the image is made by mmdebstrap: "
                "apt-get install mmdebstrap"
            ) from error
        _make()
        return MADE
    return name


def _make() -> None:
    with (
        step(f"making {MADE} from {mirror()}"),
        tempfile.TemporaryDirectory(dir=places.HOME) as folder,
    ):
        archive = Path(folder) / "base.tar"
        words = ["--variant=minbase", "--include=ca-certificates,python3"]
        run(["mmdebstrap", *words, RELEASE, archive, mirror()], log=places.LOG)
        engine.docker("import", archive, MADE)


def mirror() -> str:
    """Return the Debian mirror of this machine, or the public one."""
    files = [APT / "sources.list", *sorted((APT / "sources.list.d").glob("*"))]
    for path in files:
        if path.suffix not in (".list", ".sources") or not path.is_file():
            continue
        found = re.search(
            r"^(?:URIs:|deb(?: \[.*?\])?)\s+(\S+/debian/?)(?:\s|$)",
            path.read_text(),
            re.MULTILINE,
        )
        if found:
            return found.group(1)
    return PUBLIC_MIRROR
