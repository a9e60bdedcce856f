"""How the objects of a step become the arguments of its algorithm.

By frame, spectrum or sinogram, a function sees its first input as (loop, core...): all
axes before the core are made one, and one is added where a single frame is given. Axes
that are named are brought into the order that the annotation asks for.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from daisy_kernel.model.errors import ShapeMismatch, UnitsMismatch, WorkflowRefused
from daisy_kernel.store.units import factor
from daisy_kernel.workflow.algorithm import Algorithm
from daisy_kernel.workflow.declare import USUAL
from daisy_kernel.workflow.signature import Input
from daisy_kernel.workflow.spec import Spec


@dataclass(frozen=True, eq=False)
class Bound:
    """One object as an input.

    Attributes
    ----------
    name
        Of the object.
    order
        Which axis of the object each axis is, before some are made one.
    lead
        How many axes become the function's first one; 0 adds one of length 1.
    names
        Of the axes as the function sees them; empty where that does not matter.
    loops
        Whether its first axis is the one along which the first input may be cut.
    dtype, scale
        What the values are converted to, and multiplied by.
    """

    input: Input
    name: str
    spec: Spec
    order: tuple[int, ...]
    lead: int = 1
    names: tuple[str, ...] = ()
    loops: bool = False
    dtype: np.dtype[Any] | None = None
    scale: float = 1.0

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the whole object as the function sees it."""
        return self.seen(self.spec.shape or ())

    def seen(self, shape: Sequence[int]) -> tuple[int, ...]:
        """Shape of a part of the object as the function sees it."""
        moved = tuple(shape[axis] for axis in self.order)
        if not moved or self.lead == 1:
            return moved
        return (math.prod(moved[: self.lead]), *moved[self.lead :])

    def given(self, part: Any) -> Any:
        """Give a part of the object as the function sees it."""
        array = np.asarray(part)
        shape = self.seen(array.shape)
        array = array.transpose(self.order).reshape(shape)
        if self.dtype is not None and array.dtype != self.dtype:
            array = array.astype(self.dtype)
        return array if self.scale == 1.0 else array * array.dtype.type(self.scale)


def bind(
    algorithm: Algorithm, entry: Input, name: str, spec: Spec, where: str
) -> Bound:
    """Fit an object to an input.

    Parameters
    ----------
    where
        Step and input, for the messages.

    Raises
    ------
    ShapeMismatch, UnitsMismatch, WorkflowRefused
        Naming the algorithm, the object, what it is and what is asked for.
    """
    if entry.is_whole:
        return Bound(entry, name, spec, tuple(range(len(spec.shape or ()))))
    dtype = _dtype(entry, spec, f"{where} takes {name!r}")
    scale = _scale(entry, spec, f"{where} takes {name!r}")
    axes = range(len(spec.shape or ()))
    names = _names(algorithm, entry, len(axes))
    if not names or spec.shape is None:
        return Bound(entry, name, spec, tuple(axes), dtype=dtype, scale=scale)
    loop = names_of_first(algorithm)[:1]
    loops = bool(loop) and names[:1] == loop
    order = _order(spec.names, names)
    lead = len(axes) - len(names) + 1
    if lead != 1 and (lead < 0 or not loops):
        raise ShapeMismatch(
            f"{where} takes {name!r}",
            f"it is {spec}; the algorithm takes ({', '.join(names)})",
        )
    if algorithm.pattern == "sinogram" and order is None and entry == first(algorithm):
        raise ShapeMismatch(
            f"{where} takes {name!r}",
            f"it is {spec}, and which axis is angle, row and column is not known: "
            "name its axes, like data_object(frames, axes='angle row column')",
        )
    order = tuple(axes) if order is None else order
    return Bound(entry, name, spec, order, lead, names, loops, dtype, scale)


def first(algorithm: Algorithm) -> Input:
    """Give the input that is cut."""
    return algorithm.inputs[0]


def names_of_first(algorithm: Algorithm) -> tuple[str, ...]:
    """Names of the axes of the first input as the function sees it."""
    return first(algorithm).data.names or USUAL.get(algorithm.pattern, ())


def _names(algorithm: Algorithm, entry: Input, ndim: int) -> tuple[str, ...]:
    """Names that an input asks for; the last ones of the first input by default."""
    if entry.data.names or algorithm.pattern in ("point", "volume", "scan"):
        return entry.data.names
    names = names_of_first(algorithm)
    if entry == first(algorithm) or ndim >= len(names):
        return names
    return names[len(names) - ndim :] if ndim > 1 else ()


def _order(found: Sequence[str], wanted: Sequence[str]) -> tuple[int, ...] | None:
    """Say how named axes are brought into order; None if names do not tell."""
    if len(found) == len(wanted) and set(found) == set(wanted):
        return tuple(found.index(name) for name in wanted)
    if not set(found) & set(wanted):
        return None
    # among other names, those that are asked for must stand last and in order
    core = [name for name in wanted if name in found]
    places = [found.index(name) for name in core]
    return None if places != sorted(places) else tuple(range(len(found)))


def _dtype(entry: Input, spec: Spec, where: str) -> np.dtype[Any] | None:
    if entry.dtype is None or spec.dtype is None or spec.dtype == entry.dtype:
        return entry.dtype
    if not np.can_cast(spec.dtype, entry.dtype, "same_kind"):
        raise WorkflowRefused(
            f"{where}, which is {spec}; it needs {entry.dtype}, and the one cannot "
            "become the other without loss"
        )
    return entry.dtype


def _scale(entry: Input, spec: Spec, where: str) -> float:
    wanted = entry.data.units
    if not wanted or not spec.units or wanted == "same":
        return 1.0
    scale = factor(spec.units, wanted)
    if scale is None:
        raise UnitsMismatch(
            f"{where}, which is {spec}; it needs {_unit(wanted)}. Give another object, "
            "or correct its units where it is made"
        )
    return scale


def _unit(units: str) -> str:
    return "no unit" if units in ("1", "") else f"the unit {units}"
