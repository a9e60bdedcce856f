"""Back up the hub's state, and put it back: one archive, without homes and data.

Requirements: taken while the hub runs, each database as it was at one moment; nothing
in it can be read by others; it is put back only where there is nothing to lose.
"""

import io
import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path, PurePosixPath

from daisy_hub import audit
from daisy_hub.settings import Settings

MODE = 0o600
# what a start makes anew, or what is large and no state
LEFT_OUT = (
    "log", "clusters", "dashboards", "names", "launcher", "proxy", "generations",
)  # fmt: skip
LEFT_OUT_ENDINGS = ".lock", "-wal", "-shm", "-journal", ".sqlite"


class BackupError(Exception):
    """A backup that cannot be made or put back; the text says why."""


def back_up(settings: Settings, target: Path) -> int:
    """Write the state of an installation into one archive; return its files.

    Raises
    ------
    BackupError
        There is a file of that name already.
    """
    if target.exists():
        raise BackupError(f"{target} is there already. Name another file.")
    draft = target.with_name(f".{target.name}.part")
    count = 0
    draft.touch(MODE)
    try:
        with tarfile.open(draft, "w:gz") as archive:
            for path in _files(settings.state):
                archive.add(path, str(path.relative_to(settings.state)))
                count += 1
            for path in sorted(settings.state.glob("*.sqlite")):
                _add_database(archive, path)
                count += 1
        draft.rename(target)
    finally:
        draft.unlink(missing_ok=True)
    audit.record(settings, "backup.made", actor=audit.at_a_shell(), file=str(target))
    return count


def restore(source: Path, state: Path) -> int:
    """Put an archive back into an empty state folder; return its files.

    Raises
    ------
    BackupError
        Something is in the folder, or the archive is not one of ours.
    """
    if state.exists() and any(state.iterdir()):
        raise BackupError(
            f"{state} is not empty, and would be lost. Move it away first: "
            f"make down; mv {state} {state}-before"
        )
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with tarfile.open(source) as archive:
            files = archive.getmembers()
            if "instance" not in archive.getnames() or not all(map(_is_ours, files)):
                raise BackupError(f"{source} is no backup of a hub.")
            for file in files:
                _put_back(archive, file, state)
    except (tarfile.TarError, EOFError, OSError) as error:
        raise BackupError(f"{source} cannot be put back: {error}") from error
    return len(files)


def _is_ours(file: tarfile.TarInfo) -> bool:
    """Whether it is a plain file below the folder: no link, no device."""
    path = PurePosixPath(file.name)
    return file.isfile() and not path.is_absolute() and ".." not in path.parts


def _put_back(archive: tarfile.TarFile, file: tarfile.TarInfo, state: Path) -> None:
    content = archive.extractfile(file)
    if content is None:
        raise BackupError(f"{file.name} is no plain file.")
    target = state / file.name
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, MODE), "wb") as out:
        shutil.copyfileobj(content, out)


def _files(state: Path) -> Iterator[Path]:
    for path in sorted(state.rglob("*")):
        first = path.relative_to(state).parts[0]
        is_state = first not in LEFT_OUT and not path.name.startswith(".")
        if path.is_file() and is_state and not path.name.endswith(LEFT_OUT_ENDINGS):
            yield path


def _add_database(archive: tarfile.TarFile, path: Path) -> None:
    """Add a database as it is at one moment, while others write."""
    with tempfile.NamedTemporaryFile() as copy:
        with (
            closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(copy.name)) as target,
        ):
            source.backup(target)
        content = Path(copy.name).read_bytes()
    entry = tarfile.TarInfo(path.name)
    entry.size, entry.mode = len(content), MODE
    archive.addfile(entry, io.BytesIO(content))
