"""Units of data objects and parameters, by pint."""

from __future__ import annotations

from functools import cache
from typing import Any

from daisy_kernel.model.errors import ParameterRefused

# of facilities and NeXus files, for what pint calls otherwise
_ALIASES = {
    "°": "degree", "deg": "degree", "micron": "um", "µm": "um", "µ": "u",
    "Angstrom": "angstrom", "angstroms": "angstrom", "A": "ampere", "": "1",
    "counts": "count", "cts": "count",
}  # fmt: skip


def fits(found: str, wanted: str) -> bool:
    """Whether values in one unit can be given in the other.

    Where one of them is not known (""), nothing speaks against it.
    """
    return not found or not wanted or factor(found, wanted) is not None


def factor(found: str, wanted: str) -> float | None:
    """Give what turns values in *found* into *wanted*; None if there is nothing.

    Units that pint does not know fit only themselves. Scales with another zero
    (degrees Celsius) have no factor.
    """
    if found == wanted:
        return 1.0
    try:
        a, b = _unit(found), _unit(wanted)
        if not a.is_compatible_with(b) or _counts(a) != _counts(b):
            return None
        zero, one = (
            float(_registry().Quantity(value, a).to(b).magnitude)
            for value in (0.0, 1.0)
        )
        return one if zero == 0 else None
    except Exception:  # pint raises what its parser and tokenizer raise
        return None


def number(text: str, units: str, where: str) -> float:
    """Read a quantity like "5 mm" as a number in *units*.

    Raises
    ------
    ParameterRefused
        It is no quantity, or its unit does not fit.
    """
    try:
        quantity = _registry().Quantity(text)
    except Exception as error:
        raise ParameterRefused(f"{where} is {text!r}, which is no quantity") from error
    if isinstance(quantity, int | float):
        return float(quantity)
    found = str(quantity.units)
    scale = factor(found, units)
    if found == "dimensionless":
        return float(quantity.magnitude)
    if scale is None:
        raise ParameterRefused(
            f"{where} is {text!r}, but it is meant in {units or 'no unit'}"
        )
    return float(quantity.magnitude) * scale


def _unit(text: str) -> Any:
    return _registry().Unit(_ALIASES.get(text.strip(), text.strip()))


def _counts(unit: Any) -> int:
    """Tell counts from plain numbers, which they are to pint."""
    return str(unit).count("count")


@cache
def _registry() -> Any:
    import pint

    return pint.UnitRegistry(cache_folder=None)
