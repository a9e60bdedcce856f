#!/usr/bin/python3 -SE
"""Stands in for a user's server: answers what the hub and a browser ask for first.

So the load is that of hub, proxy, sandboxes and starts, and not that of JupyterLab.
"""

import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlparse

VERSION = os.environ.get("STANDIN_VERSION", "6.1.1")


class Handler(BaseHTTPRequestHandler):
    """The same answer to everything."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = b'{"version": "stand-in"}'
        self.send_response(200)
        self.send_header("X-JupyterHub-Version", VERSION)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


if __name__ == "__main__":
    address = urlparse(os.environ["JUPYTERHUB_SERVICE_URL"])
    ThreadingHTTPServer((address.hostname, address.port), Handler).serve_forever()
