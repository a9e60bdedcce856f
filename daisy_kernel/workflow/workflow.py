"""Workflow: algorithms joined through named data objects."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any, overload

from daisy_kernel.model.errors import WorkflowRefused
from daisy_kernel.workflow.algorithm import Algorithm, algorithm

_NAME = re.compile(r"[^\W\d][\w-]*(/[^\W\d][\w-]*)*")
# of an object: the values of one of its axes, or a number of its geometry
_PART = re.compile(rf"({_NAME.pattern})(\.[\w]+)?")


@dataclass(frozen=True, eq=False)
class Step:
    """One algorithm of a workflow, with its objects and parameters.

    Attributes
    ----------
    inputs
        Object for each input of the algorithm, by the input's name. "scan.angle" is
        the axis `angle` of the object `scan`, or that number of its geometry.
    into
        Names of the objects that it makes.
    parameters
        Those that were given; the others have their defaults.
    """

    name: str
    algorithm: Algorithm
    inputs: Mapping[str, str]
    into: tuple[str, ...]
    parameters: Mapping[str, Any]

    @property
    def needs(self) -> tuple[str, ...]:
        """Names of the objects that it takes, each once."""
        return tuple(dict.fromkeys(object_of(name) for name in self.inputs.values()))


def object_of(name: str) -> str:
    """Give the object of a name like "projections.angle"."""
    return name.partition(".")[0]


class Workflow:
    """Algorithms in sequence or as a graph; may be part of another workflow.

    Parameters
    ----------
    name
        Of the workflow: letters, digits, "_" and "-".
    algorithms
        A sequence: each takes the result of the one before as its first input. An
        entry is an algorithm, a workflow, or a pair with its parameters.
    title
        One line that says what it is for.

    Examples
    --------
    >>> flow = daisy.Workflow("transmission")  # doctest: +SKIP
    >>> net = flow.add(subtract, "frames", "dark")  # doctest: +SKIP
    >>> flow.add(divide, net, "flat", into="transmission")  # doctest: +SKIP
    """

    def __init__(
        self,
        name: str,
        algorithms: Iterable[Any] = (),
        *,
        title: str = "",
        results: Sequence[str] | None = None,
    ) -> None:
        self.name, self.title = _named(name, "the workflow"), title
        self._steps: list[Step] = []
        self._results = None if results is None else tuple(results)
        before: str | None = None
        for entry in algorithms:
            made, parameters = entry if isinstance(entry, tuple) else (entry, {})
            given = () if before is None else (before,)
            found = self.add(made, *given, **parameters)
            before = found if isinstance(found, str) else found[0]

    @property
    def steps(self) -> tuple[Step, ...]:
        """All algorithms, those of workflows inside as well, as they were added."""
        return tuple(self._steps)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the objects that have to be given."""
        made = {name for step in self._steps for name in step.into}
        needed = (name for step in self._steps for name in step.needs)
        return tuple(dict.fromkeys(name for name in needed if name not in made))

    @property
    def results(self) -> tuple[str, ...]:
        """Names of the objects that it is for; by default what is made for nobody."""
        if self._results is not None:
            return self._results
        taken = {name for step in self._steps for name in step.needs}
        # what a scan is opened to is not made
        makers = [step for step in self._steps if step.algorithm.pattern != "scan"]
        return tuple(n for step in makers for n in step.into if n not in taken)

    @results.setter
    def results(self, names: str | Sequence[str]) -> None:
        wanted = (names,) if isinstance(names, str) else tuple(names)
        made = [name for step in self._steps for name in step.into]
        for name in wanted:
            if name not in made:
                raise WorkflowRefused(
                    f"{self.name} makes no object {name!r}. It makes: "
                    f"{', '.join(made) or 'none'}."
                )
        self._results = wanted

    def add(
        self,
        what: Any,
        *objects: str,
        into: str | Sequence[str] | None = None,
        name: str | None = None,
        inputs: Mapping[str, str] | None = None,
        exact: bool = False,
        **parameters: Any,
    ) -> Any:
        """Add an algorithm, or all of another workflow.

        Parameters
        ----------
        what
            An algorithm, a plain function (taken as one by volume), or a workflow.
        objects
            Names of the objects it takes, in the order of its inputs. An input that
            is not named takes the object of its own name.
        into
            Name of the object that it makes, or several.
        name
            Of the step, to tell two of the same algorithm apart.
        inputs
            Objects by the names of the inputs.
        exact
            Whether to refuse a name that another step has, instead of numbering it.
        parameters
            Of the algorithm; of a workflow like ``**{"smooth.width": 5}``.

        Returns
        -------
        :
            The name of what it makes, or several.

        Raises
        ------
        WorkflowRefused, ParameterRefused
        """
        if isinstance(what, Workflow):
            return self._add_workflow(what, objects, into, name, inputs, parameters)
        made = what if isinstance(what, Algorithm) else algorithm(what)
        step = Step(
            self._free(name or made.name, exact),
            made,
            _bound(made.name, [i.name for i in made.inputs], objects, inputs),
            self._into(made.name, made.gives, into),
            dict(parameters),
        )
        made.checked(parameters)
        self._steps.append(step)
        return _one(step.into)

    def with_parameters(self, parameters: Mapping[str, Any]) -> Workflow:
        """Give the same workflow with other parameters, like {"smooth.width": 5}.

        Raises
        ------
        ParameterRefused, WorkflowRefused
            There is no such step, or no such parameter.
        """
        made = Workflow(self.name, title=self.title, results=self._results)
        made._steps = [self._changed(step, parameters) for step in self._steps]
        known = {step.name for step in self._steps}
        for key in parameters:
            if key.rpartition(".")[0] not in known:
                raise WorkflowRefused(
                    f"{self.name} has no step for {key!r}. Write <step>.<parameter>; "
                    f"its steps: {', '.join(sorted(known))}."
                )
        return made

    def with_results(self, names: Iterable[str]) -> Workflow:
        """Give the same workflow for other objects.

        Raises
        ------
        WorkflowRefused
            It does not make one of them.
        """
        made = Workflow(self.name, title=self.title)
        made._steps = list(self._steps)
        made.results = tuple(names)
        return made

    def step(self, name: str) -> Step:
        """Give a step by its name."""
        for step in self._steps:
            if step.name == name:
                return step
        names = ", ".join(step.name for step in self._steps)
        raise WorkflowRefused(f"{self.name} has no step {name!r}. It has: {names}.")

    def _changed(self, step: Step, parameters: Mapping[str, Any]) -> Step:
        own = {
            key.rpartition(".")[2]: value
            for key, value in parameters.items()
            if key.rpartition(".")[0] == step.name
        }
        changed = {**step.parameters, **own}
        step.algorithm.checked(changed)
        return replace(step, parameters=changed)

    def _add_workflow(
        self,
        inner: Workflow,
        objects: tuple[str, ...],
        into: str | Sequence[str] | None,
        name: str | None,
        inputs: Mapping[str, str] | None,
        parameters: Mapping[str, Any],
    ) -> Any:
        if inner is self:
            raise WorkflowRefused(f"{self.name} cannot be a part of itself")
        inner = inner.with_parameters(parameters) if parameters else inner
        prefix = self._free(name or inner.name)
        names = dict(_bound(inner.name, inner.inputs, objects, inputs))
        outer = self._into(inner.name, inner.results, into)
        names |= dict(zip(inner.results, outer, strict=True))
        self._steps += [_moved(step, prefix, names) for step in inner.steps]
        return _one(outer)

    def _into(
        self, what: str, gives: Sequence[str], into: str | Sequence[str] | None
    ) -> tuple[str, ...]:
        """Name what an algorithm makes; a name stands for one object only."""
        names = (into,) if isinstance(into, str) else tuple(into or gives)
        if len(names) != len(gives):
            raise WorkflowRefused(
                f"{what} makes {len(gives)} objects ({', '.join(gives)}), "
                f"{len(names)} are named: {', '.join(names)}"
            )
        taken = {name for step in self._steps for name in step.into}
        if into is None:
            names = tuple(_numbered(name, taken) for name in names)
        for name in names:
            if name in taken:
                by = next(s.name for s in self._steps if name in s.into)
                raise WorkflowRefused(
                    f"{what} and {by} both make the object {name!r}: give one of them "
                    "another name with into="
                )
        return tuple(_named(name, f"what {what} makes") for name in names)

    def _free(self, wanted: str, exact: bool = False) -> str:
        """Give a name that no step has yet."""
        if exact and "/" in wanted and wanted not in {s.name for s in self._steps}:
            return _named(wanted, "the step")
        taken = {step.name for step in self._steps}
        taken |= {step.name.split("/")[0] for step in self._steps}
        if exact and wanted in taken:
            raise WorkflowRefused(f"{self.name} has a step {wanted!r} already")
        return _named(_numbered(wanted, taken), "the step")

    def check(self, scan: Any = None, **objects: Any) -> str:
        """Check everything that can be checked before it runs.

        Parameters
        ----------
        scan, objects
            As for `daisy.run`.

        Returns
        -------
        :
            What each algorithm takes and makes, in how many blocks, and the memory.

        Raises
        ------
        WorkflowError, DataError
            What is wrong: the algorithm, the object, what was there and what to do.
        """
        from daisy_kernel.workflow.checking import checked_text

        return checked_text(self, scan, objects)

    def to_python(self, **given: Any) -> str:
        """Write it as a script, which also runs it if arguments of `run` are given."""
        from daisy_kernel.workflow.code_export import to_python

        return to_python(self, given)

    def to_svg(self) -> str:
        """Draw it, as a notebook shows it."""
        from daisy_kernel.workflow.drawing import to_svg

        return to_svg(self)

    def to_yaml(self) -> str:
        """Write it as YAML."""
        from daisy_kernel.workflow.files import to_yaml

        return to_yaml(self)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it to a YAML file, which must not be there yet."""
        from daisy_kernel.workflow.files import save_workflow

        save_workflow(self, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Workflow:
        """Read a workflow from a YAML file."""
        from daisy_kernel.workflow.files import load_workflow

        return load_workflow(path)

    def _repr_html_(self) -> str:
        title = escape(self.title or self.name)
        try:
            return f"<div><b>{title}</b><br>{self.to_svg()}</div>"
        except WorkflowRefused as error:
            return f"<div><b>{title}</b><p>{escape(str(error))}</p></div>"

    def __repr__(self) -> str:
        return (
            f"<Workflow {self.name}: {', '.join(self.inputs)} -> "
            f"{', '.join(self.results)}, {len(self._steps)} algorithms>"
        )


def _bound(
    what: str,
    wanted: Sequence[str],
    objects: Sequence[str],
    by_name: Mapping[str, str] | None,
) -> dict[str, str]:
    """Say which object each input takes."""
    if len(objects) > len(wanted):
        raise WorkflowRefused(
            f"{what} takes {len(wanted)} objects ({', '.join(wanted)}), "
            f"{len(objects)} are given: {', '.join(map(str, objects))}"
        )
    found = dict(zip(wanted, objects, strict=False))
    for name, value in (by_name or {}).items():
        if name not in wanted or name in found:
            reason = "is given twice" if name in found else "is no input"
            raise WorkflowRefused(
                f"{what}: {name!r} {reason}. Its inputs: {', '.join(wanted)}."
            )
        found[name] = value
    every = {name: found.get(name, name) for name in wanted}
    for name in every.values():
        if not isinstance(name, str) or not _PART.fullmatch(name):
            raise WorkflowRefused(
                f"{what} takes objects by name; {name!r} is no name. Parameters are "
                "given by name: flow.add(smooth, 'frames', width=3)"
            )
    return every


def _moved(step: Step, prefix: str, names: Mapping[str, str]) -> Step:
    """Give a step of an inner workflow the names of the outer one."""

    def renamed(name: str) -> str:
        own, dot, part = name.partition(".")
        return names.get(own, f"{prefix}/{own}") + dot + part

    return replace(
        step,
        name=f"{prefix}/{step.name}",
        inputs={key: renamed(value) for key, value in step.inputs.items()},
        into=tuple(renamed(name) for name in step.into),
    )


def _numbered(wanted: str, taken: set[str]) -> str:
    """Give a name that is not taken: x, x_2, x_3, ..."""
    name, number = wanted, 2
    while name in taken:
        name, number = f"{wanted}_{number}", number + 1
    return name


def _named(name: Any, what: str) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise WorkflowRefused(
            f"{what} cannot be called {name!r}: a name has letters, digits, _ and -, "
            "and begins with a letter"
        )
    return name


@overload
def _one(names: tuple[str]) -> str: ...
@overload
def _one(names: tuple[str, ...]) -> Any: ...
def _one(names: tuple[str, ...]) -> Any:
    return names[0] if len(names) == 1 else names
