"""Plugins for the whole tree: only the top conftest may name them."""

import pytest

pytest_plugins = ("pytest_jupyter.jupyter_server", "installations")


@pytest.fixture
def jp_asyncio_loop():
    """No loop for tests that start no Jupyter server; tests/extension has its own."""


@pytest.fixture
def jp_server_cleanup():
    """Nothing to clean up for them either."""
