"""The hub's settings: one typed model, one TOML file, `DAISY_*` over it.

Everything that two parts must agree on (ports, addresses, paths) is computed
here, so that the hub, the proxy, the gateway and its clients cannot disagree.
"""

import base64
import os
import secrets
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from pydantic import (
    ByteSize,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from daisy_hub import profiles
from daisy_hub.container_settings import FRONT_ALIAS, ContainerSettings
from daisy_hub.databases import DatabaseOptions
from daisy_hub.files import write_new
from daisy_hub.gateway.limits import ClusterLimits
from daisy_hub.identity.options import OidcOptions
from daisy_hub.starting.profiles import STANDARD, ServerProfile, checked
from daisy_hub.tls.options import TlsOptions

# set for every process of an installation; `daisy-hub down` finds them by it
INSTANCE_VARIABLE = "DAISY_INSTANCE"

# where the system keeps what ends with it
RUNTIME = Path("/run/daisy")

GATEWAY_SERVICE = "dask-gateway"
WATCHING_SERVICE = "daisy-watching"
DASHBOARDS_SERVICE = "daisy-dashboards"
METRICS_SERVICE = "daisy-metrics"


class Settings(BaseSettings):
    """What an operator may set."""

    model_config = SettingsConfigDict(env_prefix="DAISY_", extra="forbid")

    home: Path = Field(description="the installation's folder, `.daisy`")
    profile: Literal["local", "docker"] = Field(
        "local", description="processes of this machine, or containers"
    )
    port: int = Field(8000, ge=1024, le=65528, description="first of eight ports")
    data: Path = Field(description="tree of proposals, <beamline>/<proposal>")
    data_is_demo: bool = Field(
        False, description="the tree was made by `daisy demo`; the hub sets its modes"
    )
    tree: str = Field(
        "{beamline}/{proposal}", description="levels of folders of the data tree"
    )
    members_from: tuple[str, ...] = Field(
        ("table",), description="who belongs to what: table, groups, posix, a plug-in"
    )
    group_of_proposal: str = Field(
        "{proposal}", description="name of a proposal's group; {beamline} may be in it"
    )
    sync_seconds: float = Field(
        15, gt=0, description="memberships and days are looked at so often"
    )
    revocation_alarm: float = Field(
        0.2, ge=0, le=1, description="a greater share is not taken away at once"
    )
    manages_modes: bool = Field(
        False, description="the hub sets modes and ACLs of the proposals' folders"
    )
    public: Path | None = Field(
        None, description="tree of proposals that every account sees, read-only"
    )
    user_environment: Path | None = Field(
        None, description="environment of the servers, where there are no generations"
    )
    first_uid: int = Field(70_000, ge=65_536, description="accounts get uids from here")
    first_gid: int = Field(
        80_000, ge=65_536, description="proposals get gids from here"
    )
    kernel_idle_seconds: int = Field(
        12 * 3600, description="an idle kernel is ended after this time; 0: never"
    )
    server_idle_seconds: int = Field(
        3600, description="a server without kernels is ended after this time; 0: never"
    )
    cluster_lease_seconds: int = Field(
        600, description="a cluster whose client is gone is ended after this time"
    )
    cluster_max_workers: int = Field(
        os.cpu_count() or 1, ge=1, description="workers one cluster may have"
    )
    cluster_idle_seconds: int = Field(
        4 * 3600, description="a cluster that computes nothing is ended after this time"
    )
    cluster_limits: ClusterLimits = Field(
        ClusterLimits(), description="clusters, cores, memory of accounts and groups"
    )
    worker_memory: str = Field("4 G", description="memory limit of one worker")
    restarts_parts: bool = Field(True, description="a part that ends is started again")
    identity: Literal["local", "oidc"] = Field(
        "local", description="accounts of this hub, or those of a provider"
    )
    oidc: OidcOptions | None = Field(None, description="the provider")
    database: DatabaseOptions | None = Field(
        None, description="databases of a server; files in the state if unset"
    )
    tls: TlsOptions | None = Field(
        None, description="HTTPS, for people on other machines"
    )
    contact: str = Field(
        "the operator of this hub", description="whom those ask who cannot log in"
    )
    metrics: Path | None = Field(
        None, description="folder of the numbers for monitoring; in the state if unset"
    )
    starts_at_once: int = Field(
        4 * (os.cpu_count() or 1), ge=1, description="servers that start side by side"
    )
    watching_servers: int = Field(
        20, ge=0, description="accounts whose servers are kept to watch proposals"
    )
    watching_rest_seconds: int = Field(
        600, ge=0, description="a kept server that was stopped by hand rests so long"
    )

    clusters: bool = Field(True, description="whether there is a Dask gateway")
    watching: bool = Field(True, description="whether servers can be kept for watches")
    containers: ContainerSettings = ContainerSettings()
    home_quota: ByteSize | None = Field(
        None, description="what the files of a home may take, as 50 GiB"
    )
    processed_quota: ByteSize | None = Field(
        None, description="what `processed` of a proposal may take; told, not enforced"
    )
    server_profiles: tuple[ServerProfile, ...] = Field(
        (STANDARD,), description="sizes of servers that people choose from"
    )

    @field_validator("server_profiles")
    @classmethod
    def _profiles_are_clear(
        cls, profiles: tuple[ServerProfile, ...]
    ) -> tuple[ServerProfile, ...]:
        return checked(profiles)

    @model_validator(mode="after")
    def _provider_is_named(self) -> "Settings":
        if self.identity == "oidc" and self.oidc is None:
            raise ValueError('identity = "oidc" needs a table [oidc] that says which')
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read the TOML file below the environment, the profile below both."""
        toml = TomlConfigSettingsSource(settings_cls, settings_file())
        above = init_settings, env_settings, toml
        named = (source().get("profile") for source in above)
        profile = next(filter(None, named), "local")
        below = InitSettingsSource(settings_cls, profiles.defaults(profile))
        return *above, below

    @property
    def as_root(self) -> bool:
        """Whether accounts have uids of their own."""
        return os.geteuid() == 0

    # ports: eight from one base
    @property
    def ports(self) -> dict[str, int]:
        """Every port that is used, by purpose."""
        names = (
            "public", "hub", "proxy-api", "gateway-api", "gateway", "gateway-tcp",
            "watching", "dashboards",
        )  # fmt: skip
        return {name: self.port + i for i, name in enumerate(names)}

    def url(self, name: str) -> str:
        """Loopback address of one of the ports."""
        return f"http://127.0.0.1:{self.ports[name]}"

    @property
    def public_url(self) -> str:
        """Address that people type."""
        return self.url("public") if self.tls is None else self.tls.url

    @property
    def bind_address(self) -> str:
        """Where the proxy listens: in its container on every network of that."""
        return "0.0.0.0" if self.profile == "docker" else "127.0.0.1"

    @property
    def inner_url(self) -> str:
        """Public address as the accounts' servers reach it."""
        if self.profile == "docker":
            return f"http://{FRONT_ALIAS}:{self.port}"
        return self.url("public")

    @property
    def gateway_tcp(self) -> str:
        """Where clients find schedulers through the gateway."""
        host = FRONT_ALIAS if self.profile == "docker" else "127.0.0.1"
        return f"gateway://{host}:{self.ports['gateway-tcp']}"

    @property
    def gateway_prefix(self) -> str:
        """Path of the gateway below the public address."""
        return f"/services/{GATEWAY_SERVICE}"

    @property
    def watching_prefix(self) -> str:
        """Path of the service that keeps servers, below the public address."""
        return f"/services/{WATCHING_SERVICE}"

    @property
    def dashboards_prefix(self) -> str:
        """Path of the clusters' pages, below the public address."""
        return f"/services/{DASHBOARDS_SERVICE}"

    # paths
    @property
    def state(self) -> Path:
        """Where the hub keeps what no account may see."""
        return self.home / "state"

    @property
    def logs(self) -> Path:
        """Folder of the logs."""
        return self.state / "log"

    @property
    def views(self) -> Path:
        """Folder of the accounts' views of the proposals.

        Not in the installation's own folder: who deletes that while a view is mounted
        there would delete what lies in the proposals.
        """
        return RUNTIME / self.instance / "views"

    @property
    def audit_file(self) -> Path:
        """Who did what, one JSON object a line (`daisy_hub.audit`)."""
        return self.state / "audit.jsonl"

    @property
    def proxy_folder(self) -> Path:
        """What the proxy reads: its settings and the hub's routes."""
        return self.state / "proxy"

    @property
    def launcher_socket(self) -> Path:
        """Where the launcher of containers is asked."""
        return self.state / "launcher" / "socket"

    @property
    def watches_file(self) -> Path:
        """Who has chosen to watch which proposal."""
        return self.state / "watches.json"

    @property
    def generations_folder(self) -> Path:
        """Which generations of the users' software there are, and which is current."""
        return self.state / "generations"

    @property
    def backups(self) -> Path:
        """Backups of the state that an upgrade makes."""
        return self.home / "backups"

    @property
    def metrics_folder(self) -> Path:
        """Where the numbers for monitoring are written."""
        return self.metrics or self.state / "metrics"

    @property
    def dashboards(self) -> Path:
        """Where the pages of clusters are, and whose."""
        return self.state / "dashboards"

    @property
    def homes(self) -> Path:
        """Folder of the accounts' homes."""
        return self.home / "homes"

    @property
    def up_file(self) -> Path:
        """What `make up` prints, for programs."""
        return self.home / "up.json"

    # identity and secrets, made once
    @property
    def instance(self) -> str:
        """Mark of this installation's processes."""
        return self._secret("instance", 8)

    @property
    def metrics_token(self) -> str:
        """By which the hub's numbers are read."""
        return self._secret("metrics-token", 32)

    @property
    def gateway_token(self) -> str:
        """By which the hub knows the gateway."""
        return self._secret("gateway-token", 32)

    @property
    def gateway_proxy_token(self) -> str:
        """By which the gateway knows its proxy."""
        return self._secret("gateway-proxy-token", 32)

    @property
    def gateway_database_key(self) -> str:
        """Key of what is secret in the gateway's database, 32 bytes in base 64."""
        key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
        return kept_secret(self.state / "gateway-database-key", key)

    @property
    def proxy_password(self) -> str:
        """Password of the proxy's own API."""
        return self._secret("proxy-password", 24)

    @property
    def auth_state_key(self) -> str:
        """Key with which tokens of a provider are encrypted in the hub's database."""
        return self._secret("auth-state-key", 32)

    def _secret(self, name: str, size: int) -> str:
        return kept_secret(self.state / name, secrets.token_hex(size))


def kept_secret(path: Path, fresh: str) -> str:
    """Return the secret kept in `path`; the first caller writes `fresh` there.

    The file appears whole and with mode 0600, whoever calls at the same time.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        write_new(draft, fresh, 0o600)
        # the link fails where another process was first; its secret is taken
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text()


def settings_file() -> Path:
    """Return the TOML file of this installation."""
    named = os.environ.get("DAISY_SETTINGS")
    return Path(named) if named else default_home() / "state" / "settings.toml"


def default_home() -> Path:
    """Return the installation that this program belongs to: <home>/envs/hub-*."""
    return Path(sys.prefix).parent.parent


class SettingsInvalid(Exception):
    """The settings cannot be used; the text names file and entry."""


def load(**values: Any) -> Settings:
    """Read the settings of this installation.

    Raises
    ------
    SettingsInvalid
        There is no settings file, or an entry of it is wrong.
    """
    if not settings_file().exists():
        raise SettingsInvalid(f"{settings_file()} is missing. Run make up first.")
    try:
        return Settings(**values)
    except ValidationError as error:
        entries = (
            f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()
        )
        raise SettingsInvalid(f"{settings_file()}: {'; '.join(entries)}") from error
