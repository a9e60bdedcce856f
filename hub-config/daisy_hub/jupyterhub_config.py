"""JupyterHub's configuration: load the settings, apply the parts."""

from daisy_hub.parts import apply_all
from daisy_hub.settings import load

apply_all(c, load())
