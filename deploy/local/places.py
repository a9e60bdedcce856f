"""Where things are: the checkout, the installation, its tools and environments."""

import os
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent


def _home() -> Path:
    return Path(os.environ.get("DAISY_HOME") or ROOT / ".daisy").resolve()


HOME = _home()
TOOLS = ROOT / ".daisy" / "tools"
STATE = HOME / "state"
LOG = HOME / "install.log"
DEMO = HOME / "data"
PUBLIC = HOME / "public"
SETTINGS = STATE / "settings.toml"
UP_FILE = HOME / "up.json"
ENVIRONMENTS = HOME / "envs"
# the environment of the commands, which are those of the newest hub: a link
HUB = ENVIRONMENTS / "hub"
HUB_COMMAND = HUB / "bin" / "daisy-hub"


def make() -> None:
    """Make the installation's folders; only their owner may enter."""
    for folder in (HOME, STATE, ENVIRONMENTS, TOOLS.parent):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    HOME.chmod(0o700)
    TOOLS.mkdir(exist_ok=True)


def settings() -> dict[str, Any]:
    """Return what an earlier start wrote, or nothing."""
    if not SETTINGS.exists():
        return {}
    return tomllib.loads(SETTINGS.read_text())
