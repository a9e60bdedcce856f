"""The hub of DAISY: accounts, sandboxes, proposals, clusters."""
