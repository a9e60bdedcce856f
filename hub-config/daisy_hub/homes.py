"""Prepare what an account's sandbox needs on disk: home, names, proposals.

The hub may be root here, in folders that an account can write to. So nothing is
followed or changed inside a home or inside `processed`: only the folders
themselves are made, in parents that belong to the hub or the facility.
"""

import logging
import os
from pathlib import Path

from daisy_hub.accounts import Account, Accounts
from daisy_hub.files import write_atomically
from daisy_hub.generations import environments_of, named
from daisy_hub.proposals import all_proposals, person_of, proposals_of
from daisy_hub.sandbox import Mount, Sandbox
from daisy_hub.settings import Settings
from daisy_hub.views import View, Viewed, may_make_views
from daisy_hub.views.modes import make_folder, prepare
from daisy_hub.views.wanted import wanted

log = logging.getLogger(__name__)


def accounts_of(settings: Settings) -> Accounts:
    """Return the accounts of an installation."""
    path = settings.state / "accounts.json"
    return Accounts(path, settings.first_uid, settings.first_gid)


def sandbox_of(settings: Settings, name: str, generation: str = "") -> Sandbox:
    """Build the sandbox of an account; servers and cluster workers use this one.

    Parameters
    ----------
    generation
        Name of the software; "" is what new servers get.

    Raises
    ------
    AccountError
        There is no such account.
    GenerationError
        There is no such generation.
    MembersInvalid, TreeInvalid
        It cannot be said which proposals the account may see.
    """
    software = named(settings, generation)
    environment, inner_environment = environments_of(settings, software)
    accounts = accounts_of(settings)
    account = accounts.get(name)
    person = person_of(account)
    proposals = proposals_of(person, all_proposals(settings, accounts))
    shown = wanted(settings, person, proposals)
    passwd, group = _name_files(settings, account)
    gids = (
        accounts.proposal_gid(p.identifier) for p in proposals if p.includes(person)
    )
    identity = (
        {"uid": account.uid, "gid": account.gid, "groups": tuple(gids)}
        if settings.as_root
        else {}
    )
    return Sandbox(
        account=name,
        home=_home(settings, account),
        environment=environment,
        inner_environment=inner_environment,
        generation=software.name,
        passwd=passwd,
        group=group,
        data=_data(settings, name, shown),
        **identity,  # type: ignore[arg-type]
    )


def prepare_proposals(settings: Settings, name: str | None = None) -> list[str]:
    """Make `processed` writable for the members of each proposal.

    With an account's *name*, of the proposals that it belongs to only. Returns a
    sentence for each in which that was not possible.
    """
    accounts = accounts_of(settings)
    proposals = all_proposals(settings, accounts)
    if name is not None:
        person = person_of(accounts.get(name))
        proposals = tuple(p for p in proposals if p.includes(person))
    return prepare(settings, accounts, proposals)


def view_of(settings: Settings, name: str) -> View:
    """Return the view of an account, there or not."""
    return View(settings.views / name)


def _data(settings: Settings, name: str, shown: list[Viewed]) -> tuple[Mount, ...]:
    """Return the mounts of `~/data`: the view, or what may be seen at this moment.

    An ordinary user may not mount: there a new grant needs a new server.
    """
    inner = Path("/home") / name / "data"
    if not may_make_views():
        return tuple(Mount(v.source, inner / v.target, v.writable) for v in shown)
    view = view_of(settings, name)
    for problem in view.show(shown):
        log.warning("%s", problem)
    return (Mount(view.path, inner, writable=True),)


def _home(settings: Settings, account: Account) -> Path:
    home = settings.homes / account.name
    if not home.exists():
        owner = (account.uid, account.gid) if settings.as_root else None
        make_folder(home, 0o700, owner)
    return home


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
