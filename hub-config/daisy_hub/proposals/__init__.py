"""Who sees which data: proposals below one tree, and what is said of their members.

`tree` finds the proposals on disk, `sources` say who belongs to them (a table, groups,
the facility's user office), `membership` keeps what they said last, and `rights` puts
the two together: what an account may do with each proposal today.
"""

from daisy_hub.proposals.closed import closed_of
from daisy_hub.proposals.entries import Entry, MembersInvalid
from daisy_hub.proposals.membership import Membership
from daisy_hub.proposals.rights import (
    Person,
    Proposal,
    all_proposals,
    person_of,
    proposals_of,
)
from daisy_hub.proposals.seen import keep_seen, seen_proposals
from daisy_hub.proposals.table import MEMBERS_FILE, read_table
from daisy_hub.proposals.tree import Template, TreeInvalid, folders_of
from daisy_hub.proposals.windows import Access, Window

__all__ = [
    "MEMBERS_FILE",
    "Access",
    "Entry",
    "MembersInvalid",
    "Membership",
    "Person",
    "Proposal",
    "Template",
    "TreeInvalid",
    "Window",
    "all_proposals",
    "closed_of",
    "folders_of",
    "keep_seen",
    "person_of",
    "proposals_of",
    "read_table",
    "seen_proposals",
]
