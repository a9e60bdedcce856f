"""Notebooks that members of a proposal share: published, copied, brought up to date.

Requirements: a version that was published is never changed; a copy belongs to who took
it, and no edit in it is ever lost; what is seen is whole.

A shared notebook is a folder in `processed/.daisy/gallery` of the proposal, with a file
and a description for each version.
"""

from __future__ import annotations

import copy
import getpass
import hashlib
import json
import os
import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from daisy_kernel.catalog.proposals import proposals
from daisy_kernel.io.open import data_folder
from daisy_kernel.model.errors import GalleryRefused

_FOLDER = Path("processed", ".daisy", "gallery")
_VERSION = re.compile(r"v(\d{3,6})\.json")
_NUMBER = re.compile(r"v(\d{3,6})\.")
_UNFIT = re.compile(r"[^a-z0-9]+")
_MARK = "daisy_shared"  # in the metadata of a copy: where it comes from
_LARGEST = 200_000_000  # bytes of a notebook that is read here
_LINES = 400  # of a note or title


@dataclass(frozen=True)
class Shared:
    """One version of a shared notebook.

    Attributes
    ----------
    proposal
        `<beamline>/<proposal>`.
    name
        That of its folder; the same for all versions.
    by, when
        The account that published it, and the time (ISO 8601, UTC).
    content
        What tells its cells apart from others: a hash of their sources.
    """

    proposal: str
    name: str
    version: int
    title: str
    note: str
    by: str
    when: str
    content: str
    folder: Path

    @property
    def file(self) -> Path:
        """The notebook."""
        return self.folder / f"v{self.version:03d}.ipynb"


