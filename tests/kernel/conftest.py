"""Files as beamlines write them, whole and broken."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import h5py
import numpy as np
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def real_data() -> Path:
    folder = ROOT / ".." / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no real data: {folder} is absent")
    return folder.resolve()


@pytest.fixture
def hdf5(tmp_path: Path) -> Callable[..., Path]:
    """Write a file from {path: array}; attributes as {path@name: value}."""

    def write(content: dict[str, object], name: str = "scan.h5") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with h5py.File(path, "a") as file:
            for key, value in content.items():
                where, _, attribute = key.partition("@")
                if attribute:
                    target = file[where] if where else file
                    target.attrs[attribute] = value
                elif value is None:
                    file.require_group(where)
                elif isinstance(value, h5py.SoftLink | h5py.ExternalLink):
                    file[where] = value
                else:
                    file.create_dataset(where, data=value)
        return path

    return write


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Heed SIGINT: a shell that starts jobs in the background has them ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def algotom_fbp() -> Iterator[Callable[..., np.ndarray]]:
    """algotom's back projection, on one thread.

    On more, its threads add to the same pixels, and its result differs from call to
    call by a few parts in a thousand of the noise.
    """
    import numba
    from algotom.rec.reconstruction import fbp_reconstruction

    threads = numba.get_num_threads()
    numba.set_num_threads(1)
    yield fbp_reconstruction
    numba.set_num_threads(threads)


@pytest.fixture
def frames() -> np.ndarray:
    return np.arange(5 * 4 * 6, dtype=np.uint16).reshape(5, 4, 6)
