"""POSIX ACLs of a proposal's folders, so that file modes follow a grant at once.

A running process keeps the groups it was started with; an entry for its uid counts
from the next `open` on. Written through the kernel's extended attributes, whose form is
fixed (linux/posix_acl_xattr.h): no library is needed.
"""

import os
import struct
from collections.abc import Mapping
from pathlib import Path

_HEADER, _ENTRY = struct.Struct("<I"), struct.Struct("<HHI")
_VERSION, _NO_ID = 2, 0xFFFFFFFF
_OWNER, _USER, _GROUP, _MASK, _OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
_NAMES = "system.posix_acl_access", "system.posix_acl_default"

READ, WRITE = 5, 7  # r-x, rwx: folders are looked through


def let_in(
    folder: Path | int, users: Mapping[int, int], *, group: int, inherit: bool = False
) -> None:
    """Let exactly these users into a folder, beside its owner and its group.

    Parameters
    ----------
    folder
        Folder, or one that is open; everybody else is shut out of it.
    users
        Rights by uid, `READ` or `WRITE`.
    group
        Rights of the folder's group.
    inherit
        What is made in it later gets the same entries, and is readable for
        everybody who comes so far: the folder itself is the gate.

    Raises
    ------
    OSError
        The file system has no ACLs (errno ENOTSUP).
    """
    _write(folder, _NAMES[0], _entries(group, users, others=0))
    if inherit:
        _write(folder, _NAMES[1], _entries(group, users, others=READ))


def users_let_in(folder: Path) -> dict[int, int]:
    """Return the rights by uid that a folder's entries give."""
    try:
        content = os.getxattr(folder, _NAMES[0])
    except OSError:
        return {}
    entries = _ENTRY.iter_unpack(content[_HEADER.size :])
    return {uid: rights for tag, rights, uid in entries if tag == _USER}


def _entries(group: int, users: Mapping[int, int], others: int) -> bytes:
    mask = group
    for rights in users.values():
        mask |= rights
    rows = [
        (_OWNER, WRITE, _NO_ID),
        *((_USER, rights, uid) for uid, rights in sorted(users.items())),
        (_GROUP, group, _NO_ID),
        (_MASK, mask, _NO_ID),
        (_OTHER, others, _NO_ID),
    ]
    return _HEADER.pack(_VERSION) + b"".join(_ENTRY.pack(*row) for row in rows)


def _write(folder: Path | int, name: str, content: bytes) -> None:
    try:
        if os.getxattr(folder, name) == content:
            return
    except OSError:
        pass
    os.setxattr(folder, name, content)
