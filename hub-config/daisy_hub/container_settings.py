"""Settings of the container engine: images, limits, networks; part of `Settings`."""

from ipaddress import IPv4Network

from pydantic import BaseModel, ByteSize, ConfigDict, Field, TypeAdapter

from daisy_hub.starting.profiles import ServerProfile

_bytes = TypeAdapter(ByteSize).validate_python
# how hub and proxy are called on the accounts' networks; not as a server itself is
FRONT_ALIAS = "hub"
# where a server listens on its account's network
SERVER_PORT = 8888
# where the images have their environments
LAB_ENVIRONMENT = "/opt/daisy/lab"
HUB_ENVIRONMENT = "/opt/daisy/hub"


class Limits(BaseModel):
    """What one container may take of the machine."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    memory: ByteSize = Field(
        default=_bytes("4 GiB"), description="memory, of which none is swapped"
    )
    cpus: float = Field(default=2.0, gt=0, description="processors, in parts of one")
    processes: int = Field(
        default=512, ge=16, description="processes, threads included"
    )
    scratch: ByteSize = Field(
        default=_bytes("1 GiB"),
        description="size of /tmp and of /dev/shm, which are memory",
    )
    log: ByteSize = Field(
        default=_bytes("10 MiB"), description="log that is kept, twice"
    )

    def of_profile(self, profile: ServerProfile) -> "Limits":
        """Return these limits with what a server profile says otherwise."""
        said = {"memory": profile.memory, "cpus": profile.cpus}
        return self.model_copy(
            update={name: v for name, v in said.items() if v is not None}
        )


class ContainerSettings(BaseModel):
    """What an operator may set below `[containers]`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    engine: str = Field(
        default="unix:///var/run/docker.sock",
        description="the engine's socket",
    )
    lab_image: str = Field(
        default="daisy/lab",
        description="image of servers, where there are no generations",
    )
    hub_image: str = Field(default="daisy/hub", description="image of hub and proxy")
    limits: Limits = Limits()
    worker: Limits = Field(
        default=Limits(cpus=1.0), description="limits of one worker of a cluster"
    )
    networks: IPv4Network = Field(
        default=IPv4Network("10.213.0.0/16"),
        description="addresses from which each account gets a network of its own",
    )
    network_prefix: int = Field(
        default=26,
        ge=16,
        le=28,
        description="prefix length of one account's network",
    )
    internet: bool = Field(
        default=False, description="whether servers reach what is outside the machine"
    )
