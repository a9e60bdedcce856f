"""Build the images, each once for each state of what is in it.

A tag is the digest of base, Dockerfile and context: where it is there, nothing is
built. `.daisy/images.json` names the images of the present sources.
"""

import hashlib
import json
import tempfile
from pathlib import Path

import base
import context
import engine
import environments
import places
import tools
import wheelhouse
from steps import Failed, run, step

FOLDER = places.ROOT / "images"
# as the environments of the local profile
CONTENTS = {"lab": places.USER, "hub": places.HUB}


def build(base_name: str = base.DEFAULT, wheels: Path | None = None) -> dict[str, str]:
    """Return the names of the images, built where they are new."""
    engine.check()
    places.make()
    tools.install(build=wheels is None)
    wheels = wheels or wheelhouse.build()
    names = {"base": _build_base(base_name)}
    _check_python(names["base"])
    for name, environment in CONTENTS.items():
        options, distributions = environments.CONTENTS[environment]
        names[name] = _build_environment(
            name, names["base"], wheels, tuple(options), distributions
        )
    _write(names)
    return names


def show(names: dict[str, str]) -> None:
    """Print names and sizes."""
    below = engine.image_bytes(names["base"])
    for name in names.values():
        size = engine.image_bytes(name)
        shared = f", {(size - below) / 1e6:.0f} MB over base" if size != below else ""
        print(f"  {name:<28}{size / 1e6:6.0f} MB{shared}")


def _build_base(base_name: str) -> str:
    found = base.find(base_name)
    dockerfile = FOLDER / "base" / "Dockerfile"
    tag = _tag("base", engine.image_id(found), dockerfile.read_text())
    if not engine.has_image(tag):
        with tempfile.TemporaryDirectory(dir=places.HOME) as folder:
            _docker_build(tag, found, dockerfile, Path(folder))
    return tag


def _build_environment(
    name: str,
    base_image: str,
    wheels: Path,
    options: tuple[str, ...],
    distributions: tuple[str, ...],
) -> str:
    dockerfile = FOLDER / name / "Dockerfile"
    with tempfile.TemporaryDirectory(dir=places.HOME) as folder:
        digest = context.fill(Path(folder), wheels, options, distributions)
        tag = _tag(name, base_image, dockerfile.read_text(), digest)
        if not engine.has_image(tag):
            _docker_build(tag, base_image, dockerfile, Path(folder))
    return tag


def _docker_build(tag: str, base_image: str, dockerfile: Path, folder: Path) -> None:
    with step(f"building {tag}"):
        engine.docker(
            "build", "--quiet", "--tag", tag, "--build-arg", f"BASE={base_image}",
            "--file", dockerfile, folder,
        )  # fmt: skip


def _tag(name: str, *contents: str) -> str:
    total = hashlib.sha256()
    for content in contents:
        total.update(hashlib.sha256(content.encode()).digest())
    return f"daisy/{name}:{total.hexdigest()[:12]}"


def _check_python(image: str) -> None:
    """Check that the image's Python is the one that the wheels are chosen for."""
    words = "--version"
    inside = engine.docker("run", "--rm", "--network", "none", image, "python3", words)
    here = run([tools.python(), words])
    if _minor(inside) != _minor(here):
        raise Failed(
            f"{image} has {inside.strip()}, this machine has {here.strip()}. Wheels "
            "are chosen by this machine's Python: build on a base with the same one "
            "(make images BASE=...)."
        )


def _minor(version: str) -> list[str]:
    return version.rsplit(maxsplit=1)[-1].split(".")[:2]


def _write(names: dict[str, str]) -> None:
    path = places.HOME / "images.json"
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps(names, indent=2) + "\n")
    draft.replace(path)
