"""Ways to run an installation; each is nothing but other defaults of the settings."""

from typing import Any

from daisy_hub.profiles import docker, local

__all__ = ["defaults"]

_PROFILES: dict[str, dict[str, Any]] = {
    "docker": docker.DEFAULTS,
    "local": local.DEFAULTS,
}


def defaults(profile: str) -> dict[str, Any]:
    """Return a profile's defaults; none for a name that does not exist."""
    return _PROFILES.get(profile, {})
