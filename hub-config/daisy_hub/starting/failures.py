"""Why a start failed, the server's last lines, and what one can do: words and buttons.

The hub shows what an exception carries on four pages (the form, an error, a server that
does not run, the progress), so the buttons are part of it.
"""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader
from jupyterhub.spawner import SpawnException

TEMPLATES = Path(__file__).parent.parent / "templates"
# what is read of a log's end, in bytes, and shown of it, in lines
TAIL_BYTES, TAIL_LINES = 16_384, 12
UNAVAILABLE = 503
# words of a server that could not write
FULL_WORDS = "No space left on device", "Disk quota exceeded", "disk is full"

_templates = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)


class StartFailed(SpawnException):
    """A server that could not be started, for the person who waits.

    Parameters
    ----------
    cause
        What happened, in a sentence or two.
    reason
        One word for the hub's numbers: `home`, `memory`, `ended`, ...
    spawn_url
        Where a start is asked for.
    advice
        What the person can do.
    lines
        The last lines of the server's log.
    rescue
        Whether a rescue start may help.
    """

    def __init__(
        self,
        cause: str,
        *,
        reason: str,
        spawn_url: str,
        advice: str = "",
        lines: Sequence[str] = (),
        rescue: bool = False,
    ) -> None:
        shown = _templates.get_template("failure.html").render(
            cause=cause,
            advice=advice,
            lines=lines,
            again=spawn_url,
            rescue=f"{spawn_url}?opt-rescue=1" if rescue else "",
            rescue_first=rescue and reason == "home",
        )
        text = " ".join(filter(None, (cause, advice)))
        super().__init__(
            text,
            reason=reason,
            log_message="\n".join([text, *lines]),
            message_html=shown,
            status_code=UNAVAILABLE,
        )
        # where the hub looks for what its pages show
        self.jupyterhub_message, self.jupyterhub_html_message = text, shown


def spawn_url(hub_prefix: str, account: str) -> str:
    """Return the path at which the hub starts an account's server."""
    return f"{hub_prefix.rstrip('/')}/spawn/{quote(account)}"


def ended(code: int | None, lines: Sequence[str], url: str) -> StartFailed:
    """Return the failure of a server that ended while it started."""
    if any(word in line for word in FULL_WORDS for line in lines):
        return StartFailed(
            "Your server could not write to your home: there is no room left.",
            reason="home",
            spawn_url=url,
            advice="Make a rescue start and delete what you do not need.",
            lines=lines,
            rescue=True,
        )
    return StartFailed(
        f"Your server ended with code {code} while it started.",
        reason="ended",
        spawn_url=url,
        advice=(
            "A setting or package in your home may be the cause: a rescue start leaves "
            "those aside. If it fails as well, send these lines to who runs this hub."
        ),
        lines=lines,
        rescue=True,
    )


def silent(seconds: float, lines: Sequence[str], url: str) -> StartFailed:
    """Return the failure of a server that runs and does not answer."""
    return StartFailed(
        f"Your server did not answer within {seconds:.0f} s.",
        reason="timeout",
        spawn_url=url,
        advice=(
            "The machine may be busy: try again in a few minutes. If it lasts, send "
            "these lines to who runs this hub."
        ),
        lines=lines,
        rescue=True,
    )


def last_lines(log: Path, since: int = 0) -> list[str]:
    """Return the last lines of a log, none that stood before the byte `since`."""
    try:
        with log.open("rb") as file:
            end = file.seek(0, 2)
            file.seek(max(since, end - TAIL_BYTES))
            text = file.read(TAIL_BYTES).decode(errors="replace")
    except FileNotFoundError:
        return []
    return text.splitlines()[-TAIL_LINES:]
