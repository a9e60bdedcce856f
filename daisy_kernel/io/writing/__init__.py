"""Write files and folders: whole, or not at all."""

from daisy_kernel.io.writing.nexus import write_nexus
from daisy_kernel.io.writing.tree import Branch, Compression, Field, Link

__all__ = ["Branch", "Compression", "Field", "Link", "write_nexus"]
