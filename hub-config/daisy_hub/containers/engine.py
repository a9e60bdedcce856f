"""Docker's daemon, as far as an installation needs it: by label, never by number.

Nothing is remembered here: what runs is what the daemon says, so that whoever
starts after a crash finds everything.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import docker
import docker.errors
import requests.exceptions
from docker.models.containers import Container

from daisy_hub.containers.labels import ACCOUNT, INSTANCE, JOB, PART, name

# of the daemon's answers; a stop waits for the container besides
TIMEOUT_SECONDS = 60


class EngineUnavailable(Exception):
    """The daemon does not answer; the text says what to do."""


class ImageMissing(Exception):
    """An image is not on this machine; the text says how to make it."""


class ImageInUse(Exception):
    """An image that cannot be removed; the text is the daemon's own."""


class NotStarted(Exception):
    """The daemon refused to start a container; the text is its own."""


@dataclass(frozen=True)
class State:
    """What the daemon knows of a container.

    Attributes
    ----------
    status
        `running`, `ended`, or `absent`.
    exit_code
        Of one that has ended.
    out_of_memory
        Whether a process of it was killed at the limit.
    memory
        Its limit, bytes.
    addresses
        Of one that runs: network name -> address.
    image
        By the name that it was started with.
    """

    status: str
    exit_code: int = 0
    out_of_memory: bool = False
    memory: int = 0
    addresses: tuple[tuple[str, str], ...] = ()
    image: str = ""

    @property
    def ending(self) -> str:
        """How one ended that has; "" for all others."""
        if self.status != "ended":
            return ""
        if self.out_of_memory:
            limit = self.memory / 2**20
            return f"It ran out of memory: it may have {limit:.0f} MiB."
        return f"It ended with code {self.exit_code}."

    def address(self, network: str) -> str:
        """Return the address on a network, "" where there is none."""
        return dict(self.addresses).get(network, "")


ABSENT = State("absent")


