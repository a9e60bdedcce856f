"""The account itself."""

from collections.abc import Iterator

from daisy_hub import audit
from daisy_hub.doctor.finding import Finding
from daisy_hub.homes import accounts_of
from daisy_hub.settings import Settings

RECENT = 3


def look(settings: Settings, name: str) -> Iterator[Finding]:
    """Look whether there is such an account, and how it fared lately."""
    account = accounts_of(settings).get(name)
    yield Finding.right(
        f"There is an account {name} (uid {account.uid}, "
        f"roles {', '.join(account.roles) or 'user'}, "
        f"groups {', '.join(account.groups) or 'none'})."
    )
    refused = [e for e in audit.events(settings, "login.refused") if _is_of(e, name)]
    for event in refused[-RECENT:]:
        yield Finding.problem(f"{event['time']}: login refused: {event.get('reason')}")
    ended = [e for e in audit.events(settings, "account.ended") if _is_of(e, name)]
    for event in ended[-RECENT:]:
        yield Finding.right(f"{event['time']}: server ended: {event.get('reason')}")


def _is_of(event: dict[str, object], name: str) -> bool:
    return name in (event.get("account"), event.get("actor"))
