"""Methods of the techniques: pure functions on arrays, and what is made of them."""

from daisy_kernel.apps import tomography

__all__ = ["tomography"]
