"""Data objects by name, where their values lie, and whether they fit together."""

from daisy_kernel.store.alignment import align
from daisy_kernel.store.of_scan import objects_of
from daisy_kernel.store.snake import unsnake
from daisy_kernel.store.store import DataStore

__all__ = ["DataStore", "align", "objects_of", "unsnake"]
