"""What an operator may set below `[tls]`."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

HTTPS = 443


class TlsOptions(BaseModel):
    """Where the hub is reached by HTTPS, and with which certificate."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(
        pattern=r"^[A-Za-z0-9.-]+$", description="name of the host in people's browsers"
    )
    certificate: Path = Field(
        description="certificates as PEM, the host's own first, then those between"
    )
    key: Path = Field(description="its private key as PEM, mode 0600")
    address: str = Field(
        default="0.0.0.0", description="address of this machine to listen on"
    )
    port: int = Field(default=HTTPS, ge=1, le=65535, description="port of HTTPS")
    plain_port: int | None = Field(
        default=None, ge=1, le=65535, description="a port that leads to HTTPS, as 80"
    )

    @property
    def url(self) -> str:
        """Address that people type."""
        port = "" if self.port == HTTPS else f":{self.port}"
        return f"https://{self.name}{port}"
