"""The only process that talks to the container engine: few verbs, fixed arguments.

Who may talk to docker's daemon is root on the host. So neither hub nor gateway may:
they ask this daemon, over a socket that only they can open, for one of a few things
and for an account. Image, mounts, uid, limits and network follow from the
installation's settings and the accounts, and from nothing that a caller says.
"""

from daisy_hub.launcher.client import LauncherClient, LauncherFailed

__all__ = ["LauncherClient", "LauncherFailed"]
