"""Where hub and gateway keep what they know: files of their own, or PostgreSQL.

A file is right for one machine. A server of databases is for facilities that have one,
with its own backups and replicas.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

if TYPE_CHECKING:
    from daisy_hub.settings import Settings

Owner = Literal["hub", "gateway"]
OWNERS: tuple[Owner, ...] = ("hub", "gateway")
FILES = {"hub": "jupyterhub.sqlite", "gateway": "gateway.sqlite"}
DRIVER = "postgresql+psycopg://"
SECONDS = 5


class DatabaseOptions(BaseModel):
    """What an operator may set below `[database]`: two databases of PostgreSQL."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    hub: str = Field(description="postgresql://user@host:port/database, no password")
    gateway: str = Field(description="another database, of the same kind")
    password_file: Path | None = Field(
        default=None, description="a file that only the hub can read"
    )

    @field_validator("hub", "gateway")
    @classmethod
    def _is_postgresql(cls, value: str) -> str:
        scheme, _, rest = value.partition("://")
        if scheme != "postgresql" or not rest:
            raise ValueError("must be like postgresql://user@host:5432/database")
        if ":" in rest.partition("@")[0] and "@" in rest:
            raise ValueError("has a password in it: name a password_file instead")
        return value

    def url(self, owner: Owner) -> str:
        """Return the address for SQLAlchemy, with the password."""
        from sqlalchemy.engine import make_url

        url = make_url(DRIVER + getattr(self, owner).partition("://")[2])
        if self.password_file is not None:
            url = url.set(password=self.password_file.read_text().strip())
        return url.render_as_string(hide_password=False)


def database_url(settings: "Settings", owner: Owner) -> str:
    """Return where a part keeps what it knows, for SQLAlchemy."""
    if settings.database is None:
        return f"sqlite:///{settings.state / FILES[owner]}"
    return settings.database.url(owner)


def database_problems(settings: "Settings") -> Iterator[str]:
    """Say which database cannot be used, and what to do."""
    options = settings.database
    if options is None:
        return
    file = options.password_file
    try:
        if file is not None and file.stat().st_mode & 0o077:
            yield f"{file} can be read by others. Run: chmod 600 {file}"
    except OSError as error:
        yield f"database.password_file: {file}: {error.strerror}."
        return
    for owner in OWNERS:
        if reason := _refusal(options.url(owner)):
            yield f"database.{owner}: {getattr(options, owner)}: {reason}"


def _refusal(url: str) -> str:
    """Say why one cannot write to a database; "" where one can."""
    from sqlalchemy import create_engine, text
    from sqlalchemy.exc import SQLAlchemyError

    engine = create_engine(url, connect_args={"connect_timeout": SECONDS})
    try:
        with engine.connect() as connection:
            allowed = connection.execute(
                text("SELECT has_schema_privilege(current_schema(), 'CREATE')")
            ).scalar()
    except SQLAlchemyError as error:
        return str(getattr(error, "orig", None) or error).strip()
    finally:
        engine.dispose()
    return "" if allowed else "its user may make no tables in it. Make it their own."
