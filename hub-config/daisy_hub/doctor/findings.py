"""What an examination finds, and in which order it looks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from daisy_hub.doctor import account, clusters, data, server
from daisy_hub.doctor.finding import Finding
from daisy_hub.launcher import LauncherFailed
from daisy_hub.settings import Settings

Look = Callable[[Settings, str], Iterator[Finding]]

LOOKS: dict[str, Look] = {
    "account": account.look,
    "data": data.look,
    "server": server.look,
    "clusters": clusters.look,
}


@dataclass(frozen=True)
class Examined:
    """What one look has found."""

    title: str
    findings: tuple[Finding, ...]


def examine(settings: Settings, name: str) -> Iterator[Examined]:
    """Look at everything that concerns an account; what fails is one more finding."""
    for title, look in LOOKS.items():
        yield Examined(title, tuple(_found(look, settings, name)))


def _found(look: Look, settings: Settings, name: str) -> Iterator[Finding]:
    try:
        yield from look(settings, name)
    except LauncherFailed as error:
        yield Finding.problem(str(error))
    except Exception as error:
        failed = f"This could not be looked at: {type(error).__name__}: {error}"
        yield Finding.problem(failed)
