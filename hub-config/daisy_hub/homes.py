"""Prepare what an account's sandbox needs on disk: home, names, proposals.

The hub may be root here, in folders that an account can write to. So nothing is
followed or changed inside a home or inside `processed`: only the folders
themselves are made, in parents that belong to the hub or the facility.
"""

import os
import secrets
import stat
from pathlib import Path

from daisy_hub.accounts import Account, Accounts
from daisy_hub.files import write_atomically
from daisy_hub.proposals import (
    Proposal,
    all_proposals,
    proposals_of,
    public_proposals,
)
from daisy_hub.sandbox import Mount, Sandbox
from daisy_hub.settings import Settings


def accounts_of(settings: Settings) -> Accounts:
    """Return the accounts of an installation."""
    path = settings.state / "accounts.json"
    return Accounts(path, settings.first_uid, settings.first_gid)


def sandbox_of(settings: Settings, name: str) -> Sandbox:
    """Build the sandbox of an account; servers and cluster workers use this one.

    Raises
    ------
    AccountError
        There is no such account.
    MembersFileInvalid
        It cannot be said which proposals the account may see.
    """
    accounts = accounts_of(settings)
    account = accounts.get(name)
    proposals = proposals_of(name, settings.data, accounts.names())
    home = _home(settings, account)
    passwd, group = _name_files(settings, account)
    inner_data = Path("/home") / name / "data"
    mounts = [m for p in proposals for m in proposal_mounts(p, inner_data)]
    mounts += public_mounts(settings, inner_data, {m.target for m in mounts})
    gids = (accounts.proposal_gid(p.identifier) for p in proposals)
    identity = (
        {"uid": account.uid, "gid": account.gid, "groups": tuple(gids)}
        if settings.as_root
        else {}
    )
    return Sandbox(
        account=name,
        home=home,
        environment=settings.user_environment,
        passwd=passwd,
        group=group,
        proposals=tuple(mounts),
        **identity,  # type: ignore[arg-type]
    )


def proposal_mounts(proposal: Proposal, inner_data: Path) -> tuple[Mount, ...]:
    """Return the mounts of a proposal: read-only, but `processed` writable."""
    target = inner_data / proposal.beamline / proposal.name
    whole = Mount(proposal.path, target)
    processed = proposal.path / "processed"
    if not processed.is_dir():
        return (whole,)
    return whole, Mount(processed, target / "processed", writable=True)


def public_mounts(
    settings: Settings, inner_data: Path, taken: set[Path]
) -> list[Mount]:
    """Return the mounts of what everybody may see: read-only, `processed` too.

    A proposal of the account with the same name goes before.
    """
    if settings.public is None or not settings.public.is_dir():
        return []
    found = public_proposals(settings.public)
    mounts = (Mount(p.path, inner_data / p.beamline / p.name) for p in found)
    return [mount for mount in mounts if mount.target not in taken]


def prepare_proposals(settings: Settings, name: str | None = None) -> list[str]:
    """Make `processed` writable for the members of each proposal.

    With an account's *name*, of the proposals that it may see only.

    Returns
    -------
    :
        A sentence for each proposal in which that was not possible. A folder that
        exists is left as it is, but for the demo's own tree.
    """
    accounts = accounts_of(settings)
    proposals = (
        p
        for p in all_proposals(settings.data, accounts.names())
        if name is None or name in p.members
    )
    problems = (
        _prepare_proposal(settings, p, accounts.proposal_gid(p.identifier))
        for p in proposals
    )
    return [problem for problem in problems if problem]


def _prepare_proposal(settings: Settings, proposal: Proposal, gid: int) -> str | None:
    processed = proposal.path / "processed"
    try:
        if not processed.exists():
            _make_folder(processed, 0o2770, (-1, gid) if settings.as_root else None)
        if settings.as_root and settings.data_is_demo:
            os.chown(processed, -1, gid)
            processed.chmod(0o2770)
            # file modes as a second wall, where the tree is ours
            os.chown(proposal.path, -1, gid)
            proposal.path.chmod(0o750)
    except OSError as error:
        return f"{processed} cannot be prepared for its members: {error.strerror}."
    if settings.as_root and not _group_may_write(processed, gid):
        return (
            f"{processed} is not writable for its members: give it the group {gid} "
            f"(chgrp -R {gid} {processed}; chmod -R g+rwX,g+s {processed})."
        )
    return None


def _group_may_write(path: Path, gid: int) -> bool:
    status = path.stat()
    group = status.st_gid == gid and status.st_mode & stat.S_IWGRP
    return bool(group or status.st_mode & stat.S_IWOTH)


def _home(settings: Settings, account: Account) -> Path:
    home = settings.homes / account.name
    if not home.exists():
        owner = (account.uid, account.gid) if settings.as_root else None
        _make_folder(home, 0o700, owner)
    return home


def _make_folder(path: Path, mode: int, owner: tuple[int, int] | None) -> None:
    """Make a folder that is there with its owner and mode or not at all."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    draft.mkdir(parents=True)
    if owner is not None:
        os.chown(draft, *owner)
    draft.chmod(mode)
    # one that another process made meanwhile is as good, as long as it is empty
    draft.rename(path)


def _name_files(settings: Settings, account: Account) -> tuple[Path, Path]:
    """Write the account's own /etc/passwd and /etc/group: nobody else is in them."""
    folder = settings.state / "names" / account.name
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    uid = account.uid if settings.as_root else os.getuid()
    gid = account.gid if settings.as_root else os.getgid()
    passwd = (
        "root:x:0:0:root:/nonexistent:/usr/sbin/nologin\n"
        f"{account.name}:x:{uid}:{gid}:{account.name}:/home/{account.name}:/bin/bash\n"
        "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n"
    )
    group = f"root:x:0:\n{account.name}:x:{gid}:\nnogroup:x:65534:\n"
    files = folder / "passwd", folder / "group"
    for path, text in zip(files, (passwd, group), strict=True):
        # a replaced file would vanish from the sandboxes that have it mounted
        if not path.exists() or path.read_text() != text:
            write_atomically(path, text, 0o644)
    return files
