"""Write files and folders: whole, or not at all."""

from daisy_kernel.io.writing.imagej import stack_head
from daisy_kernel.io.writing.nexus import write_nexus
from daisy_kernel.io.writing.subset import write_subset
from daisy_kernel.io.writing.tiff import Scaling, description
from daisy_kernel.io.writing.tree import Branch, Compression, Field, Link

__all__ = [
    "Branch",
    "Compression",
    "Field",
    "Link",
    "Scaling",
    "description",
    "stack_head",
    "write_nexus",
    "write_subset",
]
