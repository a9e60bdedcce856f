"""Who has shared a notebook in a proposal: seen in the proposals, for the audit log.

Not told by who shares, who could leave it out. The folders belong to members, and the
one who looks is root: no link is followed, and no file is opened.
"""

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from daisy_hub import audit
from daisy_hub.accounts import Accounts
from daisy_hub.files import write_atomically
from daisy_hub.proposals import Proposal
from daisy_hub.settings import Settings

GALLERY = "processed", ".daisy", "gallery"
VERSION = re.compile(r"v\d{3,6}\.ipynb")
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
MOST = 10_000  # versions of a proposal that are looked at

Seen = dict[str, list[str]]  # shared notebooks with their versions, by proposal


def note_shares(
    settings: Settings, accounts: Accounts, proposals: tuple[Proposal, ...]
) -> None:
    """Write down what has been shared since the last look."""
    file = settings.state / "shares.json"
    before = _read(file)
    owners = {account.uid: account.name for account in accounts.all()}
    now = dict(before)  # a file server may be away for a while
    for proposal in proposals:
        found = dict(_versions(proposal.path))
        if not found:
            continue
        now[proposal.identifier] = sorted(found)
        for name in sorted(found.keys() - set(before.get(proposal.identifier, []))):
            uid = found[name]
            audit.record(
                settings,
                "notebook.shared",
                actor=owners.get(uid, f"uid {uid}"),
                proposal=proposal.identifier,
                notebook=name,
            )
    if now != before:
        write_atomically(file, json.dumps(now, indent=0))


def _read(file: Path) -> Seen:
    try:
        content: Seen = json.loads(file.read_text())
    except FileNotFoundError:
        return {}
    return content


def _versions(proposal: Path) -> Iterator[tuple[str, int]]:
    """Give each version as `<notebook>/v001`, and the uid of its file."""
    count = 0
    with suppress(OSError), _opened(proposal, GALLERY) as gallery:
        for name in sorted(os.listdir(gallery)):
            with suppress(OSError), _below(gallery, name) as folder:
                for file in filter(VERSION.fullmatch, sorted(os.listdir(folder))):
                    status = os.stat(file, dir_fd=folder, follow_symlinks=False)
                    count += 1
                    if count > MOST:
                        return
                    yield f"{name}/{file.partition('.')[0]}", status.st_uid


@contextmanager
def _opened(top: Path, parts: tuple[str, ...]) -> Iterator[int]:
    """Open a folder, none of whose parts below *top* is a link."""
    at = os.open(top, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for part in parts:
            deeper = os.open(part, FOLDER, dir_fd=at)
            os.close(at)
            at = deeper
        yield at
    finally:
        os.close(at)


@contextmanager
def _below(folder: int, name: str) -> Iterator[int]:
    at = os.open(name, FOLDER, dir_fd=folder)
    try:
        yield at
    finally:
        os.close(at)
