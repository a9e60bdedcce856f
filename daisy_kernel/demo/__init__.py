"""A demo beamtime, made by simulation: `daisy demo DIR`."""

from daisy_kernel.demo.beamtime import make_beamtime

__all__ = ["make_beamtime"]
