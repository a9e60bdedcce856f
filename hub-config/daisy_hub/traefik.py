"""The reverse proxy in front of everything."""

import json
import os
from pathlib import Path
from typing import Any

from daisy_hub.files import write_atomically
from daisy_hub.settings import Settings
from daisy_hub.tls.certificate import (
    CertificateUnusable,
    certificate_file,
    key_file,
    put_in_place,
)
from daisy_hub.tls.options import TlsOptions

API_USER = "daisy"
ENTRY_POINTS = "http", "hub-api"
# uploads and long answers are not cut
PATIENT = {"respondingTimeouts": {"readTimeout": "0s"}}
# a container that has ended does not refuse connections, it is silent
CONNECTING = {"forwardingTimeouts": {"dialTimeout": "3s"}}
ENCRYPTED, LEADING = "https", "to-https"


def dynamic_file(settings: Settings) -> Path:
    """Return the file in which the hub writes its routes."""
    return settings.proxy_folder / "routes.toml"


def command(settings: Settings, environment: Path) -> list[str]:
    """Write traefik's own configuration and return its command line.

    The program lies in *environment*, which may be that of an image.

    Raises
    ------
    CertificateUnusable
    """
    public, api = ENTRY_POINTS
    content = {
        "api": {},
        "log": {"level": "WARN"},
        "entryPoints": {
            public: {
                "address": f"{settings.bind_address}:{settings.ports['public']}",
                "transport": PATIENT,
            },
            api: {"address": f"127.0.0.1:{settings.ports['proxy-api']}"},
            **_encrypted(settings),
        },
        "serversTransport": CONNECTING,
        "providers": {
            "providersThrottleDuration": "0s",
            "file": {"filename": str(dynamic_file(settings)), "watch": True},
        },
        # nothing leaves the machine
        "global": {"checkNewVersion": False, "sendAnonymousUsage": False},
    }
    settings.proxy_folder.mkdir(mode=0o700, exist_ok=True)
    dynamic_file(settings).touch(mode=0o600)  # must be there to be watched
    if settings.tls is not None:
        _place_certificate(settings, settings.tls)
    path = settings.proxy_folder / "traefik.yaml"
    write_atomically(path, json.dumps(content, indent=1))  # JSON is YAML
    return [str(environment / "bin" / "traefik"), f"--configFile={path}"]


def certificates(settings: Settings) -> dict[str, Any]:
    """Return the part of the routes' file that says with what to encrypt."""
    folder = settings.proxy_folder
    pair = {"certFile": str(certificate_file(folder)), "keyFile": str(key_file(folder))}
    return {
        "tls": {
            "stores": {"default": {"defaultCertificate": pair}},
            "options": {"default": {"minVersion": "VersionTLS12"}},
        }
    }


def renew(settings: Settings) -> str:
    """Let the running proxy take a certificate that was renewed; say so if it did.

    Raises
    ------
    CertificateUnusable
        It goes on with the one that it has.
    """
    if settings.tls is None or not put_in_place(settings.tls, settings.proxy_folder):
        return ""
    os.utime(dynamic_file(settings))  # it reads all anew when this file is touched
    return f"{settings.tls.certificate} is new, and in force."


def _place_certificate(settings: Settings, options: TlsOptions) -> None:
    """Give the proxy its certificate; one that starts again may go on with the old."""
    try:
        put_in_place(options, settings.proxy_folder)
    except CertificateUnusable:
        if not certificate_file(settings.proxy_folder).exists():
            raise


def _encrypted(settings: Settings) -> dict[str, Any]:
    """Return the entry points for people on other machines."""
    options = settings.tls
    if options is None:
        return {}
    points: dict[str, Any] = {
        ENCRYPTED: {
            "address": f"{_outer_address(settings)}:{options.port}",
            "transport": PATIENT,
            "http": {"tls": {}},
        }
    }
    if options.plain_port is not None:
        points[LEADING] = {
            "address": f"{_outer_address(settings)}:{options.plain_port}",
            "http": {
                "redirections": {
                    "entryPoint": {"to": f":{options.port}", "scheme": "https"}
                }
            },
        }
    return points


def _outer_address(settings: Settings) -> str:
    """Return where to listen: in a container the engine says which address it is."""
    if settings.tls is None or settings.profile == "docker":
        return settings.bind_address
    return settings.tls.address
