"""Python face of the compiled core (a leaf: it imports nothing of DAISY)."""

from daisy_kernel.native._core import version

__all__ = ["version"]
