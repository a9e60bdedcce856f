"""Install the product's wheels and the locked packages into two environments.

`hub` runs the hub and the gateway, `user` the servers and clusters. A stamp is
written when an environment is complete; without it, it is made anew.
"""

import hashlib
import json
import shutil
from collections.abc import Iterable
from pathlib import Path

import places
import tools
import wheelhouse
from steps import Failed, run, step

CONTENTS = {
    places.HUB: (["--package", "daisy-hub"], ("daisy_hub",)),
    places.USER: (
        ["--package", "daisy-lab", "--extra", "server"],
        ("daisy_kernel", "daisy_lab"),
    ),
}


def install(wheel_folder: Path, running: bool, needed: Iterable[Path]) -> None:
    """Bring the needed environments to the state of the wheels and the lock file.

    Raises
    ------
    Failed
        An environment would change under running servers.
    """
    stamp = _stamp(wheel_folder)
    for environment in needed:
        options, distributions = CONTENTS[environment]
        if _stamp_file(environment).exists():
            if _stamp_file(environment).read_text() == stamp:
                continue
            if running:
                raise Failed(
                    "the sources have changed since DAISY was started, and people "
                    "may be working. Run make down, then make up."
                )
        with step(f"installing the {environment.name} environment"):
            _install(
                environment,
                options,
                [wheelhouse.find(wheel_folder, d) for d in distributions],
            )
            _stamp_file(environment).write_text(stamp)


def _install(environment: Path, options: list[str], own: list[Path]) -> None:
    _stamp_file(environment).unlink(missing_ok=True)
    shutil.rmtree(environment, ignore_errors=True)
    env = {**tools.environment(), "UV_PROJECT_ENVIRONMENT": str(environment)}
    locked = ["sync", "--locked", "--no-dev", "--no-install-workspace"]
    run(
        [tools.uv(), *locked, *options, "--compile-bytecode"],
        env=env, cwd=places.ROOT, log=places.LOG,
    )  # fmt: skip
    python = environment / "bin" / "python"
    packages: list[str | Path] = [
        "pip",
        "install",
        "--python",
        python,
        "--no-deps",
        "--reinstall",
    ]
    run(
        [tools.uv(), *packages, "--compile-bytecode", *own],
        env=env, cwd=places.ROOT, log=places.LOG,
    )  # fmt: skip
    _write_lock_digest(environment)


def _write_lock_digest(environment: Path) -> None:
    """Leave the digest of the lock file: results say what they were made with."""
    digest = hashlib.sha256((places.ROOT / "uv.lock").read_bytes()).hexdigest()
    folder = environment / "share" / "daisy"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "environment.json").write_text(json.dumps({"lock": digest}))


def _stamp_file(environment: Path) -> Path:
    return environment.with_suffix(".stamp")


def _stamp(wheel_folder: Path) -> str:
    total = hashlib.sha256((places.ROOT / "uv.lock").read_bytes())
    total.update(tools.python().encode())
    for wheel in sorted(wheel_folder.glob("*.whl")):
        total.update(hashlib.sha256(wheel.read_bytes()).digest())
    return total.hexdigest()
