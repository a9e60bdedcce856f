"""A scheduler's pages answer only who brings the secret of its cluster.

A dask preload, seen by sandboxes at /etc/jupyter. Without it whoever reaches the port
sees what others compute. The secret is the cluster's token, which its own processes,
the gateway and the hub's service of dashboards know.
"""

import hmac
import os
from typing import Any

from tornado.web import ErrorHandler

HEADER = "X-Daisy-Dashboard"


async def dask_setup(scheduler: Any) -> None:
    """Put the guard before all pages; called by dask when the scheduler has started."""
    guard(scheduler.http_application, os.environ["DASK_GATEWAY_API_TOKEN"])


def guard(application: Any, secret: str) -> None:
    """Let an application answer 403 to requests without the secret."""
    find = application.find_handler

    def find_handler(request: Any, **kwargs: Any) -> Any:
        given = request.headers.get(HEADER, "")
        if hmac.compare_digest(given.encode(), secret.encode()):
            return find(request, **kwargs)
        refusal = {"status_code": 403}
        return application.get_handler_delegate(request, ErrorHandler, refusal)

    application.find_handler = find_handler
