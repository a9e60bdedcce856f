"""The public face is what __all__ says, and nothing else."""

import subprocess
import sys

import daisy_kernel


def test_every_public_name_is_there_and_sorted() -> None:
    names = daisy_kernel.__all__

    assert list(names) == sorted(names)
    assert all(hasattr(daisy_kernel, name) for name in names)


def test_importing_daisy_needs_neither_dask_nor_notebook_packages() -> None:
    code = (
        "import sys, daisy_kernel; heavy = {'dask', 'IPython', 'ipywidgets', "
        "'holoviews', 'distributed', 'xarray'} & set(sys.modules); "
        "assert not heavy, heavy"
    )

    subprocess.run([sys.executable, "-c", code], check=True)
