"""The server part of the JupyterLab extension."""

from typing import Any

__all__ = ["__version__"]

__version__ = "0.1.0"


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "daisy-lab"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    from daisy_lab.app import DaisyLab

    return [{"module": "daisy_lab", "app": DaisyLab}]
