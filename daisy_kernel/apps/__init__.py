"""Methods of the techniques: pure functions on arrays, and what is made of them."""

from daisy_kernel.apps import shapes, tomography

__all__ = ["shapes", "tomography"]
