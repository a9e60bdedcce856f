"""Python face of the compiled core (a leaf: it imports nothing of DAISY)."""

from daisy_kernel.native._core import version
from daisy_kernel.native._fbp import angle_weights, fbp
from daisy_kernel.native._stripes import remove_stripes
from daisy_kernel.native._tile import Tile, tile

__all__ = ["Tile", "angle_weights", "fbp", "remove_stripes", "tile", "version"]
