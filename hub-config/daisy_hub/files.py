"""Write a file so that it is there whole or not at all."""

import os
import secrets
from pathlib import Path


def write_atomically(path: Path, text: str, mode: int = 0o600) -> None:
    """Replace `path` by `text` in one step, with the given mode."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        write_new(draft, text, mode)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def write_new(path: Path, text: str, mode: int) -> None:
    """Write a file that must not exist yet; its mode is right from the start."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with open(descriptor, "w") as stream:
        os.fchmod(descriptor, mode)  # whatever the umask is
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
