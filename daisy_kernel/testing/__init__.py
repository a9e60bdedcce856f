"""Suites that a reader of another format can run against itself."""

from daisy_kernel.testing.readers import ReaderTests

__all__ = ["ReaderTests"]
