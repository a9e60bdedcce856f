"""Look with an account's own eyes: in its sandbox, or in a container like its server.

A container is the launcher's to start: it is asked, as for a server, and nothing but
the account's name is said.
"""

import subprocess

from daisy_hub import eyes
from daisy_hub.doctor.launched import ask
from daisy_hub.homes import sandbox_of
from daisy_hub.launcher import LauncherFailed
from daisy_hub.settings import Settings

SECONDS = 30


def look_inside(settings: Settings, name: str) -> eyes.Seen:
    """Try the account's home and data behind its wall."""
    if settings.profile == "docker":
        return _in_container(settings, name)
    return _in_sandbox(settings, name)


def _in_sandbox(settings: Settings, name: str) -> eyes.Seen:
    folders = eyes.granted_folders(settings, name)
    sandbox = sandbox_of(settings, name)
    result = subprocess.run(
        sandbox.command(["sh", "-c", eyes.script(folders)]),
        env=sandbox.variables(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return eyes.seen(result.stdout, len(folders))


def _in_container(settings: Settings, name: str) -> eyes.Seen:
    try:
        answer = ask(settings, "look", account=name)
    except LauncherFailed as error:
        return eyes.Seen(wall=str(error))
    return eyes.Seen(
        answer["home"], tuple(answer["unusable"]), answer["folders"], answer["wall"]
    )
