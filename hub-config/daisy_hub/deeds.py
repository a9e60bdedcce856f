"""What is asked of the hub about somebody else's account or server: for the audit log.

The hub calls this after each request, answered or refused.
"""

import re
from typing import Any

from jupyterhub.log import log_request
from tornado.log import app_log

from daisy_hub import audit
from daisy_hub.settings import load

CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
# whose account or server a page or a route of the API is about
ABOUT = re.compile(r"/hub/(?:api/users|spawn|spawn-pending|stop|user)/([^/]+)")
ADMIN_PAGE = "/hub/admin"


def log_and_audit(handler: Any) -> None:
    """Log a request as the hub does, and note what was done to somebody else."""
    log_request(handler)
    try:
        name = _name(getattr(handler, "_jupyterhub_user", None))
        about = deed(handler.request.method, handler.request.path, name)
        if about is not None:
            audit.record(
                load(),
                "admin.acted" if about else "admin.looked",
                actor=name,
                request=f"{handler.request.method} {handler.request.path}",
                status=handler.get_status(),
                **({"account": about} if about else {}),
            )
    except Exception:
        # an answer that is on its way is not lost for it: a full disk, say
        app_log.exception("a request could not be written into the audit log")


def deed(method: str, path: str, actor: str) -> str | None:
    """Return whose account was acted on by somebody else; "" for a look at all of them.

    None where one asks for oneself, or nobody did.
    """
    if not actor:
        return None
    if method == "GET":
        return "" if path == ADMIN_PAGE else None
    found = ABOUT.match(path)
    if method not in CHANGING or found is None or found[1] == actor:
        return None
    return found[1]


def _name(who: Any) -> str:
    """Name an account or a service of the hub; "" for nobody."""
    return str(getattr(who, "name", "") or "")
