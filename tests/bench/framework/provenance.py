"""What provenance costs in a run: identities, records, and what files carry of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from daisy_kernel.workflow.runs import environment, prepare, results, start

_PARTS: tuple[tuple[Any, str], ...] = (
    (prepare, "identities"),
    (prepare, "_files"),
    (environment, "environment"),
    (environment, "versions"),
    (start, "write_json"),
    (results, "_process"),
    (results, "_provenance"),
)


@contextmanager
def counted() -> Iterator[list[float]]:
    """Give a list of the seconds that are spent for provenance."""
    spent: list[float] = []
    with ExitStack() as stack:
        for module, name in _PARTS:
            timed = _timing(getattr(module, name), spent)
            stack.enter_context(patch.object(module, name, timed))
        yield spent


def _timing(function: Callable[..., Any], spent: list[float]) -> Callable[..., Any]:
    def call(*given: Any, **more: Any) -> Any:
        start_ = time.perf_counter()
        try:
            return function(*given, **more)
        finally:
            spent.append(time.perf_counter() - start_)

    return call
