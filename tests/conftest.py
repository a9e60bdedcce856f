"""Plugins for the whole tree: only the top conftest may name them."""

pytest_plugins = ("pytest_jupyter.jupyter_server", "installations")
