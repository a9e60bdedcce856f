"""What an operator tells everybody, on all pages of the hub: text, and until when."""

import json
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path

import click

from daisy_hub import audit
from daisy_hub.files import write_atomically
from daisy_hub.settings import Settings, load

FILE = "announcement.json"


@dataclass(frozen=True)
class Announcement:
    """What is told now; read anew for every page, so that no hub has to start again."""

    path: Path

    @classmethod
    def of(cls, settings: Settings) -> "Announcement":
        """Return that of an installation."""
        return cls(settings.state / FILE)

    @property
    def text(self) -> str:
        """Return it; "" where there is none or its time is over."""
        try:
            content = json.loads(self.path.read_text())
        except (FileNotFoundError, ValueError):
            return ""
        until = content.get("until")
        if until and datetime.now() >= datetime.fromisoformat(until):
            return ""
        return str(content["text"])

    def say(self, text: str, until: datetime | None) -> None:
        """Tell everybody something; "" ends it."""
        content = {"text": text, "until": until.isoformat() if until else None}
        write_atomically(self.path, json.dumps(content))

    # a template asks whether there is one, and puts it into a page as it is

    def __bool__(self) -> bool:
        return bool(self.text)

    def __html__(self) -> str:
        return escape(self.text)


@click.command()
@click.argument("text", default="")
@click.option("--until", type=click.DateTime(), help="like 2026-12-05T18:00:00")
def announce(text: str, until: datetime | None) -> None:
    """Show TEXT on all pages of the hub; without TEXT show none any more."""
    settings = load()
    Announcement.of(settings).say(text, until)
    audit.record(settings, "announced", actor=audit.at_a_shell(), text=text)
    click.echo(
        "All pages of the hub show it." if text else "Nothing is shown any more."
    )
