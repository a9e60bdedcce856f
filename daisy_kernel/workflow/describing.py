"""What a step gives, from what it is given: shapes, types, axes, units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from daisy_kernel.model import Axis
from daisy_kernel.model.errors import InputMissing, ShapeMismatch, WorkflowRefused
from daisy_kernel.workflow.algorithm import Algorithm
from daisy_kernel.workflow.binding import Bound, bind
from daisy_kernel.workflow.declare import CORE
from daisy_kernel.workflow.signature import Result
from daisy_kernel.workflow.spec import Spec
from daisy_kernel.workflow.workflow import Step


@dataclass(frozen=True, eq=False)
class Call:
    """A step with all that is known of its objects.

    Attributes
    ----------
    bounds
        The objects that it takes; the first one may be cut.
    specs
        Of the results, as objects.
    reduced
        Axis of the results that a reduction takes away, as the function would give it.
    """

    step: Step
    parameters: Mapping[str, Any]
    bounds: tuple[Bound, ...]
    specs: tuple[Spec, ...]
    reduced: int | None = None

    @property
    def algorithm(self) -> Algorithm:
        """What is called."""
        return self.step.algorithm

    @property
    def name(self) -> str:
        """Name of the step."""
        return self.step.name

    @property
    def first(self) -> Bound:
        """The object that may be cut."""
        return self.bounds[0]

    @cached_property
    def core(self) -> int:
        """How many of the first input's last axes are whole, as the function sees."""
        if self.algorithm.pattern in CORE:
            return CORE[self.algorithm.pattern]
        return len(self.first.order)


def describe(step: Step, specs: Mapping[str, Spec]) -> Call:
    """Say what a step takes and gives.

    Raises
    ------
    InputMissing, ShapeMismatch, UnitsMismatch, ParameterRefused, WorkflowRefused
    """
    algorithm = step.algorithm
    bounds = []
    for entry in algorithm.inputs:
        name = step.inputs[entry.name]
        if name not in specs and entry.optional:
            continue
        if name not in specs:
            raise InputMissing(f"{step.name} needs the object {name!r}")
        where = f"{step.name} ({entry.name})"
        bounds.append(bind(algorithm, entry, name, specs[name], where))
    parameters = algorithm.checked(step.parameters)
    if any(b.spec.shape is None for b in bounds):
        unknown = tuple(_unknown(r, bounds) for r in algorithm.results)
        return Call(step, parameters, tuple(bounds), unknown)
    _check_lengths(step.name, bounds)
    reduced = _reduced(algorithm, bounds[0])
    shapes = _shapes(step, bounds, parameters, reduced)
    given = zip(algorithm.results, shapes, strict=True)
    found = tuple(_spec(r, shape, bounds, reduced) for r, shape in given)
    if algorithm.describe is not None:
        known = {bound.input.name: bound.spec for bound in bounds}
        found = tuple(algorithm.describe(known, spec) for spec in found)
    return Call(step, parameters, tuple(bounds), found, reduced)


def _check_lengths(where: str, bounds: Sequence[Bound]) -> None:
    """Axes of one name have one length."""
    known: dict[str, tuple[int, Bound]] = {}
    for bound in bounds:
        for name, length in zip(bound.names, bound.shape, strict=False):
            before, other = known.setdefault(name, (length, bound))
            if before != length:
                raise ShapeMismatch(
                    where,
                    f"{bound.name!r} is {bound.spec} and {other.name!r} is "
                    f"{other.spec}: their {name} ought to be of one length",
                )


def _reduced(algorithm: Algorithm, bound: Bound) -> int | None:
    if algorithm.reducing is None:
        return None
    axis, ndim = algorithm.reducing.axis, len(bound.shape)
    if isinstance(axis, str):
        # as the algorithm calls its axes, or as the object does
        own = tuple(seen.name for seen in _seen_axes(bound))
        for names in (bound.names, own):
            if axis in names:
                return names.index(axis)
        called = ", ".join(bound.names or own)
        raise ShapeMismatch(
            algorithm.name,
            f"{bound.name!r} is {bound.spec}, which one call gets as ({called}): it "
            f"has no axis {axis!r} to reduce",
        )
    if not -ndim <= axis < ndim:
        raise ShapeMismatch(
            algorithm.name, f"{bound.name!r} is {bound.spec}: it has no axis {axis}"
        )
    return axis % ndim


def _shapes(
    step: Step,
    bounds: Sequence[Bound],
    parameters: Mapping[str, Any],
    reduced: int | None,
) -> list[tuple[int, ...] | None]:
    """Shapes of the results as the function would give them for whole objects."""
    algorithm = step.algorithm
    shapes = [bound.shape for bound in bounds]
    if callable(algorithm.shape):
        found = algorithm.shape(*shapes, **parameters)
        several = len(algorithm.results) > 1
        return [tuple(shape) for shape in (found if several else [found])]
    if algorithm.pattern == "point":
        whole: tuple[int, ...] = _broadcast(step.name, bounds)
    elif algorithm.pattern == "volume" and algorithm.shape is None and reduced is None:
        return [_scalar(result) for result in algorithm.results]
    else:
        whole = shapes[0]
    if reduced is not None:
        whole = (*whole[:reduced], *whole[reduced + 1 :])
    return [whole] * len(algorithm.results)


