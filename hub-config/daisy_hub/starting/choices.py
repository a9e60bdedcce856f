"""What was chosen for a server: checked here, whichever way it came.

The page, an address, and the hub's API all end here. Who names a profile gets it or is
refused; who names none gets the last choice as long as that is allowed, else the
default. A rescue start is never the last choice.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyterhub.spawner import SpawnException

from daisy_hub.accounts import Account
from daisy_hub.files import write_atomically
from daisy_hub.settings import Settings
from daisy_hub.starting.profiles import ServerProfile, default_of

KNOWN = {"profile", "rescue"}
FORBIDDEN, UNKNOWN = 403, 400


class ChoiceRefused(SpawnException):
    """A choice that is not this account's to make; the text is for the person."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text, reason="profile", status_code=status)
        # where the hub looks for what its pages show
        self.jupyterhub_message = text


@dataclass(frozen=True)
class Choice:
    """What a server is started with."""

    profile: ServerProfile
    rescue: bool = False


def open_to(settings: Settings, account: Account) -> tuple[ServerProfile, ...]:
    """List the profiles that an account may choose."""
    return tuple(p for p in settings.server_profiles if p.may_be_chosen_by(account))


def from_fields(fields: Mapping[str, list[Any]]) -> dict[str, Any]:
    """Return what a form or an address says, one value a name."""
    return {name: values[-1] for name, values in fields.items() if name in KNOWN}


def choice_of(
    settings: Settings, account: Account, options: Mapping[str, Any]
) -> Choice:
    """Return what is started, and remember the profile that was named.

    Raises
    ------
    ChoiceRefused
        There is no such profile, it is not for this account, or the options are none.
    """
    if foreign := sorted(set(options) - KNOWN):
        raise ChoiceRefused(
            UNKNOWN, f"A server has no option {foreign[0]!r}; it has a profile."
        )
    rescue = str(options.get("rescue", "")).lower() in {"1", "true", "on", "yes"}
    named = options.get("profile")
    if named is None:
        return Choice(last_choice(settings, account), rescue)
    profile = _named(settings, account, named)
    remember(settings, account.name, profile)
    return Choice(profile, rescue)


def _named(settings: Settings, account: Account, name: object) -> ServerProfile:
    allowed = open_to(settings, account)
    names = ", ".join(p.name for p in allowed)
    for profile in settings.server_profiles:
        if profile.name == name:
            if profile in allowed:
                return profile
            raise ChoiceRefused(
                FORBIDDEN,
                f"The profile {profile.name} is not open to {account.name}. You may "
                f"choose: {names}. For more, ask {settings.contact}.",
            )
    raise ChoiceRefused(
        UNKNOWN, f"There is no server profile {str(name)[:40]!r}. There are: {names}."
    )


def last_choice(settings: Settings, account: Account) -> ServerProfile:
    """Return what the account chose last, if it still may; else the default."""
    with suppress(OSError):
        name = _file(settings, account.name).read_text()
        for profile in open_to(settings, account):
            if profile.name == name:
                return profile
    return default_of(settings.server_profiles)


def remember(settings: Settings, name: str, profile: ServerProfile) -> None:
    """Keep what an account chose."""
    path = _file(settings, name)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_atomically(path, profile.name)


def _file(settings: Settings, name: str) -> Path:
    return settings.state / "server-profiles" / name
