"""Look with an account's own eyes: a script in its sandbox."""

import subprocess

from daisy_hub.sandbox import Sandbox

SECONDS = 30


def run_inside(sandbox: Sandbox, script: str) -> subprocess.CompletedProcess[str]:
    """Run a shell script as the account, behind its wall."""
    return subprocess.run(
        sandbox.command(["sh", "-c", script]),
        env=sandbox.variables(),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
