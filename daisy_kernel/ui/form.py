"""A form for the parameters of an algorithm or workflow, made from their signatures."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterator, Mapping
from html import escape
from typing import Any, Literal

from daisy_kernel.model.errors import OptionalPackageMissing, ParameterRefused
from daisy_kernel.workflow import Algorithm, Workflow
from daisy_kernel.workflow.parameters import REQUIRED, Given

_STYLE = {"description_width": "11em"}


def form(what: Algorithm | Workflow) -> Form:
    """Give a form for the parameters of an algorithm or workflow; see `Form`."""
    return Form(what)


class Form:
    """Fields for parameters, with names, units, ranges and what they mean.

    Display it in a notebook, and hand `form.values` to `daisy.run`.

    Parameters
    ----------
    what
        An algorithm, or a workflow, whose parameters are called "step.parameter".
    """

    def __init__(self, what: Algorithm | Workflow) -> None:
        self._fields = {
            name: _Field(name, given, value) for name, given, value in _given(what)
        }

    @property
    def values(self) -> dict[str, Any]:
        """All values that are not the defaults.

        Raises
        ------
        ParameterRefused
            A field holds nothing that its parameter may be.
        """
        found = {name: field.value for name, field in self._fields.items()}
        return {
            name: value
            for name, value in found.items()
            if value != self._fields[name].given.default
        }

    def __getitem__(self, name: str) -> Any:
        return self._fields[name].widget

    def widget(self) -> Any:
        """Give the form as one widget."""
        widgets = _widgets()
        if not self._fields:
            return widgets.HTML("<i>no parameters</i>")
        return widgets.VBox([field.row() for field in self._fields.values()])

    def _ipython_display_(self) -> None:
        from IPython.display import display

        display(self.widget())  # type: ignore[no-untyped-call]


class _Field:
    """One parameter."""

    def __init__(self, name: str, given: Given, value: Any) -> None:
        self.name, self.given = name, given
        self.widget = _widget_for(given, value)

    @property
    def value(self) -> Any:
        found = self.widget.value
        if isinstance(found, str) and not _is_choice(self.given):
            found = found.strip()
            if not found and self.given.default is REQUIRED:
                raise ParameterRefused(f"{self.name} is needed")
            if not found:
                return self.given.default
            found = _read(found)
        return found if found is None else self.given.checked(found, "the form")

    def row(self) -> Any:
        """Give the field with its unit, and its text below."""
        widgets = _widgets()
        self.widget.description = self.name
        self.widget.style = _STYLE
        unit = widgets.Label(self.given.units)
        text = widgets.HTML(f"<small>{escape(self.given.text)}</small>")
        return widgets.VBox([widgets.HBox([self.widget, unit]), text])


def _given(what: Algorithm | Workflow) -> Iterator[tuple[str, Given, Any]]:
    if isinstance(what, Algorithm):
        for name, given in what.parameters.items():
            yield name, given, given.default
        return
    for step in what.steps:
        for name, given in step.algorithm.parameters.items():
            value = step.parameters.get(name, given.default)
            yield f"{step.name}.{name}", given, value


def _widget_for(given: Given, value: Any) -> Any:
    widgets = _widgets()
    start = None if value is REQUIRED else value
    if _is_choice(given):
        options = typing.get_args(given.type)
        return widgets.Dropdown(options=options, value=start or options[0])
    if given.type is bool:
        return widgets.Checkbox(value=bool(start))
    kinds: Mapping[Any, tuple[Callable[..., Any], Callable[..., Any]]] = {
        int: (widgets.IntText, widgets.BoundedIntText),
        float: (widgets.FloatText, widgets.BoundedFloatText),
    }
    if given.type in kinds and start is not None:
        plain, bounded = kinds[given.type]
        if given.low is None and given.high is None:
            return plain(value=start)
        low = -1e300 if given.low is None else given.low
        high = 1e300 if given.high is None else given.high
        if given.type is int:
            low, high = int(max(low, -(2**53))), int(min(high, 2**53))
        return bounded(value=start, min=low, max=high)
    shown = "" if start is None else str(start)
    hint = "none" if _may_be_none(given) else ""
    return widgets.Text(value=shown, placeholder=hint, continuous_update=False)


def _is_choice(given: Given) -> bool:
    return typing.get_origin(given.type) is Literal


def _may_be_none(given: Given) -> bool:
    union = typing.get_origin(given.type) in (typing.Union, types.UnionType)
    return union and type(None) in typing.get_args(given.type)


def _read(text: str) -> Any:
    """Read what was typed: a number, a list, or text like "5 mm"."""
    import yaml

    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return text


def _widgets() -> Any:
    try:
        import ipywidgets
    except ImportError as error:
        raise OptionalPackageMissing("ipywidgets", "notebook") from error
    return ipywidgets