def publish(
    notebook: str | os.PathLike[str],
    proposal: str,
    *,
    name: str = "",
    note: str = "",
    outputs: bool = True,
) -> Shared:
    """Share a notebook with all members of a proposal, as its next version.

    Parameters
    ----------
    proposal
        `<beamline>/<proposal>`.
    name
        What it is called there; the file's name without one. A name that is there
        already gets one more version.
    note
        What is new, in a line.
    outputs
        Whether the outputs are shared too; a template is better without.

    Raises
    ------
    GalleryRefused
    """
    path = Path(notebook)
    content = _read(path)
    slug = _UNFIT.sub("-", (name or path.stem).lower()).strip("-")
    if not slug:
        raise GalleryRefused(f"{name or path.stem!r} is no name: use letters or digits")
    folder = _proposal(proposal) / _FOLDER / slug
    fresh = _without_marks(content, outputs=outputs)
    described = {
        "title": _title(fresh) or path.stem,
        "note": note[:_LINES],
        "by": _who(),
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "content": _hash(fresh),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _put(folder, proposal, fresh, described)
    except OSError as error:
        raise GalleryRefused(
            f"{folder} cannot be written: {error.strerror or error}. Only members of "
            f"{proposal} may publish there."
        ) from error


def shared(proposal: str = "") -> list[Shared]:
    """List the newest version of each shared notebook, the latest first.

    Parameters
    ----------
    proposal
        Only of this one; of all that one sees without it.
    """
    found: list[Shared] = []
    for each in proposals(data_folder()):
        name = f"{each.beamline}/{each.name}"
        if proposal in ("", name):
            known = _all_versions(Path(each.path) / _FOLDER, name)
            found += [of_one[-1] for of_one in known]
    return sorted(found, key=lambda each: each.when, reverse=True)


def versions(proposal: str, name: str) -> list[Shared]:
    """List all versions of a shared notebook, oldest first.

    Raises
    ------
    GalleryRefused
        There is none; names those that there are.
    """
    found = list(_versions(_proposal(proposal) / _FOLDER / name, proposal))
    if not found:
        names = ", ".join(each.name for each in shared(proposal)) or "none yet"
        raise GalleryRefused(
            f"{proposal} shares no notebook {name}. There are: {names}"
        )
    return found


def take(
    proposal: str, name: str, folder: str | os.PathLike[str] = ".", version: int = 0
) -> Path:
    """Take a copy of one's own, never over a file that is there.

    Parameters
    ----------
    version
        The newest without one.

    Raises
    ------
    GalleryRefused
    """
    known = versions(proposal, name)
    wanted = [each for each in known if each.version == (version or known[-1].version)]
    if not wanted:
        raise GalleryRefused(
            f"{proposal}/{name} has no version {version}, but 1 to {known[-1].version}"
        )
    return _write_copy(wanted[0], Path(folder), name)


def update(notebook: str | os.PathLike[str]) -> Path:
    """Bring a copy to the newest version; give the file that has it.

    A copy without changes of one's own is replaced. One with changes stays as it is,
    and the newest version is put beside it.

    Raises
    ------
    GalleryRefused
        It is no copy of a shared notebook, or that is gone.
    """
    path = Path(notebook)
    content = _read(path)
    mark = content.get("metadata", {}).get(_MARK)
    if not isinstance(mark, dict):
        raise GalleryRefused(f"{path} is no copy of a shared notebook")
    newest = versions(str(mark.get("proposal")), str(mark.get("name")))[-1]
    if newest.version == mark.get("version"):
        return path
    if _hash(content) != mark.get("content"):
        return _write_copy(newest, path.parent, f"{path.stem}-v{newest.version}")
    _replace(path, _marked(newest))
    return path


def _who() -> str:
    """Name who runs this; the system's list of users need not have them."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def _put(
    folder: Path, proposal: str, content: Mapping[str, Any], described: dict[str, str]
) -> Shared:
    """Write the next version; of two at once each gets a number of its own."""
    while True:
        taken = (_NUMBER.match(name) for name in os.listdir(folder))
        number = max((int(m.group(1)) for m in taken if m), default=0) + 1
        made = Shared(proposal, folder.name, number, folder=folder, **described)
        draft = folder / f".{uuid.uuid4().hex}.draft"
        _replace(draft, content)
        try:
            os.link(draft, made.file)  # fails where another one was first
        except FileExistsError:
            continue
        finally:
            draft.unlink()
        entry = {k: v for k, v in asdict(made).items() if k != "folder"}
        _replace(made.file.with_suffix(".json"), entry)
        return made


def _all_versions(top: Path, proposal: str) -> Iterator[list[Shared]]:
    with suppress(OSError):
        for folder in sorted(top.iterdir()):
            if found := list(_versions(folder, proposal)):
                yield found


def _versions(folder: Path, proposal: str) -> Iterator[Shared]:
    """Give the versions that are whole; what cannot be understood is left out."""
    try:
        names = sorted(n for n in os.listdir(folder) if _VERSION.fullmatch(n))
    except OSError:
        return
    for name in names:
        with suppress(OSError, ValueError, TypeError):
            entry = json.loads((folder / name).read_text())
            entry |= {"proposal": proposal, "name": folder.name, "folder": folder}
            found = Shared(**entry)
            if found.file.is_file():
                yield found


def _write_copy(source: Shared, folder: Path, stem: str) -> Path:
    text = json.dumps(_marked(source), indent=1, ensure_ascii=False) + "\n"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(1000):
            file = folder / f"{stem}{f'-{number}' if number else ''}.ipynb"
            with suppress(FileExistsError):
                with file.open("x", encoding="utf-8") as stream:
                    stream.write(text)
                return file
    except OSError as error:
        raise GalleryRefused(
            f"no copy can be written to {folder}: {error.strerror or error}"
        ) from error
    raise GalleryRefused(f"{folder} has a thousand copies of {stem} already")


def _marked(source: Shared) -> dict[str, Any]:
    content = _read(source.file)
    content.setdefault("metadata", {})[_MARK] = {
        "proposal": source.proposal,
        "name": source.name,
        "version": source.version,
        "content": source.content,
    }
    return content


def _without_marks(content: Mapping[str, Any], *, outputs: bool) -> dict[str, Any]:
    fresh = copy.deepcopy(dict(content))
    fresh.get("metadata", {}).pop(_MARK, None)
    for cell in fresh["cells"]:
        if cell.get("cell_type") == "code" and not outputs:
            cell["outputs"], cell["execution_count"] = [], None
    return fresh


def _hash(content: Mapping[str, Any]) -> str:
    """Hash what somebody has written: cells and their kinds, not outputs."""
    cells = [(c.get("cell_type"), _source(c)) for c in content["cells"]]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()[:32]


def _title(content: Mapping[str, Any]) -> str:
    """Return the first heading."""
    for cell in content["cells"]:
        if cell.get("cell_type") == "markdown":
            for line in _source(cell).splitlines():
                if line.startswith("#"):
                    return line.lstrip("# ").strip()[:_LINES]
    return ""


def _source(cell: Mapping[str, Any]) -> str:
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(source)


def _read(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _LARGEST:
            raise GalleryRefused(
                f"{path} has more than {_LARGEST / 1e6:.0f} MB: clear its outputs"
            )
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise GalleryRefused(f"{path} cannot be read as a notebook: {error}") from error
    if not isinstance(content, dict) or not isinstance(content.get("cells"), list):
        raise GalleryRefused(f"{path} is no notebook of version 4")
    return content


def _replace(path: Path, content: Mapping[str, Any]) -> None:
    """Write in the place of what is there, whole or not at all."""
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        draft.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _proposal(name: str) -> Path:
    for each in proposals(data_folder()):
        if f"{each.beamline}/{each.name}" == name:
            return Path(each.path)
    raise GalleryRefused(f"there is no proposal {name} here")
