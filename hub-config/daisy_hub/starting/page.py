"""The page on which one chooses a server: the form in it, as HTML without scripts."""

from dataclasses import dataclass
from pathlib import Path

import psutil
from jinja2 import Environment, FileSystemLoader

from daisy_hub.accounts import Account
from daisy_hub.settings import Settings
from daisy_hub.starting.choices import last_choice, open_to
from daisy_hub.starting.profiles import ServerProfile

TEMPLATES = Path(__file__).parent.parent / "templates"
GIB = 2**30

_templates = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)


@dataclass(frozen=True)
class Free:
    """What the machine has, and what nobody uses now; memory in bytes."""

    cpus: float
    all_cpus: int
    memory: int
    all_memory: int

    @classmethod
    def now(cls) -> "Free":
        """Look at the machine that the servers run on."""
        memory = psutil.virtual_memory()
        cpus = psutil.cpu_count() or 1
        busy = psutil.getloadavg()[0]
        return cls(max(cpus - busy, 0.0), cpus, memory.available, memory.total)

    def lacks_for(self, profile: ServerProfile) -> str:
        """Say what a profile wants that is not free now; "" where all is there."""
        if profile.memory is not None and profile.memory > self.memory:
            return f"more memory than is free now ({self.memory / GIB:.1f} GiB)"
        if profile.cpus is not None and profile.cpus > self.all_cpus:
            return f"more processors than the machine has ({self.all_cpus})"
        return ""


def form(settings: Settings, account: Account, selected: str = "") -> str:
    """Return the form's content, or "" where there is nothing to choose.

    Parameters
    ----------
    selected
        Name of the profile that an address asks for; the last choice where it names
        none of the account's.
    """
    profiles = open_to(settings, account)
    if len(profiles) == 1:
        return ""
    if selected not in {p.name for p in profiles}:
        selected = last_choice(settings, account).name
    free = Free.now()
    return _templates.get_template("profiles.html").render(
        profiles=[(p, facts_of(p), free.lacks_for(p)) for p in profiles],
        selected=selected,
        free=free,
        gib=GIB,
    )


def facts_of(profile: ServerProfile) -> list[str]:
    """Return a profile's numbers in words."""
    facts = []
    if profile.cpus is not None:
        facts.append(_counted(profile.cpus, "processor"))
    if profile.memory is not None:
        facts.append(f"{profile.memory / GIB:g} GiB memory")
    if profile.gpus:
        facts.append(_counted(profile.gpus, "graphics card"))
    if profile.hours is not None:
        facts.append(f"ends after {_counted(profile.hours, 'hour')}")
    return facts


def _counted(number: float, word: str) -> str:
    return f"{number:g} {word}{'' if number == 1 else 's'}"
