"""Owner, group, modes and ACLs of a proposal's folders: the wall behind the mounts.

`processed` belongs to the proposal's group, and its members' uids have entries of
their own, so that a member who is new can write from a server that runs already. A
facility's folders are left as they are, unless it says `manages_modes`.
"""

import errno
import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from daisy_hub.accounts import Account, Accounts
from daisy_hub.proposals import Person, Proposal, person_of
from daisy_hub.settings import Settings
from daisy_hub.views import acl

# of `processed/.daisy`: index, thumbnails, runs' register; every member writes there
SHARED_FOLDER = ".daisy"
SHARED_DEPTH = 3


def prepare(
    settings: Settings, accounts: Accounts, proposals: Iterable[Proposal]
) -> list[str]:
    """Make `processed` writable for the members of each proposal.

    Returns
    -------
    :
        A sentence for each proposal in which that was not possible. A folder that
        exists is left as it is, but where the hub manages the modes.
    """
    known = accounts.all()
    problems = (_prepare(settings, accounts, known, p) for p in proposals)
    return [problem for problem in problems if problem]


def _prepare(
    settings: Settings,
    accounts: Accounts,
    known: tuple[Account, ...],
    proposal: Proposal,
) -> str | None:
    processed = proposal.path / "processed"
    gid = accounts.proposal_gid(proposal.identifier)
    as_root = settings.as_root
    try:
        if not processed.exists():
            make_folder(processed, 0o2770, (-1, gid) if as_root else None)
        if as_root and (settings.manages_modes or settings.data_is_demo):
            _own(proposal.path, processed, gid)
        if as_root and processed.stat().st_gid == gid:
            _let_members_in(settings, proposal, known)
    except OSError as error:
        return f"{processed} cannot be prepared for its members: {error.strerror}."
    if as_root and not _group_may_write(processed, gid):
        return (
            f"{processed} is not writable for its members: give it the group {gid} "
            f"(chgrp -R {gid} {processed}; chmod -R g+rwX,g+s {processed})."
        )
    return None


def _own(whole: Path, processed: Path, gid: int) -> None:
    """Give the folders to the proposal's group; file modes are a second wall then."""
    for folder, mode in ((processed, 0o2770), (whole, 0o750)):
        if folder.stat().st_gid != gid:
            os.chown(folder, -1, gid)
        if stat.S_IMODE(folder.stat().st_mode) | 0o070 != mode | 0o070:
            folder.chmod(mode)


def _let_members_in(
    settings: Settings, proposal: Proposal, known: tuple[Account, ...]
) -> None:
    """Give the uids of today's members entries of their own, and of nobody else.

    A file system without ACLs has the group alone, which counts from a server's next
    start.
    """
    people = {account.uid: person_of(account) for account in known}
    team = {uid: person for uid, person in people.items() if _is_near(proposal, person)}
    writers = {u: acl.WRITE for u, p in team.items() if proposal.processed(p)}
    processed = proposal.path / "processed"
    try:
        acl.let_in(processed, writers, group=acl.WRITE, inherit=True)
        if settings.manages_modes or settings.data_is_demo:
            acl.let_in(proposal.path, dict.fromkeys(team, acl.READ), group=acl.READ)
        for folder in _shared_folders(processed):
            acl.let_in(folder, writers, group=acl.WRITE, inherit=True)
    except OSError as error:
        if error.errno != errno.ENOTSUP:
            raise


def _is_near(proposal: Proposal, person: Person) -> bool:
    """Whether somebody is of the team or the beamline's staff; not only a reader."""
    return proposal.beamline in person.beamlines or proposal.includes(person)


def _shared_folders(processed: Path) -> Iterator[int]:
    """Open the folders of the proposal's own index, where every member writes.

    Members may change names here at any moment: folders are opened one from the other,
    no link is followed, and what is done is done to what is open.
    """
    top = os.open(processed, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        with suppress(FileNotFoundError, NotADirectoryError):
            for folder, inner, _, file in os.fwalk(
                SHARED_FOLDER, dir_fd=top, follow_symlinks=False
            ):
                inner[:] = inner if folder.count("/") < SHARED_DEPTH else []
                yield file
    finally:
        os.close(top)


def make_folder(path: Path, mode: int, owner: tuple[int, int] | None) -> None:
    """Make a folder that is there with its owner and mode or not at all."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    draft.mkdir(parents=True)
    if owner is not None:
        os.chown(draft, *owner)
    draft.chmod(mode)
    # one that another process made meanwhile is as good, as long as it is empty
    draft.rename(path)


def _group_may_write(path: Path, gid: int) -> bool:
    status = path.stat()
    group = status.st_gid == gid and status.st_mode & stat.S_IWGRP
    return bool(group or status.st_mode & stat.S_IWOTH)
