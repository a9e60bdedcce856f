"""Widgets for notebooks."""

from daisy_kernel.ui.view import view

__all__ = ["view"]
