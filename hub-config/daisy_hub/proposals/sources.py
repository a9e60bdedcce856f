"""Sources that say who belongs to which proposal.

A facility adds its user office by an entry point of the group `daisy.members`: a
callable that takes the settings and returns entries by `<beamline>/<proposal>`.
"""

import grp
from collections.abc import Callable, Sequence
from importlib.metadata import entry_points

from daisy_hub.proposals.entries import Entries, Entry, MembersInvalid, entry_from
from daisy_hub.proposals.table import read_table
from daisy_hub.proposals.tree import Template, folders_of
from daisy_hub.settings import Settings

PLUG_INS = "daisy.members"

Source = Callable[[Settings, Sequence[str]], Entries]


def table(settings: Settings, accounts: Sequence[str]) -> Entries:
    """Read `members.toml`; without one the first account belongs to every proposal.

    Not so with a provider's accounts: the first is whoever comes first.
    """
    entries = read_table(settings.data)
    if entries is not None or settings.identity == "oidc":
        return entries or {}
    first = Entry(members=tuple(accounts[:1]))
    return dict.fromkeys(_identifiers(settings), first)


def groups(settings: Settings, accounts: Sequence[str]) -> Entries:
    """Take groups of the identity provider, named after the proposals."""
    return {i: Entry(groups=(_group(settings, i),)) for i in _identifiers(settings)}


def posix(settings: Settings, accounts: Sequence[str]) -> Entries:
    """Take groups of the system, named after the proposals."""
    found = {}
    for identifier in _identifiers(settings):
        try:
            members = grp.getgrnam(_group(settings, identifier)).gr_mem
        except KeyError:
            continue
        found[identifier] = Entry(members=tuple(members))
    return found


BUILT_IN: dict[str, Source] = {"table": table, "groups": groups, "posix": posix}


def source_of(name: str) -> Source:
    """Return a source by its name.

    Raises
    ------
    MembersInvalid
        There is none; names those that there are.
    """
    if name in BUILT_IN:
        return BUILT_IN[name]
    plug_ins = {e.name: e for e in entry_points(group=PLUG_INS)}
    if name not in plug_ins:
        known = ", ".join([*BUILT_IN, *plug_ins])
        raise MembersInvalid(f"members_from: there is no source {name!r}, but: {known}")
    return _checked(name, plug_ins[name].load())


def _checked(name: str, plug_in: Callable[[Settings], object]) -> Source:
    """Take from a plug-in only what is clear."""

    def read(settings: Settings, accounts: Sequence[str]) -> Entries:
        said = plug_in(settings)
        if not isinstance(said, dict):
            raise MembersInvalid(f"the source {name} gave {type(said).__name__}")
        return {
            i: e if isinstance(e, Entry) else entry_from(f"the source {name}", i, e)
            for i, e in said.items()
        }

    return read


def read_all(settings: Settings, accounts: Sequence[str]) -> Entries:
    """Ask every source; what they say of a proposal is joined.

    Raises
    ------
    MembersInvalid
        A source failed or is not clear: then nothing of the others is used either.
    """
    joined: dict[str, Entry] = {}
    for name in settings.members_from:
        for identifier, entry in _asked(name, settings, accounts).items():
            known = joined.get(identifier)
            joined[identifier] = entry if known is None else known.joined(entry)
    return joined


def _asked(name: str, settings: Settings, accounts: Sequence[str]) -> Entries:
    try:
        return source_of(name)(settings, accounts)
    except MembersInvalid:
        raise
    except Exception as error:  # of a plug-in, of a file server, whatever it is
        raise MembersInvalid(
            f"the source {name} failed: {type(error).__name__}: {error}"
        ) from error


def _identifiers(settings: Settings) -> list[str]:
    return [f.identifier for f in folders_of(settings.data, Template(settings.tree))]


def _group(settings: Settings, identifier: str) -> str:
    beamline, _, name = identifier.partition("/")
    return settings.group_of_proposal.format(beamline=beamline, proposal=name)
