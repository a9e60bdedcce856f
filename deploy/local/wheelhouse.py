"""Build the product's wheels, once for each state of the sources."""

import hashlib
import os
import shutil
import zipfile
from pathlib import Path

import places
import tools
from steps import Failed, run, step

DISTRIBUTIONS = "daisy_kernel", "daisy_lab", "daisy_hub"
SOURCES = (
    "daisy_kernel", "extension", "hub-config", "notebooks-templates",
    "pyproject.toml", "uv.lock", "README.md", "LICENSE",
)  # fmt: skip
# what a build or a run leaves among the sources
LEFT_OUT = {"node_modules", "target", "__pycache__", "lib", "labextension"}
LEFT_OUT_SUFFIXES = {".so", ".tsbuildinfo", ".pyc"}


def digest() -> str:
    """Return a digest of all sources that end up in a wheel."""
    total = hashlib.sha256()
    for path in sorted(_sources()):
        total.update(str(path.relative_to(places.ROOT)).encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()[:16]


def build() -> Path:
    """Return the folder of the wheels of the present sources; build it if new."""
    folder = places.ROOT / ".daisy" / "wheels" / digest()
    if not folder.exists():
        draft = folder.with_name(f".{folder.name}.{os.getpid()}")
        with step("building the wheels (Rust core, extension, hub)"):
            _build(draft)
        draft.rename(folder)
        for older in folder.parent.iterdir():
            if older != folder:
                shutil.rmtree(older)
    return folder


def find(folder: Path, distribution: str) -> Path:
    """Return the wheel of a distribution.

    Raises
    ------
    Failed
        There is none, or more than one.
    """
    found = sorted(folder.glob(f"{distribution}-*.whl"))
    if len(found) != 1:
        names = ", ".join(p.name for p in sorted(folder.glob("*"))) or "nothing"
        raise Failed(f"{folder} must hold one wheel of {distribution}; it has {names}.")
    return found[0]


def content_digest(wheel: Path) -> bytes:
    """Return a digest of what a wheel installs: the same for every build of it."""
    total = hashlib.sha256()
    with zipfile.ZipFile(wheel) as archive:
        for entry in sorted(archive.infolist(), key=lambda e: e.filename):
            # a list of parts with the time and a random number of its build
            if "/sboms/" not in entry.filename and not entry.filename.endswith(
                ".dist-info/RECORD"
            ):
                total.update(f"{entry.filename}\0{entry.CRC:08x}\0".encode())
    return total.digest()


def _build(draft: Path) -> None:
    # a prebuilt part of another state must not be packed
    for name in ("lib", "daisy_lab/labextension", "tsconfig.tsbuildinfo"):
        path = places.ROOT / "extension" / name
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    command: list[str | Path] = [tools.uv(), "build", "--wheel", "--all-packages"]
    run(
        [*command, "--out-dir", draft],
        env=tools.environment(),
        cwd=places.ROOT,
        log=places.LOG,
    )
    for distribution in DISTRIBUTIONS:
        find(draft, distribution)


def _sources() -> list[Path]:
    found = []
    for name in SOURCES:
        path = places.ROOT / name
        if path.is_file():
            found.append(path)
        for folder, inner, files in os.walk(path):
            inner[:] = [i for i in inner if i not in LEFT_OUT and i[0] != "."]
            found += [
                Path(folder) / file
                for file in files
                if Path(file).suffix not in LEFT_OUT_SUFFIXES
            ]
    return found
