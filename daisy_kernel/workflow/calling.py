"""Call an algorithm with arrays, and see that it keeps what it has promised."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from daisy_kernel.model.errors import AlgorithmFailed, DaisyError
from daisy_kernel.model.nodes import Array
from daisy_kernel.model.text import describe_array
from daisy_kernel.workflow.algorithm import ended, started
from daisy_kernel.workflow.describing import Call


class Caller:
    """Calls the algorithm of one step; sets up its class once per thread at a time."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._idle: list[Any] = []
        self._lock = threading.Lock()
        # a worker may only ever let go of it
        self._end = weakref.finalize(self, _end_all, self._idle)

    def __call__(self, arguments: Sequence[Any]) -> tuple[Any, ...]:
        """Give the results, as many as the algorithm has.

        Raises
        ------
        AlgorithmFailed
            It raised; the message names it and what it was given.
        """
        call = self._call
        given = dict(
            zip((bound.input.name for bound in call.bounds), arguments, strict=True)
        )
        try:
            with self._instance() as made:
                if made is None:
                    found = call.algorithm.made_of(**given, **call.parameters)
                else:
                    found = made.execute(**given)
        except DaisyError:
            raise
        except Exception as error:
            raise AlgorithmFailed(
                f"{call.name} failed: {type(error).__name__}: {error}. It was given "
                f"{_described(call, arguments)}"
            ) from error
        several = len(call.algorithm.gives) > 1
        results = tuple(found) if several else (found,)
        if len(results) != len(call.algorithm.gives):
            raise AlgorithmFailed(
                f"{call.name} gave {len(results)} results; it declares "
                f"{', '.join(call.algorithm.gives)}"
            )
        return results

    def close(self) -> None:
        """Let instances tear down what they have set up."""
        self._end()

    @contextmanager
    def _instance(self) -> Iterator[Any]:
        if not self._call.algorithm.is_class:
            yield None
            return
        with self._lock:
            made = self._idle.pop() if self._idle else None
        if made is None:
            made = started(self._call.algorithm, self._call.parameters)
        yield made
        with self._lock:
            self._idle.append(made)


def check_result(
    call: Call, found: Any, shape: tuple[int, ...] | None, dtype: np.dtype[Any] | None
) -> Array:
    """Give a result as an array of the shape and type that were promised.

    Raises
    ------
    AlgorithmFailed
        It is another one; both are in the message.
    """
    array = np.asarray(found)
    if shape is not None and array.shape != shape:
        raise AlgorithmFailed(
            f"{call.name} gave an array of shape {array.shape} where {shape} was "
            "expected. Say with shape= what it does to the shape"
        )
    if dtype is not None and array.dtype != dtype:
        raise AlgorithmFailed(
            f"{call.name} gave {array.dtype}, but {dtype} is declared. Annotate its "
            f"result like -> NDArray[np.{array.dtype.name}], or convert it"
        )
    return array


def _described(call: Call, arguments: Sequence[Any]) -> str:
    return ", ".join(
        f"{bound.input.name} = {bound.name!r}, {describe_array(a.shape, a.dtype)}"
        for bound, a in zip(call.bounds, arguments, strict=True)
    )


def _end_all(instances: list[Any]) -> None:
    while instances:
        ended(instances.pop())
