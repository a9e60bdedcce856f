"""Example data for everybody: small, of several techniques, never written to."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from daisy_kernel.demo import tomography, xafs, xrf
from daisy_kernel.model.errors import ResultExists

PROPOSAL = "Public/examples"
TITLE = "Example data, for everybody to read"
MARKER = ".daisy-public.json"
VERSION = 1
_SCANS: dict[str, Callable[[Path], None]] = {
    "tooth_0001.h5": lambda path: tomography.write_data_exchange(
        path, tomography.SMALL, 5, "Tooth, quick scan"
    ),
    "map_0001.nxs": lambda path: xrf.write_map(path, 4),
    "spectra": lambda path: xafs.write_spectra(path, 3),
}


def make_public(folder: Path, say: Callable[[str], None] = print) -> None:
    """Make a tree with one proposal of examples, whole or not at all.

    Parameters
    ----------
    folder
        Where; it must be absent, empty, or made by this function.

    Raises
    ------
    ResultExists
        The folder holds something else.
    """
    if (folder / MARKER).is_file():
        say(f"The examples in {folder} are there already.")
        return
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ResultExists(str(folder))
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = folder.parent / f".{folder.name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    proposal = partial / PROPOSAL
    (proposal / "raw").mkdir(parents=True)
    (proposal / "proposal.toml").write_text(f"title = {json.dumps(TITLE)}\n")
    for name, make in _SCANS.items():
        say(f"{PROPOSAL}/raw/{name}")
        make(proposal / "raw" / name)
    (partial / MARKER).write_text(json.dumps({"version": VERSION}) + "\n")
    # whoever made it, and whatever the mask: all may read, nobody writes
    for path in (partial, *partial.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o444)
    partial.rename(folder)
