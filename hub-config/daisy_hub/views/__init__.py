"""An account's view of the proposals: one folder of mounts, which changes while in use.

The folder is a small file system of its own, and every sandbox and container of the
account has it at `~/data`, as a slave of the machine's: what is mounted into it or
taken out of it here is at once seen, or gone, there. No server has to be started again
for a new grant.
"""

from daisy_hub.views.view import View, Viewed, may_make_views, views_below

__all__ = ["View", "Viewed", "may_make_views", "views_below"]
