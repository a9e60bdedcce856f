"""Be one part of an installation: `python -m daisy_hub hub`, as its container does."""

import os
import sys

from daisy_hub.parts import gateway
from daisy_hub.up import hub_command

COMMANDS = {
    "gateway": gateway.command,
    "gateway-proxy": gateway.proxy_command,
    "hub": hub_command,
}

if __name__ == "__main__":
    os.execv(sys.executable, COMMANDS[sys.argv[1]]())
