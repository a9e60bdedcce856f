"""A beamtime to try DAISY with: three proposals, four techniques, known answers."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from daisy_kernel.demo import tomography, xafs, xrd, xrf
from daisy_kernel.model.errors import ResultExists

MARKER = ".daisy-demo.json"
VERSION = 1
Say = Callable[[str], None]


@dataclass(frozen=True)
class Part:
    """A file or folder of the demo, and who makes it."""

    proposal: str
    name: str
    make: Callable[[Path], None]


PROPOSALS = {
    "B7/2026-0042": "Micro-tomography of a tooth",
    "B2/2026-0107": "Heated powders and iron oxides",
    "B4/2026-0100": "Shared: element maps and quick tomography",
}

PARTS = (
    Part(
        "B7/2026-0042",
        "tooth_0001.nxs",
        lambda p: tomography.write_nxtomo(p, tomography.FULL, 1, "Tooth, full scan"),
    ),
    Part("B2/2026-0107", "lab6_0001.nxs", lambda p: xrd.write_series(p, 2)),
    Part("B2/2026-0107", "xafs", lambda p: xafs.write_spectra(p, 3)),
    Part("B4/2026-0100", "map_0001.nxs", lambda p: xrf.write_map(p, 4)),
    Part(
        "B4/2026-0100",
        "quick_0001.h5",
        lambda p: tomography.write_data_exchange(
            p, tomography.SMALL, 5, "Tooth, quick scan"
        ),
    ),
    Part(
        "B4/2026-0100",
        "projections_0001",
        lambda p: tomography.write_folder(p, tomography.FOLDER, 6),
    ),
)


def make_beamtime(folder: Path, accounts: tuple[str, ...], say: Say = print) -> None:
    """Make the demo tree, whole or not at all.

    Parameters
    ----------
    folder
        Where; it must be absent, empty, or made by this function. In the last
        case only the list of members is renewed.
    accounts
        The first owns the tomography, the second powders and spectra; the third
        proposal is for all.

    Raises
    ------
    ResultExists
        The folder holds something else.
    """
    wanted = {"version": VERSION, "accounts": list(accounts)}
    if (folder / MARKER).is_file():
        _label(folder, wanted, accounts)
        say(f"The demo beamtime in {folder} is there already.")
        return
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ResultExists(str(folder))
    folder.parent.mkdir(parents=True, exist_ok=True)
    partial = folder.parent / f".{folder.name}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    _fill(partial, say)
    _label(partial, wanted, accounts)
    partial.rename(folder)


def members(accounts: tuple[str, ...]) -> dict[str, list[str]]:
    """Say who sees which proposal."""
    first, second = accounts[0], accounts[min(1, len(accounts) - 1)]
    private = {"B7/2026-0042": [first], "B2/2026-0107": [second]}
    return {**private, "B4/2026-0100": list(accounts)}


def _fill(top: Path, say: Say) -> None:
    for proposal, title in PROPOSALS.items():
        for area in ("raw", "processed"):
            (top / proposal / area).mkdir(parents=True)
        (top / proposal / "proposal.toml").write_text(f"title = {json.dumps(title)}\n")
    for i, part in enumerate(PARTS, 1):
        say(f"[{i}/{len(PARTS)}] {part.proposal}/raw/{part.name}")
        part.make(top / part.proposal / "raw" / part.name)


def _label(top: Path, marker: dict[str, object], accounts: tuple[str, ...]) -> None:
    lines = ["# who sees what: account names per proposal"]
    for proposal, names in members(accounts).items():
        lines += [
            "",
            f"[{json.dumps(proposal)}]",
            f"title = {json.dumps(PROPOSALS[proposal])}",
            f"members = {json.dumps(names)}",
        ]
    (top / "members.toml").write_text("\n".join(lines) + "\n")
    (top / MARKER).write_text(json.dumps(marker) + "\n")
