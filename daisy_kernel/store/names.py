"""How objects of a store may be called."""

from __future__ import annotations

from daisy_kernel.model.errors import ParameterRefused


def checked(name: str) -> str:
    """Give the name, if an object can have it.

    Raises
    ------
    ParameterRefused
        It is empty, or would not be a place of its own below a folder.
    """
    if not isinstance(name, str):
        raise ParameterRefused(f"the name of an object is text, not {name!r}")
    parts = name.split("/")
    if not all(parts) or any(part.startswith(".") for part in parts) or "\0" in name:
        raise ParameterRefused(
            f"{name!r} is no name for an object: it has parts between '/', none of "
            "them empty or with a dot in front, like 'maps/iron'"
        )
    return name
