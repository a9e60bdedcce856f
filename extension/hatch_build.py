"""Put the built TypeScript part and the templates into the wheel.

An editable install skips all of it: the Python side is developed and tested
without node. `npm ci` installs exactly what package-lock.json says and runs no
script of any package.
"""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class WheelParts(BuildHookInterface):
    """Build the labextension, then name the folders that travel with it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build before the wheel is packed."""
        if version == "editable":
            return
        root = Path(self.root)
        built = root / "daisy_lab" / "labextension"
        _build(root)
        if not (built / "static" / "style.js").is_file():
            raise RuntimeError(f"the build left no {built}/static/style.js")
        share = "share/jupyter/labextensions/daisy-lab"
        build_data["shared_data"].update(
            {str(built): share, str(root / "install.json"): f"{share}/install.json"}
        )
        templates = root.parent / "notebooks-templates"
        if (templates / "index.yaml").is_file():
            build_data["force_include"][str(templates)] = "daisy_lab/templates"


def _build(root: Path) -> None:
    """Install the locked packages where that is not done, and build."""
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError(
            "npm is not on PATH. Building daisy-lab needs node 20 or newer; "
            "a finished wheel needs none."
        )
    installed = root / "node_modules" / ".package-lock.json"
    lock = root / "package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        subprocess.run([npm, "ci", "--ignore-scripts"], cwd=root, check=True)
    subprocess.run([npm, "run", "build:prod"], cwd=root, check=True, env=os.environ)
