"""Suites that a reader of another format can run against itself."""
