"""Digest of an algorithm's code: what changes it, changes what it gives.

It is the code as it is understood, without comments, docstrings and layout, of the
function or class itself, and of all functions of the same package that it uses, with
the classes beside them in their module. Other packages count by their version, where
they are used.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from linecache import getlines
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from daisy_kernel.io.tracing import digest
from daisy_kernel.workflow.algorithm import Algorithm

_PLAIN = (int, float, complex, str, bytes, bool, type(None), np.ndarray, np.generic)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def code_digest(algorithm: Algorithm) -> bytes:
    """Give 16 bytes that are the same for the same code."""
    if algorithm.code:
        return algorithm.code
    seen: dict[str, Any] = {}
    _visit(algorithm.made_of, seen)
    reducing = algorithm.reducing
    for extra in (reducing and reducing.combine, reducing and reducing.finish):
        if callable(extra):
            _visit(extra, seen)
    declared = (
        algorithm.pattern, algorithm.version, algorithm.halo, len(algorithm.gives),
        str(reducing.axis) if reducing else "",
        str(reducing.combine) if reducing and not callable(reducing.combine) else "",
    )  # fmt: skip
    return digest(declared, sorted(seen.items()))


def _visit(found: Any, seen: dict[str, Any]) -> None:
    """Note the code of a function or class, and of what it uses."""
    key = f"{found.__module__}:{found.__qualname__}"
    if key in seen:
        return
    seen[key] = ""  # it may use itself
    tree = _tree(found)
    seen[key] = ast.dump(tree) if tree else _bytecode(found)
    seen.update(_kept_values(found, key))
    for name, value in _used(found, tree):
        own = value.made_of if isinstance(value, Algorithm) else value
        if _belongs(own, found):
            _visit(own, seen)
        elif isinstance(own, _PLAIN):
            seen[f"{found.__module__}:{name}"] = own
        elif package := _package_of(own):
            seen[package] = _version(package)


def _belongs(value: Any, found: Any) -> bool:
    """Whether code that is used is of the same package, and so counts as it is."""
    if isinstance(value, FunctionType):
        return _root(value) == _root(found)
    return isinstance(value, type) and value.__module__ == found.__module__


def _root(found: Any) -> str:
    return str(found.__module__).partition(".")[0]


def _tree(found: Any) -> ast.AST | None:
    """Give the code without what changes nothing; None where there is no source."""
    if isinstance(found, FunctionType):
        code = found.__code__
        node = _nodes(code.co_filename, "".join(getlines(code.co_filename))).get(
            code.co_firstlineno
        )
        # several lambdas may stand in a line: their bytecode tells them apart
        return None if node is None or found.__name__ == "<lambda>" else node
    try:
        return _bare(ast.parse(textwrap.dedent(inspect.getsource(found))))
    except (OSError, TypeError, SyntaxError):
        return None


@lru_cache(64)
def _nodes(name: str, text: str) -> dict[int, ast.AST]:
    """Give the functions of a file by their first line, decorators included."""
    del name
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return {}
    found: dict[int, ast.AST] = {}
    for node in ast.walk(tree):
        if isinstance(node, _FUNCTIONS):
            lines = [node.lineno, *(word.lineno for word in node.decorator_list)]
            found[min(lines)] = node
    _bare(tree)
    return found


def _bare(tree: ast.AST) -> ast.AST:
    """Take docstrings and decorators away."""
    for node in ast.walk(tree):
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            node.decorator_list = []
            if ast.get_docstring(node, clean=False) is not None:
                node.body = node.body[1:] or [ast.Pass()]
    return tree


def _bytecode(found: Any) -> Any:
    code = getattr(found, "__code__", None)
    if code is None:
        return sorted(vars(found))
    plain = [c for c in code.co_consts if isinstance(c, _PLAIN)]
    return [code.co_code, plain, list(code.co_names)]


def _kept_values(found: Any, key: str) -> Iterator[tuple[str, Any]]:
    """Give defaults and values that a function has taken along."""
    if not isinstance(found, FunctionType):
        return
    for number, cell in enumerate(found.__closure__ or ()):
        if isinstance(cell.cell_contents, _PLAIN):
            yield f"{key}, closure {number}", cell.cell_contents


def _used(found: Any, tree: ast.AST | None) -> Iterator[tuple[str, Any]]:
    """Give the global names that code uses, with what they stand for."""
    for function in _functions(found):
        names = function.__globals__
        for name in _names(tree) if tree else function.__code__.co_names:
            value = _look_up(name, names)
            if value is not None:
                yield name, value


def _functions(found: Any) -> list[Any]:
    if isinstance(found, FunctionType):
        return [found]
    members = vars(found).values() if isinstance(found, type) else ()
    return [member for member in members if isinstance(member, FunctionType)]


def _names(tree: ast.AST) -> list[str]:
    """Names in the code, and names in modules like `correction.normalize`."""
    found: dict[str, None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            found[node.id] = None
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            found[f"{node.value.id}.{node.attr}"] = None
    return list(found)


def _look_up(name: str, names: Mapping[str, Any]) -> Any:
    first, dot, rest = name.partition(".")
    value = names.get(first)
    if dot:
        return getattr(value, rest, None) if isinstance(value, ModuleType) else None
    return value


def _package_of(value: Any) -> str:
    module = value.__name__ if isinstance(value, ModuleType) else None
    module = module or getattr(value, "__module__", None) or ""
    return str(module).partition(".")[0]


@cache
def _version(package: str) -> str:
    names = _distributions().get(package, [])
    try:
        return version(names[0]) if names else ""
    except PackageNotFoundError:
        return ""


@cache
def _distributions() -> Mapping[str, list[str]]:
    return packages_distributions()
