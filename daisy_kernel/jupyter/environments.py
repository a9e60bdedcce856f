"""Named environments: packages of one's own, over those that come with DAISY.

An environment is a folder with an interpreter of its own that sees the packages of the
usual environment as well, which stays read-only. It lies in the home, or in a proposal
for all its members; each is a kernel, and workers of a cluster get the same packages.
"""

from __future__ import annotations

import json
import re
import shutil
import site
import sysconfig
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import platformdirs

from daisy_kernel.catalog.proposals import proposals
from daisy_kernel.compute.software import MARK
from daisy_kernel.io.open import data_folder
from daisy_kernel.model.errors import EnvironmentRefused, OptionalPackageMissing

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,40}")
_SHARED = Path("processed", ".daisy", "envs")
_BASE = "daisy_base.pth"


@dataclass(frozen=True)
class Environment:
    """One named environment.

    Attributes
    ----------
    proposal
        `<beamline>/<proposal>` whose members share it; "" for one's own.
    """

    name: str
    folder: Path
    proposal: str = ""

    @property
    def python(self) -> Path:
        """Its interpreter; `python -m pip install` puts packages into it."""
        return self.folder / "bin" / "python"

    @property
    def kernels(self) -> Path:
        """Folder with its kernel, as Jupyter looks for kernels."""
        return self.folder / "share" / "jupyter" / "kernels"


def environments() -> list[Environment]:
    """List the environments that one may use: one's own first, then shared ones."""
    return [*_complete(_own()), *_shared()]


def create(name: str, proposal: str = "") -> Environment:
    """Make an environment; what is installed into it stays until it is removed.

    Parameters
    ----------
    name
        Small letters, digits, - and _.
    proposal
        `<beamline>/<proposal>`, to share it with all members.

    Raises
    ------
    EnvironmentRefused
        The name is none or is taken, or nothing can be written there.
    OptionalPackageMissing
    """
    if not _NAME.fullmatch(name):
        raise EnvironmentRefused(
            f"{name!r} is no name of an environment: use up to 41 of a-z, 0-9, - and "
            "_, with a letter first"
        )
    made = Environment(name, _top(proposal) / name, proposal)
    if (made.folder / MARK).exists():
        raise EnvironmentRefused(
            f"there is an environment {name} already: daisy env remove {name} first, "
            f"or install into it: {made.python} -m pip install ..."
        )
    try:
        # what is left of one whose making was interrupted
        shutil.rmtree(made.folder, ignore_errors=True)
        _make(made)
    except OSError as error:
        raise EnvironmentRefused(
            f"the environment {name} cannot be made in {made.folder}: "
            f"{error.strerror or error}"
        ) from error
    return made


def find(name: str, proposal: str = "") -> Environment:
    """Find an environment by its name.

    Raises
    ------
    EnvironmentRefused
        There is none; names those that there are.
    """
    known = environments()
    for each in known:
        if (each.name, each.proposal) == (name, proposal):
            return each
    names = ", ".join(f"{e.proposal}/{e.name}".strip("/") for e in known) or "none yet"
    raise EnvironmentRefused(f"there is no environment {name} here. There are: {names}")


def remove(environment: Environment) -> None:
    """Delete an environment with all that was installed into it.

    Raises
    ------
    EnvironmentRefused
        It belongs to somebody else.
    """
    try:
        # without the mark first: what is half gone is none
        (environment.folder / MARK).unlink()
        shutil.rmtree(environment.folder)
    except OSError as error:
        raise EnvironmentRefused(
            f"{environment.folder} cannot be deleted: {error.strerror or error}. Ask "
            "who made it."
        ) from error


def _own() -> Path:
    return platformdirs.user_data_path("daisy") / "envs"


def _top(proposal: str) -> Path:
    if not proposal:
        return _own()
    for each in proposals(data_folder()):
        if f"{each.beamline}/{each.name}" == proposal:
            return Path(each.path) / _SHARED
    raise EnvironmentRefused(f"there is no proposal {proposal} here")


def _shared() -> Iterator[Environment]:
    for each in proposals(data_folder()):
        name = f"{each.beamline}/{each.name}"
        yield from _complete(Path(each.path) / _SHARED, name)


def _complete(top: Path, proposal: str = "") -> Iterator[Environment]:
    with suppress(OSError):
        for folder in sorted(top.iterdir()):
            if (folder / MARK).is_file() and _NAME.fullmatch(folder.name):
                yield Environment(folder.name, folder, proposal)


def _make(made: Environment) -> None:
    try:
        import virtualenv
    except ModuleNotFoundError as error:
        raise OptionalPackageMissing("virtualenv", "notebook") from error
    # the wheels of pip come with virtualenv: nothing is fetched
    virtualenv.cli_run(
        [str(made.folder), "--no-download", "--no-periodic-update", "--quiet"]
    )
    _see_the_usual_packages(made)
    _write_kernel(made)
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    content = {"name": made.name, "proposal": made.proposal, "made": made_at}
    (made.folder / MARK).write_text(json.dumps(content, indent=1) + "\n")


def _see_the_usual_packages(made: Environment) -> None:
    """Put the packages of this environment behind its own."""
    paths = sysconfig.get_paths(vars={"base": str(made.folder)})
    packages = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    packages += [p for p in site.getsitepackages() if p not in packages]
    lines = (f"import site; site.addsitedir({p!r})" for p in dict.fromkeys(packages))
    Path(paths["purelib"], _BASE).write_text("\n".join(lines) + "\n")


def _write_kernel(made: Environment) -> None:
    where = f" ({made.proposal})" if made.proposal else ""
    spec = {
        # members see the folder at other places: it is found from the kernel's own
        "argv": [
            "{resource_dir}/../../../../bin/python",
            "-m", "daisy_kernel.jupyter", "-f", "{connection_file}",
        ],
        "display_name": f"DAISY: {made.name}{where}",
        "language": "python",
        "metadata": {"debugger": True},
    }  # fmt: skip
    folder = made.kernels / kernel_name(made)
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps(spec, indent=1) + "\n")


def kernel_name(environment: Environment) -> str:
    """Name the kernel of an environment, so that no two are called the same."""
    owner = environment.proposal.replace("/", ".").lower()
    return ".".join(filter(None, ("daisy-env", owner, environment.name)))
