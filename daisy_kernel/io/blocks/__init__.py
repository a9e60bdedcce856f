"""Arrays on disk that many processes write block by block, as Zarr version 3.

A block is one file (a shard of Zarr), which gets its name when it is whole: a block
that has a name is finished, whoever has been killed. Inside lie the pieces in which it
will be read, uncompressed, so that the core reads any of them without decoding.
"""

from daisy_kernel.io.blocks.array import BlockArray, open_blocks
from daisy_kernel.io.blocks.folder import BlockFolder
from daisy_kernel.io.blocks.layout import BlockLayout

__all__ = ["BlockArray", "BlockFolder", "BlockLayout", "open_blocks"]