def _scalar(result: Result) -> tuple[int, ...] | None:
    return () if result.scalar else None


def _broadcast(where: str, bounds: Sequence[Bound]) -> tuple[int, ...]:
    try:
        return np.broadcast_shapes(*(bound.shape for bound in bounds))
    except ValueError:
        what = "; ".join(f"{bound.name!r} is {bound.spec}" for bound in bounds)
        raise ShapeMismatch(where, f"the shapes do not fit together: {what}") from None


def _spec(
    result: Result,
    shape: tuple[int, ...] | None,
    bounds: Sequence[Bound],
    reduced: int | None,
) -> Spec:
    """Describe a result as an object: with the axes before the core as they were."""
    if shape is None:
        return _unknown(result, bounds)
    source = bounds[0]
    seen = _seen_axes(source)
    if reduced is not None:
        seen = (*seen[:reduced], *seen[reduced + 1 :])
    lead = _lead_axes(source) if reduced != 0 and source.lead != 1 else None
    named = _named(result.data.names, seen, bounds, shape)
    if lead is not None and shape[:1] == source.shape[:1]:
        sizes = tuple(len_of(source, axis) for axis in range(source.lead))
        shape, named = (*sizes, *shape[1:]), (*lead, *named[1:])
    units = source.spec.units if result.data.units == "same" else result.data.units
    dtype = result.dtype or source.dtype or source.spec.dtype
    kept = Spec(shape, dtype, named, units, source.spec.geometry)
    return replace(kept, mask=_mask(kept, source), positions=_positions(kept, source))


def _mask(made: Spec, source: Bound) -> Any:
    """Keep the mask of the first input where its axes are still the last ones."""
    mask, shape = source.spec.mask, made.shape or ()
    if mask is None or mask.ndim > len(shape):
        return None
    last = slice(len(shape) - mask.ndim, None)
    before = source.spec.shape or ()
    same = shape[last] == before[len(before) - mask.ndim :]
    alike = made.names[last] == source.spec.names[len(before) - mask.ndim :]
    return mask if same and alike else None


def _positions(made: Spec, source: Bound) -> dict[str, Axis]:
    """Keep the positions of the first input where its first axes are still there."""
    shape, names = made.shape or (), made.names
    found = {}
    for name, axis in source.spec.positions.items():
        ndim = np.asarray(axis.values).ndim
        same = shape[:ndim] == (source.spec.shape or ())[:ndim]
        if same and names[:ndim] == source.spec.names[:ndim]:
            found[name] = axis
    return found


def len_of(bound: Bound, axis: int) -> int:
    """Length of an axis of the object, counted as the function counts."""
    return (bound.spec.shape or ())[bound.order[axis]]


def _unknown(result: Result, bounds: Sequence[Bound]) -> Spec:
    units = result.data.units
    units = bounds[0].spec.units if units == "same" and bounds else units
    dtype = result.dtype or (bounds[0].spec.dtype if bounds else None)
    shape = _scalar(result)
    return Spec(shape, dtype if shape is None else result.dtype, (), units)


def _seen_axes(bound: Bound) -> tuple[Axis, ...]:
    """Axes as the function sees them; those that were made one have no values."""
    moved = tuple(bound.spec.axes[axis] for axis in bound.order)
    if bound.lead == 1:
        return moved
    loop = bound.names[0] if bound.names else ""
    return (Axis(loop), *moved[bound.lead :])


def _lead_axes(bound: Bound) -> tuple[Axis, ...]:
    return tuple(bound.spec.axes[axis] for axis in bound.order[: bound.lead])


def _named(
    names: Sequence[str],
    seen: Sequence[Axis],
    bounds: Sequence[Bound],
    shape: tuple[int, ...],
) -> tuple[Axis, ...]:
    """Name the axes of a result, and give them values where the inputs have them."""
    if names and len(names) != len(shape):
        raise WorkflowRefused(
            f"a result of shape {shape} is declared with the axes {', '.join(names)}"
        )
    if not names:
        # from the right, as numpy broadcasts
        short = len(shape) - len(seen)
        names = [*[""] * max(0, short), *[axis.name for axis in seen][max(0, -short) :]]
    known = [axis for bound in bounds for axis in bound.spec.axes if axis.name]
    made = []
    for name, size in zip(names, shape, strict=True):
        fitting = (a for a in known if a.name == name and _fits(a, size))
        made.append(next(fitting, Axis(name)))
    return tuple(made)


def _fits(axis: Axis, size: int) -> bool:
    return axis.values is not None and axis.values.shape == (size,)
