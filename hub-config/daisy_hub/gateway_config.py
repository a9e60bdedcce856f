"""Dask-Gateway's configuration: load the settings, apply the part."""

from daisy_hub.parts.gateway import apply_gateway
from daisy_hub.settings import load

apply_gateway(c, load())
