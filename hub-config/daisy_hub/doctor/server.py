"""Why no server: programs, wall, home, the server's own last words."""

import shutil
from collections.abc import Iterable, Iterator

from daisy_hub import check
from daisy_hub.doctor.finding import Finding
from daisy_hub.doctor.inside import look_inside
from daisy_hub.doctor.launched import ask
from daisy_hub.homes import accounts_of
from daisy_hub.settings import Settings
from daisy_hub.up import parts_of, running_parts

LITTLE = 100 * 2**20  # a server and a kernel need so much to start
LAST_LINES = 5


def look(settings: Settings, name: str) -> Iterator[Finding]:
    """Look at what a server of the account needs."""
    for problem in check.problems(settings):
        yield Finding.problem(problem)
    running = running_parts(settings)
    if missing := [part for part in parts_of(settings) if part not in running]:
        yield Finding.problem(f"{', '.join(missing)} does not run.", "make up")
    yield from _home(settings, name)
    yield from _wall(settings, name)
    if f"server of {name}" in running:
        yield Finding.right(f"The server of {name} runs.")
        return
    yield Finding.right(f"The server of {name} does not run now.")
    ended = _ended(settings, name) if settings.profile == "docker" else None
    yield from [ended] if ended else _last_words(settings, name)


def _home(settings: Settings, name: str) -> Iterator[Finding]:
    home = settings.homes / name
    if not home.is_dir():
        yield Finding.right("There is no home yet; the first start makes it.")
        return
    free = shutil.disk_usage(home).free
    if free < LITTLE:
        yield Finding.problem(
            f"There are {free / 2**20:.0f} MiB free where {home} lies; a server needs "
            f"{LITTLE / 2**20:.0f}.",
            "Free some space there.",
        )
    uid = accounts_of(settings).get(name).uid
    if settings.as_root and home.stat().st_uid == 0:
        yield Finding.problem(
            f"{home} belongs to root.", f"chown -R {uid}:{uid} {home}"
        )


def _wall(settings: Settings, name: str) -> Iterator[Finding]:
    seen = look_inside(settings, name)
    what = "container" if settings.profile == "docker" else "sandbox"
    if seen.wall:
        yield Finding.problem(f"A {what} of {name} does not start: {seen.wall}")
    elif seen.home:
        yield Finding.problem(f"Its home cannot be written: {seen.home}")
    else:
        yield Finding.right(f"Its {what} starts, and its home can be written.")


def _ended(settings: Settings, name: str) -> Finding | None:
    """Say how the server's container has ended, while it is still there."""
    ending = ask(settings, "poll", account=name)["ending"]
    if not ending:
        return None
    lines = ask(settings, "logs", account=name, lines=LAST_LINES)["lines"]
    return Finding.problem(f"The server has ended. {ending}\n{_quoted(lines)}")


def _last_words(settings: Settings, name: str) -> Iterator[Finding]:
    log = settings.logs / f"server-{name}.log"
    if log.exists():
        lines = log.read_text(errors="replace").splitlines()[-LAST_LINES:]
        yield Finding.right(f"The last lines of {log}:\n{_quoted(lines)}")


def _quoted(lines: Iterable[str]) -> str:
    return "\n".join(f"    {line}" for line in lines)
