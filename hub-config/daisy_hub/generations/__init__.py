"""Generations of the software that servers and clusters run: side by side, by name.

A generation is one environment, or one image in containers, that is never changed once
it is there. One of them is current: it is what a new server gets. A server goes on with
the one that it was started with, and so does whatever it starts: each process carries
the name in its environment, and a cluster is of the generation of who asks for it.
"""

from daisy_hub.generations.choosing import current, environments_of, is_there, named
from daisy_hub.generations.record import (
    Generation,
    GenerationError,
    Generations,
    generations_of,
)

__all__ = [
    "Generation",
    "GenerationError",
    "Generations",
    "current",
    "environments_of",
    "generations_of",
    "is_there",
    "named",
]
