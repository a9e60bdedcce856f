"""Build the images, each once for each state of what is in it.

A tag is the digest of base, Dockerfile and context: where it is there, nothing is
built. `latest` moves to what was built last, `.daisy/images.json` names the images of
the present sources.
"""

import hashlib
import json
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
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
CONTENTS = {"lab": "user", "hub": "hub"}


@dataclass(frozen=True)
class Build:
    """One image to build."""

    tag: str
    base: str
    dockerfile: Path
    context: Path

    def run(self) -> None:
        """Call docker."""
        engine.docker(
            "build", "--quiet", "--tag", self.tag, "--build-arg", f"BASE={self.base}",
            "--file", self.dockerfile, self.context,
        )  # fmt: skip


def build(base_name: str = base.DEFAULT, wheels: Path | None = None) -> dict[str, str]:
    """Return the names of the images, built where they are new."""
    engine.check()
    places.make()
    tools.install(build=wheels is None)
    wheels = wheels or wheelhouse.build()
    with tempfile.TemporaryDirectory(dir=places.HOME) as folder:
        lowest = _base(base_name, Path(folder))
        _run([lowest])
        _check_python(lowest.tag)
        above = {
            name: _environment(name, lowest.tag, wheels, Path(folder) / name)
            for name in CONTENTS
        }
        _run(list(above.values()))
    names = {"base": lowest.tag, **{name: b.tag for name, b in above.items()}}
    for name in names.values():
        engine.docker("tag", name, f"{name.partition(':')[0]}:latest")
    _write(names)
    return names


def show(names: dict[str, str]) -> None:
    """Print names and sizes."""
    below = engine.image_bytes(names["base"])
    for name in names.values():
        size = engine.image_bytes(name)
        shared = f", {(size - below) / 1e6:.0f} MB over base" if size != below else ""
        print(f"  {name:<28}{size / 1e6:6.0f} MB{shared}")


def _base(base_name: str, folder: Path) -> Build:
    found = base.find(base_name)
    dockerfile = FOLDER / "base" / "Dockerfile"
    tag = _tag("base", engine.image_id(found), dockerfile.read_text())
    (folder / "base").mkdir()
    return Build(tag, found, dockerfile, folder / "base")


def _environment(name: str, base_image: str, wheels: Path, folder: Path) -> Build:
    options, distributions = environments.CONTENTS[CONTENTS[name]]
    folder.mkdir()
    digest = context.fill(folder, wheels, tuple(options), distributions)
    dockerfile = FOLDER / name / "Dockerfile"
    tag = _tag(name, base_image, dockerfile.read_text(), digest)
    return Build(tag, base_image, dockerfile, folder)


def _run(builds: list[Build]) -> None:
    """Build what is new, side by side: one compiles while another copies."""
    new = [b for b in builds if not engine.has_image(b.tag)]
    if not new:
        return
    with (
        step(f"building {', '.join(b.tag for b in new)}"),
        ThreadPoolExecutor() as pool,
    ):
        for built in [pool.submit(b.run) for b in new]:
            built.result()


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
