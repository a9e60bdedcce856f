"""The two JupyterLabs: one with our extension, one with the peer's."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import ClassVar

from bench.browser import data
from labs import ROOT, Lab

PEER = ROOT / ".daisy" / "peers" / "browser"


class Ours(Lab):
    """Ours, on a folder of the benchmark."""

    def __init__(self, home: Path, folder: Path) -> None:
        super().__init__(home, folder / "data", folder)


class Peer(Lab):
    """jupyterlab-h5web, in the environment that `make bench-browser` makes."""

    extensions: ClassVar = {"jupyterlab_h5web": True}
    python = PEER / "bin" / "python"

    def __init__(self, home: Path, folder: Path) -> None:
        super().__init__(home, folder / "data", folder / data.RAW)

    def _install(self) -> None:
        """Nothing to add: it is in its own environment."""


def versions(python: Path, names: tuple[str, ...]) -> dict[str, str]:
    """Give the versions of packages in an environment."""
    code = (
        "import json, sys; from importlib.metadata import version; "
        "print(json.dumps({name: version(name) for name in sys.argv[1:]}))"
    )
    told = subprocess.run(
        [python, "-c", code, *names], capture_output=True, text=True, check=True
    )
    return dict(json.loads(told.stdout))
