"""Plugins for the whole tree: only the top conftest may name them."""

import os
from collections.abc import Iterator

import pytest

pytest_plugins = ("pytest_jupyter.jupyter_server", "installations", "containers")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a container engine, so that it can be run by itself."""
    for item in items:
        if "docker_engine" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.container)


@pytest.fixture
def jp_asyncio_loop():
    """No loop for tests that start no Jupyter server; tests/extension has its own."""


@pytest.fixture
def jp_server_cleanup():
    """Nothing to clean up for them either."""


@pytest.fixture(autouse=True, scope="session")
def own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the register of submitted runs out of the home of who runs the tests."""
    before = os.environ.get("XDG_STATE_HOME")
    os.environ["XDG_STATE_HOME"] = str(tmp_path_factory.mktemp("state"))
    yield
    if before is None:
        del os.environ["XDG_STATE_HOME"]
    else:
        os.environ["XDG_STATE_HOME"] = before
