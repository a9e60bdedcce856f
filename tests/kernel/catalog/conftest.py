"""A proposal with scans of several kinds."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

Write = Callable[..., Path]


@pytest.fixture
def write_scan(hdf5: Write, tmp_path: Path) -> Write:
    """Write a NeXus scan into the raw folder of the proposal."""

    def write(name: str, **fields: object) -> Path:
        content: dict[str, object] = {"entry": None, "entry@NX_class": "NXentry"}
        content |= {
            "entry/data/data": np.arange(60, dtype="u2").reshape(3, 4, 5),
            "entry/data@NX_class": "NXdata",
            "entry/data@signal": "data",
            "entry/data@axes": ["rotation_angle", ".", "."],
            "entry/data/rotation_angle": np.linspace(0, 180, 3),
        }
        classes = {"sample": "NXsample", "user": "NXuser", "instrument": "NXinstrument"}
        for path, value in fields.items():
            group = path.partition("__")[0]
            if group in classes:
                content[f"entry/{group}"] = None
                content[f"entry/{group}@NX_class"] = classes[group]
            content[f"entry/{path.replace('__', '/')}"] = value
        return hdf5(content, f"B7/2026-0042/raw/{name}")

    return write


@pytest.fixture
def beamtime(tmp_path: Path) -> Path:
    """The folder of a proposal without scans."""
    folder = tmp_path / "B7" / "2026-0042"
    (folder / "raw").mkdir(parents=True)
    (folder / "processed").mkdir()
    return folder
