"""The hub of DAISY."""