class Engine:
    """The containers of one installation.

    Parameters
    ----------
    url
        The daemon's socket, `unix:///var/run/docker.sock`.
    instance
        The installation's mark.
    """

    def __init__(self, url: str, instance: str) -> None:
        self.url, self.instance = url, instance
        self._client: docker.DockerClient | None = None

    @contextmanager
    def client(self) -> Iterator[docker.DockerClient]:
        """Talk to the daemon; its absence is one error with one text."""
        try:
            if self._client is None:
                self._client = docker.DockerClient(
                    base_url=self.url, version="auto", timeout=TIMEOUT_SECONDS
                )
            yield self._client
        except docker.errors.APIError:
            raise
        except (
            docker.errors.DockerException,
            requests.exceptions.RequestException,
        ) as error:
            raise EngineUnavailable(
                f"Docker does not answer at {self.url} ({error}). Start its daemon, or "
                "name its socket in the settings: [containers] engine."
            ) from error

    def close(self) -> None:
        """Leave the daemon."""
        if self._client is not None:
            self._client.close()

    def version(self) -> str:
        """Return the daemon's version."""
        with self.client() as client:
            return str(client.version()["Version"])

    def has_image(self, image: str) -> bool:
        """Whether an image is on this machine."""
        with self.client() as client:
            try:
                client.images.get(image)
            except docker.errors.ImageNotFound:
                return False
        return True

    def run(self, arguments: dict[str, Any], seconds: int) -> str:
        """Start a container, wait for its end, remove it; return what it printed.

        Raises
        ------
        ImageMissing, NotStarted
            It could not be started, or did not end in time.
        """
        self.start(arguments)
        with self.client() as client:
            container = client.containers.get(arguments["name"])
            try:
                container.wait(timeout=seconds)
                said: bytes = container.logs()
            except requests.exceptions.RequestException as error:
                raise NotStarted(f"It did not end within {seconds} s.") from error
            finally:
                with suppress(docker.errors.NotFound):
                    container.remove(force=True)
            return said.decode(errors="replace")

    def remove_image(self, image: str) -> None:
        """Remove an image; one that is gone already is as well.

        Raises
        ------
        ImageInUse
            A container has it, a stopped one maybe.
        """
        with self.client() as client:
            try:
                client.images.remove(image)
            except docker.errors.ImageNotFound:
                return
            except docker.errors.APIError as error:
                raise ImageInUse(f"{image} stays: {error.explanation}") from error

    def start(self, arguments: dict[str, Any]) -> None:
        """Create and start a container, in place of an ended one of that name.

        Raises
        ------
        ImageMissing, NotStarted
            Nothing is left of it then.
        """
        with self.client() as client:
            self._remove_ended(client, arguments["name"])
            try:
                container = client.containers.create(**arguments)
            except docker.errors.ImageNotFound as error:
                raise ImageMissing(
                    f"The image {arguments['image']} is not on this machine. "
                    "Run make images, then make up."
                ) from error
            except docker.errors.APIError as error:
                raise NotStarted(error.explanation) from error
            try:
                container.start()
            except docker.errors.APIError as error:
                container.remove(force=True)
                raise NotStarted(error.explanation) from error

    def state(self, part: str, account: str = "", job: str = "") -> State:
        """Return what is known of a container."""
        with self.client() as client:
            container = self._find(client, name(self.instance, part, account, job))
            return ABSENT if container is None else _state(container)

    def stop(
        self, part: str, account: str = "", job: str = "", *, patience: int = 10
    ) -> bool:
        """End a container: ask, wait, kill; then remove it.

        Returns
        -------
        :
            False where there was none.
        """
        with self.client() as client:
            container = self._find(client, name(self.instance, part, account, job))
            if container is None:
                return False
            with suppress(docker.errors.NotFound):
                container.stop(timeout=patience)
                container.remove(force=True)
            return True

    def logs(
        self, part: str, account: str = "", job: str = "", *, lines: int = 20
    ) -> list[str]:
        """Return the last lines of what a container has printed."""
        with self.client() as client:
            container = self._find(client, name(self.instance, part, account, job))
            if container is None:
                return []
            said: bytes = container.logs(tail=lines)
            return said.decode(errors="replace").splitlines()

    def containers(self) -> list[tuple[str, str, str, State]]:
        """List part, account, job and state of the installation's containers."""
        with self.client() as client:
            found = client.containers.list(
                all=True, filters=self._own(), ignore_removed=True
            )
            rows = ((c.labels, _state(c)) for c in found)
            return sorted(
                ((own[PART], own[ACCOUNT], own[JOB], state) for own, state in rows),
                key=lambda row: row[:3],
            )

    def remove_all(self, patience: float = 8) -> int:
        """End every container of the installation, remove its networks.

        Returns
        -------
        :
            How many containers there were.
        """
        with self.client() as client:
            found = client.containers.list(all=True, filters=self._own())
            _ask_to_end(found, patience)
            for container in found:
                with suppress(docker.errors.NotFound):
                    container.remove(force=True)
            for network in client.networks.list(filters=self._own()):
                with suppress(docker.errors.NotFound):
                    network.remove()
            return len(found)

    def _own(self) -> dict[str, str]:
        return {"label": f"{INSTANCE}={self.instance}"}

    def _find(self, client: docker.DockerClient, wanted: str) -> Container | None:
        try:
            container = client.containers.get(wanted)
        except docker.errors.NotFound:
            return None
        # the name of another's container is no reason to touch it
        return container if container.labels.get(INSTANCE) == self.instance else None

    def _remove_ended(self, client: docker.DockerClient, wanted: str) -> None:
        container = self._find(client, wanted)
        if container is not None and container.status != "running":
            container.remove(force=True)


def _ask_to_end(containers: list[Container], patience: float) -> None:
    """Ask all at once, and wait until they have ended or time is over."""
    limit = time.monotonic() + patience
    for container in containers:
        # one that has ended already cannot be asked
        with suppress(docker.errors.APIError):
            container.kill("SIGTERM")
    for container in containers:
        with suppress(docker.errors.APIError, requests.exceptions.RequestException):
            container.wait(timeout=max(limit - time.monotonic(), 0.1))


def _state(container: Container) -> State:
    state = container.attrs["State"]
    running = bool(state["Running"])
    networks = container.attrs["NetworkSettings"]["Networks"] if running else {}
    return State(
        "running" if running else "ended",
        int(state["ExitCode"]),
        bool(state["OOMKilled"]),
        int(container.attrs["HostConfig"]["Memory"]),
        tuple((n, v["IPAddress"]) for n, v in networks.items() if v["IPAddress"]),
        str(container.attrs["Config"]["Image"]),
    )
