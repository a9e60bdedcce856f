"""The reverse proxy in front of everything."""

import json
from pathlib import Path

from daisy_hub.files import write_atomically
from daisy_hub.settings import Settings

API_USER = "daisy"
ENTRY_POINTS = "http", "hub-api"


def dynamic_file(settings: Settings) -> Path:
    """Return the file in which the hub writes its routes."""
    return settings.proxy_folder / "routes.toml"


def command(settings: Settings, environment: Path) -> list[str]:
    """Write traefik's own configuration and return its command line.

    The program lies in *environment*, which may be that of an image.
    """
    public, api = ENTRY_POINTS
    content = {
        "api": {},
        "log": {"level": "WARN"},
        "entryPoints": {
            public: {
                "address": f"{settings.bind_address}:{settings.ports['public']}",
                # uploads and long answers are not cut
                "transport": {"respondingTimeouts": {"readTimeout": "0s"}},
            },
            api: {"address": f"127.0.0.1:{settings.ports['proxy-api']}"},
        },
        "providers": {
            "providersThrottleDuration": "0s",
            "file": {"filename": str(dynamic_file(settings)), "watch": True},
        },
        # nothing leaves the machine
        "global": {"checkNewVersion": False, "sendAnonymousUsage": False},
    }
    settings.proxy_folder.mkdir(mode=0o700, exist_ok=True)
    dynamic_file(settings).touch(mode=0o600)  # must be there to be watched
    path = settings.proxy_folder / "traefik.yaml"
    write_atomically(path, json.dumps(content, indent=1))  # JSON is YAML
    return [str(environment / "bin" / "traefik"), f"--configFile={path}"]
