"""Engines: this machine, a dask client, a cluster from Dask-Gateway."""

from daisy_kernel.compute.client import DaskEngine
from daisy_kernel.compute.engine import Engine, engine
from daisy_kernel.compute.gateway import GatewayEngine
from daisy_kernel.compute.local import LocalEngine
from daisy_kernel.compute.processes import ProcessEngine
from daisy_kernel.compute.progress import ProgressLine

__all__ = [
    "DaskEngine",
    "Engine",
    "GatewayEngine",
    "LocalEngine",
    "ProcessEngine",
    "ProgressLine",
    "engine",
]
