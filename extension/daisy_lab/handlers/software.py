"""Route `software`: whether a server that is started now would have other software."""

import os
from contextlib import suppress

from tornado.web import authenticated

from daisy_lab import clusters
from daisy_lab.handlers.base import Handler, errors_in_one_place

# the hub's name for what this server was started with
GENERATION = "DAISY_GENERATION"


class SoftwareHandler(Handler):
    """`software`: {"other"}, the name of what new servers get, "" if it is the same.

    Also "" where nobody can tell.
    """

    @authenticated
    @errors_in_one_place
    async def get(self) -> None:
        """Compare."""
        here, current = os.environ.get(GENERATION, ""), ""
        if here and clusters.are_here():
            with suppress(clusters.ClustersUnavailable):
                current = await clusters.current_generation()
        self.send({"other": current if current != here else ""})
