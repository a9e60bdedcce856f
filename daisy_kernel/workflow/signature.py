"""Read the signature of a function: data objects, parameters, results.

Arguments that may be given by position are data objects; those that may only be
given by name (after `*`) are parameters.
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from daisy_kernel.model import DataObject, Scan
from daisy_kernel.model.errors import WorkflowRefused
from daisy_kernel.workflow.declare import Data
from daisy_kernel.workflow.docs import parameter_texts
from daisy_kernel.workflow.parameters import REQUIRED, Given

_POSITIONAL = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
)


_ANY = Data()


@dataclass(frozen=True)
class Input:
    """A data object that an algorithm takes.

    Attributes
    ----------
    dtype
        Type that is asked for; None takes any.
    is_scan
        Whether it is an open scan, no array.
    is_whole
        Whether the function gets the data object itself, and reads what it needs.
    optional
        Whether the function can do without it.
    """

    name: str
    data: Data = _ANY
    dtype: np.dtype[Any] | None = None
    is_scan: bool = False
    is_whole: bool = False
    optional: bool = False
    text: str = ""


@dataclass(frozen=True)
class Result:
    """A data object that an algorithm gives; no type is that of the first input.

    Attributes
    ----------
    scalar
        Whether it is one number.
    """

    data: Data = _ANY
    dtype: np.dtype[Any] | None = None
    scalar: bool = False


@dataclass(frozen=True)
class Signature:
    """What a function takes and gives."""

    inputs: tuple[Input, ...]
    parameters: dict[str, Given]
    results: tuple[Result, ...]


def signature_of(
    function: Callable[..., Any], name: str, skip_self: bool = False
) -> Signature:
    """Read a function's signature.

    Raises
    ------
    WorkflowRefused
        It takes arguments that cannot be named, or annotations that mean nothing.
    """
    try:
        hints = typing.get_type_hints(function, include_extras=True)
    except Exception as error:
        raise WorkflowRefused(
            f"{name}: its annotations cannot be read: {error}"
        ) from error
    texts = parameter_texts(function)
    inputs: list[Input] = []
    parameters: dict[str, Given] = {}
    given = list(inspect.signature(function).parameters.values())
    for parameter in given[1:] if skip_self else given:
        hint, text = hints.get(parameter.name, Any), texts.get(parameter.name, "")
        if parameter.kind in _POSITIONAL:
            inputs.append(_input(parameter, hint, text))
        elif parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            default = parameter.default
            default = REQUIRED if default is inspect.Parameter.empty else default
            parameters[parameter.name] = Given.of(parameter.name, hint, default, text)
        else:
            raise WorkflowRefused(
                f"{name} takes *{parameter.name}: name each data object and parameter"
            )
    return Signature(tuple(inputs), parameters, _results(hints.get("return")))


def _input(parameter: inspect.Parameter, hint: Any, text: str) -> Input:
    optional = parameter.default is None
    kinds = [part for part in _parts(hint) if part is not type(None)]
    hint = kinds[0] if len(kinds) == 1 else hint
    data, dtype = _array(hint)
    return Input(
        parameter.name, data, dtype, hint is Scan, hint is DataObject, optional, text
    )


def _results(hint: Any) -> tuple[Result, ...]:
    plain, _ = _unpacked(hint)
    if typing.get_origin(plain) is tuple:
        return tuple(_result(part) for part in typing.get_args(plain))
    return (_result(hint),)


def _result(hint: Any) -> Result:
    return Result(*_array(hint), scalar=_unpacked(hint)[0] in _NUMBERS)


def _array(hint: Any) -> tuple[Data, np.dtype[Any] | None]:
    plain, words = _unpacked(hint)
    data = next((word for word in words if isinstance(word, Data)), Data())
    if plain in _NUMBERS:
        return data, np.dtype(plain)
    if typing.get_origin(plain) is np.ndarray:
        kinds = typing.get_args(plain)[1:]
        return data, _dtype(kinds[0]) if kinds else None
    return data, None


def _dtype(kind: Any) -> np.dtype[Any] | None:
    """Type in `np.dtype[np.float32]`; None for Any and abstract types."""
    found = next(iter(typing.get_args(kind)), None)
    concrete = isinstance(found, type) and issubclass(found, np.generic)
    if not concrete or found in _ABSTRACT:
        return None
    return np.dtype(found)


_NUMBERS = (float, int, bool)
_ABSTRACT = {
    np.generic, np.number, np.integer, np.inexact, np.floating, np.signedinteger,
    np.unsignedinteger, np.complexfloating, np.character, np.flexible,
}  # fmt: skip


def _unpacked(hint: Any) -> tuple[Any, tuple[Any, ...]]:
    if typing.get_origin(hint) is typing.Annotated:
        return hint.__origin__, hint.__metadata__
    return hint, ()


def _parts(hint: Any) -> tuple[Any, ...]:
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return typing.get_args(hint)
    return (hint,)
