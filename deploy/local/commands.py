"""The commands of the Makefile, each a few steps."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import base as image_base
import engine as container_engine
import environments
import places
import preflight
import tools
import wheelhouse
from development import check, setup
from lanes import test
from steps import Failed, follow, run, step

import images as container_images

__all__ = [
    "build",
    "check",
    "down",
    "images",
    "logs",
    "purge",
    "setup",
    "status",
    "test",
    "up",
]

DEFAULT_PORT = 8000
DEFAULT_ACCOUNTS = "anna,ben"
LOG_LINES = 30
NOT_READY = 4  # of `daisy-hub status`: something runs, but does not answer


def up(
    port: int | None,
    data: str | None,
    accounts: str | None,
    wheels: str | None,
    profile: str | None,
) -> None:
    """Install what is missing, make a demo beamtime, start, and say where it is."""
    started = time.monotonic()
    before = places.settings()
    port = port or before.get("port", DEFAULT_PORT)
    running = _is_running()
    print("DAISY is being made ready.", flush=True)
    preflight.check(port, running)
    profile = profile or before.get("profile", "local")
    if running and (
        port != before["port"]
        or (data and _changed(data, before))
        or profile != before.get("profile", "local")
    ):
        raise Failed(
            "DAISY runs with another port, tree or profile. Run make down first."
        )
    in_containers = profile == "docker"
    if in_containers:
        container_engine.check()
    places.make()
    tools.install(build=not wheels)
    folder = Path(wheels).resolve() if wheels else wheelhouse.build()
    if running and places.HUB.exists() and not places.HUB.is_symlink():
        raise Failed("this DAISY is too old to be upgraded: run make down first.")
    hub = environments.install("hub", folder)
    images = container_images.build(wheels=folder) if in_containers else {}
    software = images["lab"] if images else str(environments.install("user", folder))
    names = (accounts or DEFAULT_ACCOUNTS).split(",")
    tree, is_demo = _tree(data, before, names, software)
    _make_public(software)
    _write_settings(profile, port, tree, is_demo, images)
    environments.use_hub(hub)
    with step("starting the hub"):
        words = [word for name in names for word in ("--account", name)]
        said = _bring(software, environments.version(folder))
        said += run([places.HUB_COMMAND, "up", *words])
    print("".join(f"  {line}\n" for line in said.splitlines()), end="")
    _tell(time.monotonic() - started)


def down() -> None:
    """End everything that was started here."""
    if places.HUB_COMMAND.exists() and places.SETTINGS.exists():
        print(run([places.HUB_COMMAND, "down"]), end="")
    else:
        print("DAISY was never started here.")


def status() -> None:
    """Show what runs."""
    if not places.HUB_COMMAND.exists() or not places.SETTINGS.exists():
        raise Failed("DAISY is not installed here. Run make up.")
    sys.exit(follow([places.HUB_COMMAND, "status"]))


def logs() -> None:
    """Show the end of every log, newest last."""
    found = sorted((places.STATE / "log").glob("*.log"), key=os.path.getmtime)
    if not found:
        raise Failed(f"there are no logs in {places.STATE / 'log'} yet.")
    for path in found:
        print(f"==> {path} <==")
        print("\n".join(path.read_text(errors="replace").splitlines()[-LOG_LINES:]))


def purge() -> None:
    """Ask, then delete the installation with all homes."""
    if not places.HOME.exists():
        print(f"There is no {places.HOME}.")
        return
    homes = places.HOME / "homes"
    names = sorted(p.name for p in homes.iterdir()) if homes.exists() else []
    print(
        f"This deletes {places.HOME}: the installation, the demo data, and the homes "
        f"of {', '.join(names) or 'nobody'}.\nType delete to go on: ",
        end="",
        flush=True,
    )
    if sys.stdin.readline().strip() != "delete":
        raise Failed("nothing was deleted.")
    down()
    with step(f"deleting {places.HOME}"):
        shutil.rmtree(places.HOME)


def build() -> None:
    """Build the wheels into dist/."""
    places.make()
    tools.install(build=True)
    folder = wheelhouse.build()
    (places.ROOT / "dist").mkdir(exist_ok=True)
    for wheel in folder.glob("*.whl"):
        shutil.copy2(wheel, places.ROOT / "dist")
        print(f"  dist/{wheel.name}")


def images(base: str | None, wheels: str | None) -> None:
    """Build the container images, or find those of the present sources."""
    print("Container images are being made.", flush=True)
    folder = Path(wheels).resolve() if wheels else None
    container_images.show(container_images.build(base or image_base.DEFAULT, folder))


def _is_running() -> bool:
    if not places.HUB_COMMAND.exists() or not places.SETTINGS.exists():
        return False
    result = subprocess.run(
        [places.HUB_COMMAND, "status"], capture_output=True, text=True, check=False
    )
    return result.returncode in (0, NOT_READY)


def _changed(data: str, before: dict[str, object]) -> bool:
    return str(Path(data).resolve()) != before["data"]


def _bring(software: str, version: str) -> str:
    """Let new servers start with what is new; those that run go on as they are."""
    name = Path(software).name.replace(":", "-")  # of a folder, or of an image
    return run([places.HUB_COMMAND, "bring", name, software, "--version", version])


def _tree(
    data: str | None,
    before: dict[str, object],
    names: list[str],
    software: str,
) -> tuple[Path, bool]:
    """Return the tree of proposals and whether it is the demo, which is made if new."""
    if data or (before and not before.get("data_is_demo")):
        return Path(data or str(before["data"])).resolve(), False
    if not places.DEMO.exists():
        with step("making a demo beamtime"):
            _make_demo(software, places.DEMO, "--accounts", ",".join(names))
    return places.DEMO, True


def _make_demo(software: str, folder: Path, *options: str) -> None:
    """Call `daisy demo`, in a container where the environment is in an image."""
    if Path(software).is_absolute():
        command = Path(software) / "bin" / "daisy"
        run([command, "demo", folder, *options], log=places.LOG)
    else:
        container_engine.run_in(
            software, places.HOME, "daisy", "demo", folder, *options
        )


def _make_public(software: str) -> None:
    """Make the examples that every account sees, if they are new."""
    if not places.PUBLIC.exists():
        with step("making example data for everybody"):
            _make_demo(software, places.PUBLIC, "--public")


def _write_settings(
    profile: str, port: int, data: Path, is_demo: bool, images: dict[str, str]
) -> None:
    """Write what the command line says; what an operator added stays."""
    kept: dict[str, Any] = {
        **places.settings(),
        "home": str(places.HOME),
        "profile": profile,
        "port": port,
        "data": str(data),
        "data_is_demo": is_demo,
        "public": str(places.PUBLIC),
    }
    kept.pop("user_environment", None)  # of generations, which are named elsewhere
    if images:
        kept["containers"] = {
            **kept.get("containers", {}),
            "engine": os.environ.get("DOCKER_HOST", container_engine.DEFAULT_SOCKET),
            "hub_image": images["hub"],
        }
    text = "".join(f"{name} = {_toml(value)}\n" for name, value in kept.items())
    draft = places.SETTINGS.with_suffix(".draft")
    draft.write_text(text)
    draft.replace(places.SETTINGS)


def _toml(value: Any) -> str:
    """Write a value as TOML; a string, number or boolean is as in JSON."""
    if isinstance(value, dict):
        entries = (f"{json.dumps(k)} = {_toml(v)}" for k, v in value.items())
        return f"{{ {', '.join(entries)} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value)


def _tell(seconds: float) -> None:
    up_file = json.loads(places.UP_FILE.read_text())
    print(f"\nDAISY is ready after {seconds:.0f} s at {up_file['address']}")
    for account in up_file["accounts"]:
        password = account["password"] or "(changed by its owner)"
        print(f"  account {account['name']:<12} password {password}")
    print(f"  data    {up_file['data']}\n  log     {up_file['log']}")
    print("  make status, make logs, make down")
