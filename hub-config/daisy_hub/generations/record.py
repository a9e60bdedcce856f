"""Which generations there are and which one is current: one file of the state.

Requirements: who reads it sees it whole; two who change it do so one after the other;
it lies in a folder of its own, which the containers of hub and gateway see read-only,
since the launcher believes what it says.
"""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from daisy_hub.files import write_atomically
from daisy_hub.settings import Settings

FOLDER, FILE = "generations", "generations.json"


class GenerationError(Exception):
    """A generation that is not there or cannot be chosen; the text says what to do."""


@dataclass(frozen=True)
class Generation:
    """Software that is never changed once it is there.

    Attributes
    ----------
    name
        From what it is made of; "" for what the settings name without generations.
    software
        Folder of the environment, or an image.
    version
        Of DAISY.
    made
        When it came here, ISO 8601.
    """

    name: str
    software: str
    version: str = ""
    made: str = ""


@dataclass
class _Content:
    generations: list[Generation] = field(default_factory=list)  # oldest first
    current: str = ""
    # the last one that an installation brought: it is not chosen again after a rollback
    brought: str = ""


class Generations:
    """The generations of an installation.

    Parameters
    ----------
    folder
        Where the file lies; made with the first generation.
    """

    def __init__(self, folder: Path) -> None:
        self._folder, self._file = folder, folder / FILE

    def all(self) -> list[Generation]:
        """List them, oldest first."""
        return self._read().generations

    @property
    def current(self) -> Generation | None:
        """What a new server gets; None where there are no generations."""
        content = self._read()
        return next((g for g in content.generations if g.name == content.current), None)

    def get(self, name: str) -> Generation:
        """Return the generation of a name.

        Raises
        ------
        GenerationError
            There is none of that name.
        """
        return _found(self._read(), name)

    @property
    def before(self) -> Generation | None:
        """The one that was made before the current one."""
        content = self._read()
        names = [g.name for g in content.generations]
        position = names.index(content.current) if content.current in names else 0
        return content.generations[position - 1] if position else None

    def bring(self, generation: Generation, *, again: bool = False) -> bool:
        """Add what an installation has made, and make it current if it is new.

        One that was brought by the last call too stays as it is: whoever rolled back
        meanwhile wanted that. With *again* it is made current all the same.

        Returns
        -------
        :
            Whether the current one is another one now.
        """
        with self._changing() as content:
            before = content.current
            known = {g.name: g for g in content.generations}
            if generation.name not in known:
                made = datetime.now(UTC).isoformat(timespec="seconds")
                generation = Generation(**{**asdict(generation), "made": made})
                content.generations.append(generation)
            if again or generation.name != content.brought:
                content.current = generation.name
            content.brought = generation.name
            return content.current != before

    def choose(self, name: str) -> None:
        """Make a generation the current one.

        Raises
        ------
        GenerationError
            There is none of that name.
        """
        with self._changing() as content:
            content.current = _found(content, name).name

    def forget(self, name: str) -> None:
        """Take one from the list that is not current.

        Raises
        ------
        GenerationError
            There is none of that name, or it is what new servers get.
        """
        with self._changing() as content:
            generation = _found(content, name)
            if name == content.current:
                raise GenerationError(f"{name} is current: new servers get it.")
            content.generations.remove(generation)

    def _read(self) -> _Content:
        try:
            content: dict[str, Any] = json.loads(self._file.read_text())
        except FileNotFoundError:
            return _Content()
        made = [Generation(**entry) for entry in content.pop("generations")]
        return _Content(made, **content)

    @contextmanager
    def _changing(self) -> Iterator[_Content]:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (self._folder / "generations.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            content = self._read()
            yield content
            write_atomically(self._file, json.dumps(asdict(content), indent=2) + "\n")


def generations_of(settings: Settings) -> Generations:
    """Return the generations of an installation."""
    return Generations(settings.generations_folder)


def _found(content: _Content, name: str) -> Generation:
    for generation in content.generations:
        if generation.name == name:
            return generation
    names = ", ".join(g.name for g in content.generations) or "none"
    raise GenerationError(f"There is no generation {name}. There are: {names}.")
