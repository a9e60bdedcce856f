"""Ask the hub who somebody is."""

from typing import Any

from aiohttp import web
from dask_gateway_server.auth import JupyterHubAuthenticator, unauthorized


class DaisyHubAuthenticator(JupyterHubAuthenticator):
    """Ask the hub who somebody is; a refused token is the caller's error (401)."""

    async def authenticate(self, request: web.Request) -> Any:
        """Map the hub's refusal to 401 (upstream answers 500)."""
        try:
            return await super().authenticate(request)
        except web.HTTPInternalServerError as error:
            if "permission" in (error.reason or "").lower():
                raise unauthorized("jupyterhub") from error
            raise
