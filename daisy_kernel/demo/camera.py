"""A camera with the faults of real ones: noise, bad columns, hot pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from daisy_kernel.demo.phantom import Floats

Counts = npt.NDArray[np.uint16]
_LARGEST = 65535
_FEW = 1000  # pixels for each hot one; with more of them a camera goes to repair


@dataclass
class Camera:
    """Turns transmission into counts.

    The beam has a profile and loses `drift` of its intensity during the scan, so
    flats before and after differ. `rings` columns answer a little too strongly or
    weakly to an object, which flats do not show; `hot` pixels, one in a thousand at
    most, are always bright.
    """

    rows: int
    columns: int
    rng: np.random.Generator
    counts: float = 12_000.0
    dark: float = 120.0
    drift: float = 0.04
    rings: int = 24
    hot: int = 60

    def __post_init__(self) -> None:
        shape, rng = (self.rows, self.columns), self.rng
        y = np.linspace(-1, 1, self.rows)[:, None]
        x = np.linspace(-1, 1, self.columns)[None, :]
        beam = np.exp(-0.25 * (y + 0.1) ** 2 - 0.15 * (x - 0.1) ** 2)
        pixels = rng.normal(1, 0.02, shape)
        self.flat: Floats = (self.counts * beam * pixels).astype(np.float32)
        self.offset: Floats = (self.dark + rng.normal(0, 3, shape)).astype(np.float32)
        self.gain: Floats = np.ones(shape, np.float32)
        bad = rng.choice(self.columns, min(self.rings, self.columns), replace=False)
        self.gain[:, bad] += rng.normal(0, 0.03, len(bad)).astype(np.float32)
        pixels_in_all = self.rows * self.columns
        hot = min(self.hot, pixels_in_all // _FEW)
        spots = rng.choice(pixels_in_all, hot, replace=False)
        self.hot_at = np.unravel_index(spots, shape)
        self.hot_value = rng.uniform(40_000, 64_000, hot)

    def expose(self, transmission: Floats | None, time: float) -> Counts:
        """Take one frame at a part (0 to 1) of the scan; None is no object."""
        beam = self.flat * np.float32(1 - self.drift * time)
        if transmission is not None:
            beam = beam * transmission * self.gain
        return self._read_out(beam + self.offset)

    def close_shutter(self) -> Counts:
        """Take a dark frame."""
        return self._read_out(self.offset)

    def _read_out(self, mean: Floats) -> Counts:
        noise = self.rng.standard_normal(mean.shape, np.float32)
        frame = mean + np.sqrt(mean) * noise  # Poisson's law at many counts
        frame[self.hot_at] = self.hot_value
        return np.clip(frame + 0.5, 0, _LARGEST).astype(np.uint16)
