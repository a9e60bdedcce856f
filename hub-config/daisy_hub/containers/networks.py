"""A network for each account: its own containers and the front, and nobody else.

The network is internal: no way leads out of it, neither to other accounts nor to
the outside. The host itself has no address on it either, so that what listens on
the host cannot be reached from inside.
"""

from collections.abc import Iterator
from ipaddress import IPv4Network

import docker
import docker.errors
from docker.models.networks import Network
from docker.types import IPAMConfig, IPAMPool

from daisy_hub.container_settings import FRONT_ALIAS, ContainerSettings
from daisy_hub.containers.engine import Engine, NotStarted
from daisy_hub.containers.labels import INSTANCE, PART, labels, name

NETWORK = "network"
FRONT = "front"
OUTER = "outer"
OVERLAPS = "overlaps"


def network_name(engine: Engine, account: str) -> str:
    """Return the name of an account's network."""
    return name(engine.instance, NETWORK, account)


def join(engine: Engine, settings: ContainerSettings, account: str) -> str:
    """Return the network of an account, made if new, with the front on it.

    Raises
    ------
    NotStarted
        No address is left, or the front does not run.
    """
    with engine.client() as client:
        network = _find(client, network_name(engine, account))
        if network is None:
            inside = not settings.internet
            network = _create(
                client, engine, settings, NETWORK, account, internal=inside
            )
        _connect_front(client, engine, network)
        return str(network.name)


def make_outer(engine: Engine, settings: ContainerSettings) -> str:
    """Return the network on which the front is reached from the host."""
    with engine.client() as client:
        network = _find(client, name(engine.instance, OUTER))
        if network is None:
            network = _create(client, engine, settings, OUTER, internal=False)
        return str(network.name)


def rejoin(engine: Engine) -> None:
    """Put a new front on every network that is there."""
    with engine.client() as client:
        wanted = [f"{INSTANCE}={engine.instance}", f"{PART}={NETWORK}"]
        for network in client.networks.list(filters={"label": wanted}):
            _connect_front(client, engine, network)


def leave(engine: Engine, account: str) -> None:
    """Remove the network of an account that has no container on it any more."""
    with engine.client() as client:
        front = name(engine.instance, FRONT)
        wanted = network_name(engine, account)
        for network in client.networks.list(names=[wanted], greedy=True):
            inside = {c["Name"] for c in (network.attrs["Containers"] or {}).values()}
            if network.name != wanted or not inside <= {front}:
                continue
            try:
                if inside:
                    network.disconnect(front, force=True)
                network.remove()
            except docker.errors.APIError:
                continue  # somebody has joined it meanwhile, and needs it


def _find(client: docker.DockerClient, wanted: str) -> Network | None:
    # the daemon's filter takes parts of names too
    found = client.networks.list(names=[wanted])
    return next((n for n in found if n.name == wanted), None)


def _create(
    client: docker.DockerClient,
    engine: Engine,
    settings: ContainerSettings,
    part: str,
    account: str = "",
    *,
    internal: bool,
) -> Network:
    for subnet in _free_subnets(client, settings):
        pool = IPAMPool(subnet=str(subnet))
        try:
            return client.networks.create(
                name(engine.instance, part, account),
                driver="bridge",
                ipam=IPAMConfig(pool_configs=[pool]),
                internal=internal,
                labels=labels(engine.instance, part, account),
                options=_NO_HOST if internal else {},
            )
        except docker.errors.APIError as error:
            # an interface of the host has that address: the next one
            if OVERLAPS not in error.explanation.lower():
                raise NotStarted(error.explanation) from error
    raise NotStarted(
        f"No network is left in {settings.networks} for {account or part}. Give more "
        "addresses in the settings: [containers] networks."
    )


_NO_HOST = {"com.docker.network.bridge.inhibit_ipv4": "true"}


def _free_subnets(
    client: docker.DockerClient, settings: ContainerSettings
) -> Iterator[IPv4Network]:
    taken = [
        IPv4Network(pool["Subnet"])
        for network in client.networks.list()
        for pool in network.attrs["IPAM"]["Config"] or []
        if ":" not in pool["Subnet"]
    ]
    for subnet in settings.networks.subnets(new_prefix=settings.network_prefix):
        if not any(subnet.overlaps(other) for other in taken):
            yield subnet


def _connect_front(
    client: docker.DockerClient, engine: Engine, network: Network
) -> None:
    front = name(engine.instance, FRONT)
    try:
        container = client.containers.get(front)
        if network.name in container.attrs["NetworkSettings"]["Networks"]:
            return
        network.connect(container, aliases=[FRONT_ALIAS])
    except docker.errors.NotFound as error:
        raise NotStarted(
            "The front (the container that hub and proxy share) does not run: make up."
        ) from error
    except docker.errors.APIError as error:
        # another start of the same account was first
        if "already exists" not in error.explanation:
            raise NotStarted(error.explanation) from error
