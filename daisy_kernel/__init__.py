"""DAISY's library for notebooks and workers: open, read, process, view."""

__all__: list[str] = []
