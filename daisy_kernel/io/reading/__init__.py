"""From a selection to numbers in memory: plan, then fetch, decode and place.

The compiled core does the last three for what it knows; worker processes with HDF5
do it for the rest.
"""

from daisy_kernel.io.reading.bands import Bands, Chunked
from daisy_kernel.io.reading.overlap import overlap
from daisy_kernel.io.reading.parts import (
    Part,
    Stopped,
    explain_parts,
    read_parts,
    unfilled,
)
from daisy_kernel.io.reading.plan import Piece, Plan, explain, plan
from daisy_kernel.io.reading.readable import HasReadable, Readable
from daisy_kernel.io.reading.reductions import reduce_parts
from daisy_kernel.io.reading.stamps import (
    Stamp,
    Stamps,
    are_settled,
    are_the_same,
    is_recent,
    stamp_of,
    stamps_now,
)
from daisy_kernel.io.reading.workers import Location, can_be_sent, read_in_workers

__all__ = [
    "Bands",
    "Chunked",
    "HasReadable",
    "Location",
    "Part",
    "Piece",
    "Plan",
    "Readable",
    "Stamp",
    "Stamps",
    "Stopped",
    "are_settled",
    "are_the_same",
    "can_be_sent",
    "explain",
    "explain_parts",
    "is_recent",
    "overlap",
    "plan",
    "read_in_workers",
    "read_parts",
    "reduce_parts",
    "stamp_of",
    "stamps_now",
    "unfilled",
]
