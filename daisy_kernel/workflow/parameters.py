"""Parameters of an algorithm: what they may be, and whether they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import numpy as np

from daisy_kernel.model.errors import ParameterRefused
from daisy_kernel.store.units import number
from daisy_kernel.workflow.declare import Parameter

REQUIRED: Any = object()


@dataclass(frozen=True)
class Given:
    """One parameter, as the signature declares it.

    Attributes
    ----------
    type
        Annotation without what `Annotated` adds.
    default
        `REQUIRED` if there is none.
    text
        What the docstring says of it.
    """

    name: str
    type: Any
    default: Any = REQUIRED
    units: str = ""
    low: float | None = None
    high: float | None = None
    text: str = ""

    @classmethod
    def of(cls, name: str, annotation: Any, default: Any, text: str) -> Given:
        """Read an annotation."""
        words = getattr(annotation, "__metadata__", ())
        plain = getattr(annotation, "__origin__", annotation) if words else annotation
        word = next((w for w in words if isinstance(w, Parameter)), Parameter())
        return cls(name, plain, default, word.units, word.low, word.high, text)

    @cached_property
    def _adapter(self) -> Any:
        from annotated_types import Ge, Le
        from pydantic import TypeAdapter

        kind: Any = self.type
        if self.low is not None:
            kind = Annotated[kind, Ge(self.low)]
        if self.high is not None:
            kind = Annotated[kind, Le(self.high)]
        return TypeAdapter(kind)

    def checked(self, value: Any, where: str) -> Any:
        """Give the value as the function takes it.

        Raises
        ------
        ParameterRefused
            With the algorithm, the parameter, what was given and what may be.
        """
        from pydantic import ValidationError

        place = f"{where}: {self.name}"
        if isinstance(value, np.generic):
            value = value.item()
        if isinstance(value, str) and self.units:
            value = number(value, self.units, place)
        try:
            return self._adapter.validate_python(value)
        except ValidationError as error:
            first = error.errors()[0]
            inside = "".join(f"[{part}]" for part in first["loc"])
            raise ParameterRefused(
                f"{place}{inside} is {value!r}: {first['msg'].lower()}"
                + (f" (in {self.units})" if self.units else "")
            ) from None


def checked(
    known: Mapping[str, Given], values: Mapping[str, Any], where: str
) -> dict[str, Any]:
    """Check all parameters of an algorithm, and fill in the defaults.

    Raises
    ------
    ParameterRefused
        One is unknown, missing, or no value that it may have.
    """
    for name in values:
        if name not in known:
            has = ", ".join(known) or "none"
            raise ParameterRefused(
                f"{where} has no parameter {name!r}. Its parameters: {has}."
            )
    return {name: _value(given, values, where) for name, given in known.items()}


def _value(given: Given, values: Mapping[str, Any], where: str) -> Any:
    value = values.get(given.name, given.default)
    if value is REQUIRED:
        raise ParameterRefused(f"{where} needs the parameter {given.name!r}")
    if value is None and given.default is None:
        return None
    return given.checked(value, where)
