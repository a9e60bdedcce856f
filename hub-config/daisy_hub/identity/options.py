"""`[oidc]` of the settings: which provider, and whom of its people the hub admits."""

from pathlib import Path
from urllib.parse import urlparse

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from daisy_hub.identity.roles import RoleUnknown, checked

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


class OidcOptions(BaseModel):
    """What an operator may set about an OpenID Connect provider."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: str = Field(description="address whose discovery document is asked for")
    provider_name: str = Field("your facility's account", description="on the button")
    client_id: str = Field(min_length=1)
    client_secret_file: Path = Field(description="a file that only the hub can read")
    callback_url: str = Field(
        "",
        description="<the hub's address>/hub/oauth_callback; '': as browsers see it",
    )
    scopes: tuple[str, ...] = Field(
        ("openid", "profile"),
        description="also what the provider wants for groups and a refresh token",
    )
    username_claim: str = "preferred_username"
    groups_claim: str = "groups"
    roles_claim: str = Field("", description="claim that names roles of this hub")
    uid_claim: str = Field("", description="claim with the account's real uid")
    allowed_groups: tuple[str, ...] = ()
    roles: dict[str, str] = Field({}, description="group -> role; the group is allowed")
    refresh_seconds: int = Field(
        60, ge=1, le=3600, description="groups are asked for again after this time"
    )
    unconfirmed_hours: float = Field(
        24,
        gt=0,
        description="servers go on so long when a session at the provider has ended",
    )

    def client_secret(self) -> str:
        """Read the secret, without the end of its line."""
        return self.client_secret_file.read_text().strip()

    @field_validator("issuer", "callback_url")
    @classmethod
    def _no_eavesdropper(cls, value: str) -> str:
        return safe_address(value) if value else value

    @field_validator("scopes")
    @classmethod
    def _openid_connect(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if "openid" not in value:
            raise ValueError("scopes must name openid, or it is no OpenID Connect")
        return value

    @field_validator("roles")
    @classmethod
    def _known_roles(cls, value: dict[str, str]) -> dict[str, str]:
        try:
            return {group: checked(role) for group, role in value.items()}
        except RoleUnknown as error:
            raise ValueError(str(error)) from error

    @model_validator(mode="after")
    def _somebody_may_enter(self) -> "OidcOptions":
        if not (self.allowed_groups or self.roles or self.roles_claim):
            raise ValueError(
                "nobody could log in: name allowed_groups, or roles of groups"
            )
        return self


def safe_address(address: str) -> str:
    """Return an address on which nobody can listen in: https, or this machine.

    Raises
    ------
    ValueError
        Says what is wrong with it.
    """
    parts = urlparse(address)
    if parts.scheme == "https" and parts.hostname:
        return address
    if parts.scheme == "http" and parts.hostname in LOOPBACK:
        return address
    raise ValueError(
        f"{address!r} must begin with https:// (http only for a provider on this "
        "machine): passwords and tokens go over it"
    )
