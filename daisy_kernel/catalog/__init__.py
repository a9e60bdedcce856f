"""What there is: proposals of a data folder, scans of a proposal, found by words."""

from daisy_kernel.catalog.describe import describe
from daisy_kernel.catalog.index import Index, Sample
from daisy_kernel.catalog.info import ScanInfo
from daisy_kernel.catalog.place import Place, place_of, proposal_of
from daisy_kernel.catalog.proposals import Proposal, proposals
from daisy_kernel.catalog.query import Query, understand
from daisy_kernel.catalog.scans import scans
from daisy_kernel.catalog.search import Found, search, wanted
from daisy_kernel.catalog.snapshot import began
from daisy_kernel.catalog.techniques import technique_of
from daisy_kernel.catalog.thumbnails import Thumbnails
from daisy_kernel.catalog.update import Updated, last_look, notify, update

__all__ = [
    "Found",
    "Index",
    "Place",
    "Proposal",
    "Query",
    "Sample",
    "ScanInfo",
    "Thumbnails",
    "Updated",
    "began",
    "describe",
    "last_look",
    "notify",
    "place_of",
    "proposal_of",
    "proposals",
    "scans",
    "search",
    "technique_of",
    "understand",
    "update",
    "wanted",
]
