"""What an operator has to know of the provider, in one file of the hub's state."""

from pathlib import Path

from daisy_hub import audit
from daisy_hub.files import write_atomically
from daisy_hub.settings import Settings


def provider_alarm(settings: Settings) -> str:
    """Say why what the provider says is not put in force; "" if it is."""
    try:
        return _file(settings).read_text()
    except FileNotFoundError:
        return ""


def set_provider_alarm(settings: Settings, text: str) -> None:
    """Keep a sentence, or none with ""; a new one is noted in the audit log."""
    if text == provider_alarm(settings):
        return
    if not text:
        _file(settings).unlink(missing_ok=True)
        return
    write_atomically(_file(settings), text)
    audit.record(settings, "provider.alarm", actor="daisy-hub", reason=text)


def _file(settings: Settings) -> Path:
    return settings.state / "provider.alarm"
