"""Algorithms and workflows in the style of the first DAISY, which run as they are.

An algorithm is a class with `initialize`, `execute` and `finalize` that takes and gives
data objects by their names in `self.data`; a workflow is a class whose `execute` calls
its algorithms line by line. Both are kept for those who have such classes. What is new
is written as functions (`daisy.algorithm`): only those are cut into blocks, run on
every engine, and are gone on with after a kill.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from daisy_kernel.model import DataObject
from daisy_kernel.model.errors import AlgorithmFailed, DaisyError, WorkflowRefused
from daisy_kernel.store import DataStore


class ClassicAlgorithm:
    """Base of algorithms with three methods.

    Attributes
    ----------
    data
        The DataStore of the workflow, from `initialize` on.
    """

    data: DataStore

    def __init__(self, name: str) -> None:
        self.name = name

    def initialize(self, **parameters: Any) -> bool | None:
        """Get ready; False stops the workflow."""

    def execute(self, *objects: Any, **parameters: Any) -> bool | None:
        """Take objects out of `self.data` and put objects into it; False has failed."""
        raise NotImplementedError

    def finalize(self) -> bool | None:
        """Tear down what was set up."""


class _Checked:
    """An algorithm whose failures are errors, with its name."""

    def __init__(self, algorithm: ClassicAlgorithm, given: Mapping[str, Any]) -> None:
        self._algorithm, self._given = algorithm, dict(given)

    def execute(self, *objects: Any, **parameters: Any) -> None:
        """Call with the parameters of the configuration, and those that are given."""
        self.call("execute", *objects, **{**self._given, **parameters})

    def call(self, method: str, *objects: Any, **parameters: Any) -> None:
        """Call a method.

        Raises
        ------
        AlgorithmFailed
            It has raised, or given False.
        """
        where = f"{self._algorithm.name}.{method}"
        try:
            found = getattr(self._algorithm, method)(*objects, **parameters)
        except DaisyError:
            raise
        except Exception as error:
            raise AlgorithmFailed(
                f"{where}: {type(error).__name__}: {error}"
            ) from error
        if found is False:
            raise AlgorithmFailed(f"{where} says that it has failed")


class ClassicWorkflow:
    """Base of workflows that call their algorithms line by line.

    Attributes
    ----------
    engine
        The algorithms by name: ``self.engine["normalize"].execute(...)``.
    data
        The DataStore that they share.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.engine: dict[str, _Checked] = {}
        self._algorithms: dict[str, ClassicAlgorithm] = {}
        self.data = DataStore()

    def initialize(
        self,
        algorithms_cfg: Mapping[str, Mapping[str, Any]],
        workflow_environment: Mapping[str, Mapping[str, Any]] | None = None,
        data: DataStore | None = None,
    ) -> None:
        """Create the algorithms.

        Parameters
        ----------
        algorithms_cfg
            By name: `class_name` ("module:Class", or the class), and `init_paras` for
            its `initialize`.
        workflow_environment
            By name: parameters for each `execute`.
        data
            The DataStore to work in, of a workflow around this one for example.

        Raises
        ------
        WorkflowRefused, AlgorithmFailed
        """
        self.data = data if data is not None else self.data
        given = workflow_environment or {}
        for name in given:
            if name not in algorithms_cfg:
                known = ", ".join(algorithms_cfg)
                raise WorkflowRefused(
                    f"{self.name} has no algorithm {name!r}. It has: {known}."
                )
        for name, config in algorithms_cfg.items():
            made = _class_of(config, f"{self.name}: {name}")(name)
            made.data = self.data
            self._algorithms[name] = made
            self.engine[name] = _Checked(made, given.get(name, {}))
            self.engine[name].call("initialize", **config.get("init_paras", {}))

    def execute(self) -> Any:
        """Call the algorithms; to be written by each workflow."""
        raise NotImplementedError

    def finalize(self) -> None:
        """Tear down all algorithms, the last one first."""
        for name in reversed(self._algorithms):
            self.engine[name].call("finalize")

    def algorithm_keys(self) -> Iterator[str]:
        """Names of the algorithms."""
        return iter(self._algorithms)

    def get_algorithm(self, name: str) -> ClassicAlgorithm:
        """Give an algorithm by its name."""
        return self._algorithms[name]

    def data_keys(self) -> Iterator[str]:
        """Names of the data objects."""
        return iter(self.data)

    def get_data(self, name: str) -> DataObject:
        """Give a data object by its name."""
        return self.data[name]


def _class_of(config: Mapping[str, Any], where: str) -> type[ClassicAlgorithm]:
    name = config.get("class_name")
    if isinstance(name, type):
        return name
    module, colon, qualname = str(name).partition(":")
    try:
        found = getattr(import_module(module), qualname) if colon else None
    except (ImportError, AttributeError) as error:
        raise WorkflowRefused(f"{where}: no class {name!r}: {error}") from error
    if not isinstance(found, type):
        raise WorkflowRefused(
            f"{where}: class_name is {name!r}; write 'module:Class', or give the class"
        )
    return found
