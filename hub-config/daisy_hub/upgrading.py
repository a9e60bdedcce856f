"""Replace the hub's own programs by newer ones, while servers and clusters go on.

Each part is ended and started again from the newer environment; the proxies are not,
for open pages, and what computes on a cluster, hold on to their connections.
"""

import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import psutil

from daisy_hub import processes
from daisy_hub.backup import BackupError, back_up
from daisy_hub.settings import Settings

FIRST = "supervisor"  # it would start the others again
REPLACED = FIRST, "hub", "gateway", "launcher", "grants"
LASTING = "proxy", "gateway-proxy"
BACKUPS = 5

Parts = Mapping[str, psutil.Process]


def end_older(settings: Settings, running: Parts, say: Callable[[str], None]) -> None:
    """End parts that run from another environment than this one; back up before."""
    older = {part: p for part, p in running.items() if _is_older(settings, p)}
    # in the order in which they are named
    replaced = [part for part in REPLACED if part in older]
    if not replaced:
        return
    say(f"The state is backed up in {make_backup(settings)}.")
    processes.end(older[part] for part in replaced if part == FIRST)
    processes.end(older[part] for part in replaced if part != FIRST)
    say(f"Ended, of an earlier DAISY: {', '.join(replaced)}.")
    for part in LASTING:
        if part in older:
            say(
                f"The {part} stays that of an earlier DAISY, since pages and clusters "
                "hold on to it. make down and make up replace it."
            )


def make_backup(settings: Settings) -> str:
    """Back the state up before databases are changed; keep the newest few.

    Raises
    ------
    BackupError
        It cannot be written.
    """
    target = settings.backups / f"before-{datetime.now():%Y%m%dT%H%M%S}.tar.gz"
    try:
        settings.backups.mkdir(mode=0o700, exist_ok=True)
        if not target.exists():
            back_up(settings, target)
    except OSError as error:
        raise BackupError(
            f"The state cannot be backed up as {target} ({error}), so nothing was "
            "upgraded. Make room there, then run make up again."
        ) from error
    for old in sorted(settings.backups.glob("before-*.tar.gz"))[:-BACKUPS]:
        old.unlink()
    return str(target)


def _is_older(settings: Settings, process: psutil.Process) -> bool:
    """Whether a part runs from another environment of this installation.

    Parts in containers do not: they are compared by their images.
    """
    environments, own = settings.home / "envs", Path(sys.prefix).resolve()
    with suppress(psutil.Error, OSError):
        # not the programs themselves: python is a link to the system's
        folders = [Path(p).parent.resolve() for p in _programs(process)]
        return any(
            folder.is_relative_to(environments) and not folder.is_relative_to(own)
            for folder in folders
        )
    return False


def _programs(process: psutil.Process) -> list[str]:
    return [process.exe(), *process.cmdline()[:1]]
