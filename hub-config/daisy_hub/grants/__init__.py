"""The daemon that puts memberships in force: in running servers, within a minute.

A grant is a mount that appears in the account's view. A revocation takes the mount
away, and ends what the account runs, because what is open would stay readable.
"""

from daisy_hub.grants.round import Round

__all__ = ["Round"]
