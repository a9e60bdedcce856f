"""What an image is built from: a folder with locked wheels, our own, and uv.

Wheels are downloaded here, so that nothing is fetched while an image is built and
what is installed in it is what the lock file names, by hash.
"""

import hashlib
import json
import os
import shutil
from pathlib import Path

import places
import tools
import wheelhouse
from steps import run, step

DOWNLOADS = places.ROOT / ".daisy" / "images"


def fill(
    folder: Path,
    wheels: Path,
    options: tuple[str, ...],
    distributions: tuple[str, ...],
) -> str:
    """Fill a folder for `docker build` and return a digest of what is in it."""
    requirements = _requirements(options)
    downloaded = _download(requirements)
    (folder / "requirements.txt").write_text(requirements)
    (folder / "environment.json").write_text(json.dumps({"lock": _digest_of_lock()}))
    _link(tools.uv(), folder / "uv")
    for wheel in downloaded.iterdir():
        _link(wheel, folder / "third-party" / wheel.name)
    own = [wheelhouse.find(wheels, name) for name in distributions]
    for wheel in own:
        _link(wheel, folder / "own" / wheel.name)
    total = hashlib.sha256(requirements.encode() + tools.UV.encode())
    for wheel in own:
        total.update(wheelhouse.content_digest(wheel))
    return total.hexdigest()


def _requirements(options: tuple[str, ...]) -> str:
    """Return the locked third-party packages of an environment, with hashes."""
    locked = ["--locked", "--no-dev", "--no-emit-workspace", "--no-header", "--quiet"]
    return run(
        [tools.uv(), "export", *locked, "--no-annotate", *options],
        env=tools.environment(),
        cwd=places.ROOT,
    )


def _download(requirements: str) -> Path:
    """Return the folder of the wheels; what an older list had is taken over."""
    digest = hashlib.sha256(requirements.encode()).hexdigest()[:16]
    folder = DOWNLOADS / digest
    if not folder.exists():
        draft = folder.with_name(f".{digest}.{os.getpid()}")
        draft.mkdir(parents=True)
        list_file = draft / "requirements.txt"
        list_file.write_text(requirements)
        with step("downloading the locked packages"):
            pip: list[str | Path] = [
                tools.uv().with_name("python"), "-m", "pip", "download", "--quiet",
                "--no-deps", "--only-binary=:all:", "--require-hashes",
                "--disable-pip-version-check",
            ]  # fmt: skip
            words: list[str | Path] = ["--requirement", list_file, "--dest", draft]
            run([*pip, *words], env=tools.environment(), log=places.LOG)
        list_file.unlink()
        draft.rename(folder)
    return folder


def _digest_of_lock() -> str:
    return hashlib.sha256((places.ROOT / "uv.lock").read_bytes()).hexdigest()


def _link(source: Path, target: Path) -> None:
    """Put a file into the context without a copy, where the disk allows it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
