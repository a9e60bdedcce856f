"""A demo beamtime, made by simulation: `daisy demo DIR`."""

from daisy_kernel.demo.beamtime import make_beamtime
from daisy_kernel.demo.public import make_public

__all__ = ["make_beamtime", "make_public"]
