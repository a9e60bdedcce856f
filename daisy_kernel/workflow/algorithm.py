"""Algorithm: the smallest unit of work, as a function or a class, with what it needs.

A function::

    @daisy.algorithm(pattern="frame")
    def smooth(frames: Frames, *, width: int = 3) -> Frames: ...

or a class, where setting up is worth doing once per worker::

    @daisy.algorithm(pattern="frame")
    class Integrate:
        def initialize(self, *, poni: str) -> None: ...
        def execute(self, frames: Frames) -> Curves: ...
        def finalize(self) -> None: ...
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from importlib import import_module
from typing import Any, Literal, TypeVar, overload

from daisy_kernel.model.errors import WorkflowRefused
from daisy_kernel.workflow.declare import PATTERNS, USUAL, Pattern
from daisy_kernel.workflow.docs import summary
from daisy_kernel.workflow.parameters import Given, checked
from daisy_kernel.workflow.reducing import Reducing
from daisy_kernel.workflow.signature import Input, Result, Signature, signature_of

Function = TypeVar("Function", bound=Callable[..., Any])
# shapes of the inputs and all parameters -> shape of the (only) result
ShapeRule = Callable[..., Any] | Literal["same"]
# specs of the inputs by name, and of a result as it would be -> as it is
DescribeRule = Callable[[Mapping[str, Any], Any], Any]
_RESERVED = {"name", "inputs", "into", "exact"}
_INITIALIZE, _EXECUTE, _FINALIZE = "initialize", "execute", "finalize"


@dataclass(frozen=True, eq=False)
class Algorithm:
    """A function or class with what DAISY has to know to run it anywhere.

    It can be called like the function it was made of.

    Attributes
    ----------
    pattern
        What has to be whole for one call; see `algorithm`.
    gives
        Names of its results.
    code
        Digest of its code, where that is known from elsewhere: what came from a
        notebook has no source any more.
    """

    made_of: Callable[..., Any]
    name: str
    pattern: Pattern
    gives: tuple[str, ...]
    halo: int = 0
    batch: int = 1
    shape: ShapeRule | None = None
    describe: DescribeRule | None = None
    reducing: Reducing | None = None
    memory: float = 1.0
    deterministic: bool = True
    process: bool = False
    keep: bool = False
    version: str = ""
    signature: Signature = field(repr=False, default=Signature((), {}, ()))
    code: bytes = field(repr=False, default=b"")

    @property
    def is_class(self) -> bool:
        """Whether it has the three methods."""
        return inspect.isclass(self.made_of)

    @property
    def inputs(self) -> tuple[Input, ...]:
        """Data objects that it takes."""
        return self.signature.inputs

    @property
    def results(self) -> tuple[Result, ...]:
        """Data objects that it gives, as many as `gives`."""
        return self.signature.results

    @property
    def parameters(self) -> Mapping[str, Given]:
        """Parameters by name."""
        return self.signature.parameters

    @property
    def module(self) -> str:
        """Module that it stands in; `__main__` for a notebook."""
        return self.made_of.__module__

    @property
    def place(self) -> str:
        """Where it can be imported from, like "package.module:name"."""
        return f"{self.module}:{self.made_of.__qualname__}"

    @property
    def is_importable(self) -> bool:
        """Whether another process finds it; a notebook's own it does not."""
        if self.module == "__main__":
            return False
        return _imported(self.module, self.made_of.__qualname__) is self

    @cached_property
    def summary(self) -> str:
        """Say in one line what it does."""
        return summary(self.made_of)

    def checked(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Check parameters and fill in the defaults.

        Raises
        ------
        ParameterRefused
            Naming the algorithm, the parameter, and what it may be.
        """
        return checked(self.parameters, parameters, self.name)

    def __call__(self, *inputs: Any, **parameters: Any) -> Any:
        """Do the work on arrays at once, here."""
        if not self.is_class:
            return self.made_of(*inputs, **parameters)
        made = started(self, self.checked(parameters))
        try:
            return made.execute(*inputs)
        finally:
            ended(made)

    def __reduce__(self) -> Any:
        # what can be imported travels as its name, the rest whole
        if self.is_importable:
            return import_algorithm, (self.module, self.made_of.__qualname__)
        from daisy_kernel.workflow.code import code_digest

        known = replace(self, code=code_digest(self))
        return Algorithm, tuple(getattr(known, name) for name in self._fields())

    @classmethod
    def _fields(cls) -> tuple[str, ...]:
        return tuple(cls.__dataclass_fields__)

    def __repr__(self) -> str:
        inputs = ", ".join(entry.name for entry in self.inputs)
        return f"<Algorithm {self.name}({inputs}), by {self.pattern}>"


def started(algorithm: Algorithm, parameters: Mapping[str, Any]) -> Any:
    """Make an instance of a class and set it up."""
    made = algorithm.made_of()
    if hasattr(made, _INITIALIZE):
        made.initialize(**parameters)
    return made


def ended(made: Any) -> None:
    """Let an instance tear down what it set up."""
    if hasattr(made, _FINALIZE):
        made.finalize()


@overload
def algorithm(function: Function, /) -> Algorithm: ...
@overload
def algorithm(
    *,
    pattern: Pattern = ...,
    name: str = ...,
    gives: str | tuple[str, ...] = ...,
    halo: int = ...,
    batch: int = ...,
    shape: ShapeRule | None = ...,
    describe: DescribeRule | None = ...,
    reduces: str | int | None = ...,
    combine: Any = ...,
    finish: Callable[[Any, int], Any] | None = ...,
    memory: float = ...,
    deterministic: bool = ...,
    process: bool = ...,
    keep: bool = ...,
    version: str = ...,
) -> Callable[[Callable[..., Any]], Algorithm]: ...
def algorithm(
    function: Callable[..., Any] | None = None,
    /,
    *,
    pattern: Pattern = "volume",
    name: str = "",
    gives: str | tuple[str, ...] = (),
    halo: int = 0,
    batch: int = 1,
    shape: ShapeRule | None = None,
    describe: DescribeRule | None = None,
    reduces: str | int | None = None,
    combine: Any = "sum",
    finish: Callable[[Any, int], Any] | None = None,
    memory: float = 1.0,
    deterministic: bool = True,
    process: bool = False,
    keep: bool = False,
    version: str = "",
) -> Algorithm | Callable[[Callable[..., Any]], Algorithm]:
    """Make an Algorithm of a typed function or of a class with three methods.

    Parameters
    ----------
    pattern
        What one call needs whole; the rest may be cut, and blocks run side by side:
        "point" nothing (arrays are broadcast as numpy does), "spectrum" the last
        axis, "frame" the last two, "sinogram" angle and column of one or more rows,
        given as (row, angle, column), "volume" all, "scan" opens a scan.
        A call gets any number of frames, spectra or sinograms along its first axis.
    name
        By default that of the function.
    gives
        Names of the results; by default the algorithm's name.
    halo
        Positions on both sides of a block that it needs to see; the edges are cut
        off its result again.
    batch
        Frames, spectra or sinograms that it likes to get together.
    shape
        Gives the shape of the result (of several: their shapes) from the shapes of
        all inputs and the parameters. By default that of the first input, or, by
        volume, whatever comes out; "same" promises it there as well.
    describe
        Gives units and axes of a result where they follow from those of the inputs:
        called with the inputs' specs by name and the result's, gives the latter.
    reduces
        Axis (name or number) that the result lacks because the function adds it up
        or takes its extreme, and along which it may be cut.
    combine
        How results of two parts become one: "sum", "min", "max", or a function.
    finish
        Makes the final result of what was combined, and how many positions it was.
    memory
        Bytes that a call takes on top of inputs and results, in parts of these.
    deterministic
        Whether the same input gives the same bits.
    process
        Whether it must not share its process with others, or holds Python's lock
        (pure Python loops): then it runs in processes of its own.
    keep
        Whether its result is kept, because it is dear to make.
    version
        Changes what results are called the same; the code itself counts anyway.
    """

    def make(found: Callable[..., Any]) -> Algorithm:
        title = name or found.__name__
        reducing = None if reduces is None else Reducing(reduces, combine, finish)
        made = Algorithm(
            made_of=found,
            name=title,
            pattern=pattern,
            gives=(gives,) if isinstance(gives, str) else tuple(gives) or (title,),
            halo=halo,
            batch=batch,
            shape=shape,
            describe=describe,
            reducing=reducing,
            memory=memory,
            deterministic=deterministic,
            process=process,
            keep=keep,
            version=version,
            signature=_signature(found, title),
        )
        _check(made)
        object.__setattr__(made, "__doc__", found.__doc__)
        return made

    return make if function is None else make(function)


def import_algorithm(module: str, qualname: str) -> Algorithm:
    """Give the algorithm that stands in a module.

    Raises
    ------
    WorkflowRefused
        There is none of that name.
    """
    found = _imported(module, qualname)
    if isinstance(found, Algorithm):
        return found
    raise WorkflowRefused(f"there is no algorithm {qualname} in the module {module}")


def _imported(module: str, qualname: str) -> Any:
    try:
        found: Any = sys.modules.get(module) or import_module(module)
        for part in qualname.split("."):
            found = getattr(found, part)
    except (ImportError, AttributeError, ValueError):
        return None
    return found


def _signature(found: Callable[..., Any], name: str) -> Signature:
    if not inspect.isclass(found):
        return signature_of(found, name)
    execute = getattr(found, _EXECUTE, None)
    if execute is None:
        raise WorkflowRefused(f"the class {name} has no method {_EXECUTE}")
    work = signature_of(execute, name, skip_self=True)
    parameters = dict(work.parameters)
    if initialize := getattr(found, _INITIALIZE, None):
        parameters = signature_of(initialize, name, skip_self=True).parameters
    return Signature(work.inputs, parameters, work.results)


def _check(made: Algorithm) -> None:
    """Refuse declarations that say two things."""
    if made.pattern not in PATTERNS:
        raise WorkflowRefused(
            f"{made.name}: no pattern {made.pattern!r}; there are {', '.join(PATTERNS)}"
        )
    if not made.inputs:
        raise WorkflowRefused(
            f"{made.name} takes no data object: what may only be given by name "
            "(after *) is a parameter"
        )
    count = len(made.results)
    if made.pattern != "scan" and count != len(made.gives):
        raise WorkflowRefused(
            f"{made.name} gives {len(made.gives)} objects ({', '.join(made.gives)}), "
            f"but its annotation says {count}"
        )
    for name in _RESERVED & set(made.parameters):
        raise WorkflowRefused(
            f"{made.name}: a parameter cannot be called {name!r}, which means another "
            "thing where the algorithm is added to a workflow"
        )
    names = made.inputs[0].data.names
    if made.pattern == "sinogram" and names and names != USUAL["sinogram"]:
        raise WorkflowRefused(
            f"{made.name}: by sinogram it gets {', '.join(USUAL['sinogram'])}, in this "
            f"order, and is annotated with {', '.join(names)}"
        )
    if made.pattern != "volume" and any(entry.is_whole for entry in made.inputs):
        raise WorkflowRefused(
            f"{made.name} takes a DataObject, so it works by volume: say "
            'pattern="volume"'
        )
    if made.reducing and (made.halo or count > 1):
        raise WorkflowRefused(
            f"{made.name}: a reduction has one result and needs no neighbours"
        )
