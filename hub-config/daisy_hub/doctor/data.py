"""Why no data: memberships, days, mounts, modes."""

from collections.abc import Iterator

from daisy_hub.doctor.finding import Finding
from daisy_hub.doctor.inside import look_inside
from daisy_hub.homes import accounts_of, view_of
from daisy_hub.identity.alarm import provider_alarm
from daisy_hub.proposals import (
    Membership,
    Person,
    Proposal,
    all_proposals,
    person_of,
    proposals_of,
)
from daisy_hub.settings import Settings
from daisy_hub.up import running_parts
from daisy_hub.views import may_make_views

LATE = 20  # rounds of the daemon that may fail before it is called late


def look(settings: Settings, name: str) -> Iterator[Finding]:
    """Look at what the account may see, and whether it does."""
    accounts = accounts_of(settings)
    person = person_of(accounts.get(name))
    yield from _sources(settings)
    proposals = all_proposals(settings, accounts)
    seen = proposals_of(person, proposals)
    if not seen:
        yield Finding.problem(
            f"{name} belongs to none of {len(proposals)} proposals.",
            f"Ask the user office, or add {name} to members.toml. Sources in use: "
            f"{', '.join(settings.members_from)}.",
        )
    for proposal in seen:
        yield from _proposal(proposal, person)
    for proposal in proposals:
        if proposal.closed and proposal.includes(person):
            yield Finding.problem(
                f"{proposal.identifier} is closed to everybody: {proposal.closed}",
                f"daisy-hub reopen {proposal.identifier}",
            )
    yield from _mounts(settings, person, seen)


def _sources(settings: Settings) -> Iterator[Finding]:
    membership = Membership(settings, accounts_of(settings))
    if problem := membership.problem():
        yield Finding.problem(
            f"The last known memberships are in force, not those of today: {problem}",
            "Mend the source, or accept the change: daisy-hub sync --accept",
        )
    if problem := provider_alarm(settings):
        yield Finding.problem(
            f"The last known groups are in force, not those of today: {problem}",
            "Mend the provider",
        )
    if "grants" not in running_parts(settings):
        yield Finding.problem(
            "The daemon that puts grants in force does not run.", "make up"
        )
    elif membership.age > LATE * settings.sync_seconds:
        yield Finding.problem(
            f"Memberships are {membership.age:.0f} s old.",
            f"See {settings.logs / 'grants.log'}",
        )


def _proposal(proposal: Proposal, person: Person) -> Iterator[Finding]:
    """Say what may be done with a proposal, and why not more."""
    raw, processed = proposal.raw(person), proposal.processed(person)
    rights = f"{proposal.identifier}: raw {raw or 'no'}, processed {processed or 'no'}"
    yield Finding.right(f"{rights} ({_why(proposal, person)}).")
    for area in ("raw", "processed"):
        if not (proposal.path / area).is_dir():
            yield Finding.problem(f"{proposal.path / area} is no folder.")
    if not raw and proposal.entry.raw.begin:
        yield Finding.problem(f"Its raw data open on {proposal.entry.raw.begin}.")


def _why(proposal: Proposal, person: Person) -> str:
    if proposal.includes(person):
        return "a member"
    staff = proposal.beamline in person.beamlines
    return f"staff of {proposal.beamline}" if staff else "open to everybody"


def _mounts(
    settings: Settings, person: Person, granted: tuple[Proposal, ...]
) -> Iterator[Finding]:
    """Look with the account's own eyes, behind its wall."""
    if not granted:
        return
    if may_make_views() and not view_of(settings, person.name).is_there:
        yield Finding.right(
            "Its view was not mounted: no server has run since the start."
        )
    seen = look_inside(settings, person.name)
    if seen.wall:
        yield Finding.problem(f"Nothing can be seen: {seen.wall}")
        return
    for target in seen.unusable:
        yield Finding.problem(
            f"{person.name} cannot use {target}, although it is granted: the modes of "
            "the folder forbid it.",
            f"See daisy-hub up, which names what to run, and ls -ld and getfacl of "
            f"{target} below {settings.data}.",
        )
    if seen.folders and not seen.unusable:
        yield Finding.right(f"All {seen.folders} folders are seen behind its wall.")
