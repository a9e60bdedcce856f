"""Python face of the compiled core (a leaf: it imports nothing of DAISY)."""

from daisy_kernel.native._core import version
from daisy_kernel.native._tile import Tile, tile

__all__ = ["Tile", "tile", "version"]
