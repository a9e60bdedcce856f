"""The reverse proxy in front of everything."""

import json
import sys
from pathlib import Path

from daisy_hub.files import write_atomically
from daisy_hub.settings import Settings

API_USER = "daisy"
ENTRY_POINTS = "http", "hub-api"


def dynamic_file(settings: Settings) -> Path:
    """Return the file in which the hub writes its routes."""
    return settings.state / "routes.toml"


def command(settings: Settings) -> list[str]:
    """Write traefik's own configuration and return its command line."""
    public, api = ENTRY_POINTS
    content = {
        "api": {},
        "log": {"level": "WARN"},
        "entryPoints": {
            public: {
                "address": f"127.0.0.1:{settings.ports['public']}",
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
    dynamic_file(settings).touch(mode=0o600)  # must be there to be watched
    path = settings.state / "traefik.yaml"
    write_atomically(path, json.dumps(content, indent=1))  # JSON is YAML
    return [str(Path(sys.prefix) / "bin" / "traefik"), f"--configFile={path}"]
