"""What there is: proposals of a data folder, scans of a proposal."""

from daisy_kernel.catalog.describe import describe
from daisy_kernel.catalog.proposals import Proposal, proposals
from daisy_kernel.catalog.scans import ScanInfo, scans

__all__ = ["Proposal", "ScanInfo", "describe", "proposals", "scans"]
