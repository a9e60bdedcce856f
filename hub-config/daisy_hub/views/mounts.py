"""Mounts by the kernel's own calls: a bind mount is read-only before anybody sees it.

`mount --bind` makes a writable mount and changes it afterwards; in a shared folder the
writable one would be seen meanwhile. `open_tree`, `mount_setattr` and `move_mount`
(Linux 5.12) prepare it first. No library on PyPI wraps them.
"""

import ctypes
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_libc = ctypes.CDLL(None, use_errno=True)

# the same numbers on every architecture since Linux 5.x
_OPEN_TREE, _MOVE_MOUNT, _MOUNT_SETATTR = 428, 429, 442
_CLONE, _CLOEXEC, _RECURSIVE = 1, os.O_CLOEXEC, 0x8000
_EMPTY_PATH, _MOVE_FROM_EMPTY_PATH = 0x1000, 0x4
_READ_ONLY, _NOSUID, _NODEV = 0x1, 0x2, 0x4
_PRIVATE, _SHARED = 1 << 18, 1 << 20
_DETACH, _NOFOLLOW = 2, 8
_AT_FDCWD = -100


class _Attributes(ctypes.Structure):
    _fields_ = (
        ("set", ctypes.c_uint64),
        ("clear", ctypes.c_uint64),
        ("propagation", ctypes.c_uint64),
        ("namespace", ctypes.c_uint64),
    )


@dataclass(frozen=True)
class Mounted:
    """One mount that there is."""

    target: Path
    writable: bool


def bind(source: Path, target: Path, *, writable: bool) -> None:
    """Show *source*, with what is mounted below it, at *target*; there at once or not.

    No set-user-id program and no device works in it.

    Raises
    ------
    OSError
        Names both folders.
    """
    flags = _CLONE | _CLOEXEC | _RECURSIVE
    tree = _call(_OPEN_TREE, _AT_FDCWD, os.fsencode(source), flags, of=source)
    try:
        wanted = _NOSUID | _NODEV | (0 if writable else _READ_ONLY)
        # private: what is mounted in the source later would come in writable
        attributes = _Attributes(wanted, 0, _PRIVATE, 0)
        _call(
            _MOUNT_SETATTR, tree, b"", _EMPTY_PATH | _RECURSIVE,
            ctypes.byref(attributes), ctypes.sizeof(attributes), of=source,
        )  # fmt: skip
        _call(
            _MOVE_MOUNT, tree, b"", _AT_FDCWD, os.fsencode(target),
            _MOVE_FROM_EMPTY_PATH, of=target,
        )  # fmt: skip
    finally:
        os.close(tree)


def make_shared(target: Path, size: str) -> None:
    """Mount an empty file system at *target*; what is mounted in it is passed on."""
    options = f"mode=0755,size={size}".encode()
    _mount(b"daisy-view", target, b"tmpfs", _NOSUID | _NODEV, options)
    _mount(None, target, None, _SHARED, None)


def unmount(target: Path) -> None:
    """Take a mount away with all below it, here and wherever it was passed on to.

    What is open stays open: whoever may not go on reading has to be ended.
    """
    if _libc.umount2(os.fsencode(target), _DETACH | _NOFOLLOW) != 0:
        raise _error(target)


def mounted_below(top: Path) -> Iterator[Mounted]:
    """List the mounts at and below a folder, in the order in which they were made."""
    with open("/proc/self/mountinfo") as file:
        rows = [line.split(" ") for line in file]
    start = os.fspath(top)
    for row in rows:
        target = _unescaped(row[4])
        if target == start or target.startswith(f"{start}/"):
            yield Mounted(Path(target), "ro" not in row[5].split(","))


def _unescaped(text: str) -> str:
    """Undo the octal numbers that stand for spaces and the like."""
    if "\\" not in text:
        return text
    return text.encode().decode("unicode_escape").encode("latin-1").decode()


def _mount(
    source: bytes | None,
    target: Path,
    kind: bytes | None,
    flags: int,
    options: bytes | None,
) -> None:
    flags = ctypes.c_ulong(flags)  # type: ignore[assignment]
    if _libc.mount(source, os.fsencode(target), kind, flags, options) != 0:
        raise _error(target)


def _call(number: int, *words: object, of: Path) -> int:
    result = _libc.syscall(ctypes.c_long(number), *map(_word, words))
    if result < 0:
        raise _error(of)
    return int(result)


def _word(value: object) -> object:
    return ctypes.c_long(value) if isinstance(value, int) else value


def _error(path: Path) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number), str(path))
