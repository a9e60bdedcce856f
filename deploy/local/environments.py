"""Install the product's wheels and the locked packages into environments.

`hub` runs the hub and the gateway, `user` the servers and clusters. What has been made
is never changed: other sources have an environment of their own, named by what is in
it, beside those that people work with. One that is there is whole.
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

CONTENTS = {
    "hub": (["--package", "daisy-hub"], ("daisy_hub",)),
    "user": (
        ["--package", "daisy-lab", "--extra", "server"],
        ("daisy_kernel", "daisy_lab"),
    ),
}


def install(name: str, wheel_folder: Path) -> Path:
    """Return the environment of these wheels and the lock file, made if it is new."""
    options, distributions = CONTENTS[name]
    own = [wheelhouse.find(wheel_folder, d) for d in distributions]
    folder = places.ENVIRONMENTS / f"{name}-{_digest(own)}"
    if not folder.exists():
        draft = folder.with_name(f".{folder.name}")
        shutil.rmtree(draft, ignore_errors=True)
        with step(f"installing the {name} environment"):
            _install(draft, options, own)
            draft.rename(folder)
    return folder


def version(wheel_folder: Path) -> str:
    """Return the version of DAISY that the wheels have."""
    return wheelhouse.find(wheel_folder, "daisy_lab").name.split("-")[1]


def use_hub(folder: Path) -> None:
    """Let commands be those of an environment; what runs goes on with what it has."""
    draft = places.HUB.with_name(".hub.draft")
    draft.unlink(missing_ok=True)
    draft.symlink_to(folder.name)
    if places.HUB.is_dir() and not places.HUB.is_symlink():
        shutil.rmtree(places.HUB)  # before there were generations
    draft.replace(places.HUB)


def _install(draft: Path, options: list[str], own: list[Path]) -> None:
    # relocatable: it is renamed, and seen elsewhere by who runs in a sandbox
    venv: list[str | Path] = ["venv", "--relocatable", "--python", tools.python()]
    sync = "sync", "--locked", "--no-dev", "--no-install-workspace"
    pip = "pip", "install", "--python", draft / "bin" / "python", "--no-deps"
    commands: list[list[str | Path]] = [
        [*venv, draft],
        [*sync, *options, "--compile-bytecode"],
        [*pip, "--compile-bytecode", *own],
    ]
    env = {**tools.environment(), "UV_PROJECT_ENVIRONMENT": str(draft)}
    for words in commands:
        run([tools.uv(), *words], env=env, cwd=places.ROOT, log=places.LOG)
    _write_lock_digest(draft)


def _write_lock_digest(environment: Path) -> None:
    """Leave the digest of the lock file: results say what they were made with."""
    digest = hashlib.sha256((places.ROOT / "uv.lock").read_bytes()).hexdigest()
    folder = environment / "share" / "daisy"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "environment.json").write_text(json.dumps({"lock": digest}))


def _digest(own: list[Path]) -> str:
    """Return a digest of what an environment is made of."""
    total = hashlib.sha256((places.ROOT / "uv.lock").read_bytes())
    total.update(os.path.realpath(tools.python()).encode())
    for wheel in own:
        total.update(wheelhouse.content_digest(wheel))
    return total.hexdigest()[:12]
