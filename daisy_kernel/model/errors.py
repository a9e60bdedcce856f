"""Errors that daisy_kernel raises on purpose.

DaisyError
├── DataError        what a file holds
│   ├── FieldNotFound          no such name; the message lists what is there
│   ├── FileMissing            no such file or folder
│   ├── FileDamaged            truncated, empty, or a block that cannot be decoded
│   ├── FormatNotSupported     a file or a type that DAISY does not read
│   ├── ShapeMismatch          two shapes that ought to agree
│   ├── SelectionNotSupported  an index that does not fit the shape
│   ├── SourceMissing          a link or a virtual source leads nowhere
│   ├── OutsideData            a link leads out of the folders that may be read
│   ├── NotInStore             no object of that name; the message lists what there is
│   ├── NotAligned             detectors whose points are not the same; both are named
│   ├── StoreFull              what memory holds is pinned, and more than allowed
│   └── NothingToShow          readable, but without numbers
├── WorkflowError    how processing runs
│   ├── InputMissing           a scan lacks what a method needs
│   ├── ParameterRefused       a parameter that would give a wrong result
│   ├── WorkflowRefused        algorithms that cannot be joined like this
│   ├── UnitsMismatch          a unit that cannot be turned into the one asked for
│   ├── AlgorithmFailed        an algorithm raised, or gave what it had not promised
│   ├── RunStopped             a run was cancelled
│   ├── EngineUnavailable      no cluster, or it went away
│   └── ItemEndsWorkers        an item that every worker dies of
├── SearchNotUnderstood     a search of the catalogue, and what can stand there
├── EnvironmentRefused      a named environment that cannot be made, found or removed
├── GalleryRefused   a notebook that cannot be shared, taken or brought up to date
├── WatchRefused     the hub does not keep a watch, or cannot be asked
├── WriteFailed      the disk is full, or the system refuses; nothing is left behind
├── ResultExists     a result is never written over an older one
└── OptionalPackageMissing  names the package and the install line

Every one keeps its arguments, so that it survives the way back from a worker.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

_SHOWN = 20


class DaisyError(Exception):
    """Anything that DAISY refuses, with what to do about it."""


class DataError(DaisyError):
    """What a file holds is not what was asked for."""


class FieldNotFound(DataError, KeyError):
    """A group has no member of that name."""

    def __init__(self, path: str, field: str, present: Iterable[str]) -> None:
        self.path, self.field, self.present = path, field, tuple(present)
        super().__init__(path, field, self.present)

    def __str__(self) -> str:
        shown = ", ".join(self.present[:_SHOWN]) or "nothing"
        more = len(self.present) - _SHOWN
        tail = f" and {more} more" if more > 0 else ""
        return f"{self.path} has no field {self.field!r}. It has: {shown}{tail}."


class _PathAndReason(DataError):
    """Base of the errors that say: this file, for this reason."""

    def __init__(self, path: str, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(path, reason)

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


class FileMissing(_PathAndReason, FileNotFoundError):
    """There is no such file or folder, or it may not be read."""


class FileDamaged(_PathAndReason):
    """The file is there, but its content is cut or broken."""


class FormatNotSupported(_PathAndReason):
    """DAISY does not read this kind of file or of data."""


class ShapeMismatch(_PathAndReason, ValueError):
    """Two shapes that belong together differ; both are in the message."""


class SelectionNotSupported(_PathAndReason, IndexError):
    """The index does not fit the dataset."""


class SourceMissing(_PathAndReason):
    """The data lie behind a link or a virtual source that leads nowhere."""


class OutsideData(_PathAndReason):
    """The data lie behind a link that leads out of the allowed folders."""


class NothingToShow(_PathAndReason):
    """The file can be read, but there is nothing in it to draw."""


class NotInStore(DataError, KeyError):
    """A DataStore has no object of that name."""

    def __init__(self, name: str, present: Iterable[str]) -> None:
        self.name, self.present = name, tuple(present)
        super().__init__(name, self.present)

    def __str__(self) -> str:
        near = get_close_matches(self.name, self.present, 1)
        guess = f" Did you mean {near[0]!r}?" if near else ""
        shown = ", ".join(self.present[:_SHOWN]) or "nothing"
        more = len(self.present) - _SHOWN
        tail = f" and {more} more" if more > 0 else ""
        return f"The store has no {self.name!r}.{guess} It has: {shown}{tail}."


class NotAligned(_PathAndReason, ValueError):
    """Data that cannot be brought onto the same points; shapes or ranges are named."""


class StoreFull(_PathAndReason):
    """An object has no place in memory, for what is there is pinned."""


class WorkflowError(DaisyError):
    """Processing cannot go on."""


class _Message(WorkflowError):
    """Base of the errors that are one sentence."""

    def __init__(self, message: str) -> None:
        self.message = message
        super().__init__(message)


class InputMissing(_Message):
    """A scan lacks something that the method needs."""


class ParameterRefused(_Message, ValueError):
    """A parameter that would give a wrong or no result."""


class WorkflowRefused(_Message, ValueError):
    """Algorithms and objects that do not make a workflow."""


class UnitsMismatch(_Message, ValueError):
    """Values in one unit where another one is needed."""


class AlgorithmFailed(_Message):
    """An algorithm raised, or gave something else than it declares."""


class RunStopped(_Message):
    """A run ended because somebody stopped it."""


class EngineUnavailable(_Message):
    """There is no engine to run on, or it went away."""


class ItemEndsWorkers(WorkflowError):
    """Several workers ended while they did one item, the last time it alone."""

    def __init__(self, number: int, item: str, workers: int, last: str) -> None:
        self.number, self.item, self.workers, self.last = number, item, workers, last
        super().__init__(number, item, workers, last)

    def __str__(self) -> str:
        return (
            f"item {self.number} ({self.item}) ended {self.workers} workers one after "
            f"the other, the last one at {self.last}. It may need more memory than a "
            "worker has: take smaller blocks, or try it with daisy.engine('local')"
        )


class WriteFailed(DaisyError, OSError):
    """A file could not be written whole, so there is none."""

    def __init__(self, path: str, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(path, reason)

    def __str__(self) -> str:
        return f"{self.path} is not written: {self.reason}."


class ResultExists(DaisyError, FileExistsError):
    """Something is there already, and DAISY does not write over results."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(path)

    def __str__(self) -> str:
        return f"{self.path} exists. Choose another name, or delete it first."


class EnvironmentRefused(DaisyError):
    """A named environment that cannot be made, found or removed; says why."""


class GalleryRefused(DaisyError):
    """A notebook that cannot be shared, taken or brought up to date; says why."""


class WatchRefused(DaisyError):
    """A choice to watch a proposal is not taken, or nobody can be asked."""


class OptionalPackageMissing(DaisyError, ImportError):
    """A part of DAISY needs a package that is not installed."""

    def __init__(self, package: str, extra: str) -> None:
        self.package, self.extra = package, extra
        super().__init__(package, extra)

    def __str__(self) -> str:
        return (
            f"{self.package} is not installed. "
            f"Install it with: pip install 'daisy-kernel[{self.extra}]'"
        )


class SearchNotUnderstood(DaisyError):
    """A part of a search that says nothing; the reason tells what it could be."""

    def __init__(self, part: str, reason: str) -> None:
        self.part, self.reason = part, reason
        super().__init__(part, reason)

    def __str__(self) -> str:
        return f"{self.part!r} is not understood: {self.reason}"
