"""What a caller may ask: these verbs with these entries, and nothing else.

One JSON object in one line. An unknown verb, an entry too many, a name that no
account could have: each is refused before anything is looked up.
"""

import re
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
)

from daisy_hub.accounts import NAME
from daisy_hub.gateway.software import INNER_FOLDER

# of one request, its newline included
MAX_BYTES = 64 * 1024
MAX_LOG_LINES = 200
# what the hub tells a server; nothing by which a program loads other code
VARIABLE = re.compile(
    r"(JUPYTERHUB|DASK_GATEWAY|DASK_DISTRIBUTED__COMM|DAISY)_[A-Z0-9_]{1,60}"
)
OTHER_VARIABLES = {"JPY_API_TOKEN", "MEM_LIMIT", "MEM_GUARANTEE"}


class Refused(Exception):
    """A request that the launcher does not carry out; the text says why."""


def _account(name: str) -> str:
    if not NAME.fullmatch(name):
        raise ValueError("no account has such a name")
    return name


def _environment(variables: dict[str, str]) -> dict[str, str]:
    for name, value in variables.items():
        if not VARIABLE.fullmatch(name) and name not in OTHER_VARIABLES:
            raise ValueError(f"the variable {name[:80]!r} is not the caller's to set")
        if "\0" in value:
            raise ValueError(f"the value of {name} is no text")
    return variables


def _software(folder: str) -> str:
    if folder and not re.fullmatch(INNER_FOLDER, folder):
        raise ValueError("this is no folder of a named environment")
    return folder


Account = Annotated[str, AfterValidator(_account)]
Environment = Annotated[dict[str, str], AfterValidator(_environment)]
# as the gateway names clusters and workers
Software = Annotated[str, AfterValidator(_software)]
# by its name: which image that is only the installation says
Generation = Annotated[str, Field(max_length=60)]
Job = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Start(_Request):
    """Start an account's server."""

    verb: Literal["start"]
    account: Account
    environment: Environment
    # by its name: what it may take is in the settings, and who may choose it too
    profile: str | None = Field(None, max_length=30)
    rescue: bool = False


class Stop(_Request):
    """End an account's server."""

    verb: Literal["stop"]
    account: Account


class Poll(_Request):
    """Say how an account's server is."""

    verb: Literal["poll"]
    account: Account


class Logs(_Request):
    """Give the last lines of an account's server."""

    verb: Literal["logs"]
    account: Account
    lines: int = Field(20, ge=1, le=MAX_LOG_LINES)


class Look(_Request):
    """Look with an account's own eyes, in a container that ends at once."""

    verb: Literal["look"]
    account: Account


class Containers(_Request):
    """List the installation's containers."""

    verb: Literal["list"]


class StartScheduler(_Request):
    """Start the scheduler of an account's new cluster."""

    verb: Literal["start-scheduler"]
    account: Account
    cluster: Job
    software: Software = ""
    generation: Generation = ""
    environment: Environment


class StartWorker(_Request):
    """Start one more worker of a cluster."""

    verb: Literal["start-worker"]
    account: Account
    cluster: Job
    worker: Job
    software: Software = ""
    generation: Generation = ""
    environment: Environment


class StopScheduler(_Request):
    """End the scheduler of a cluster."""

    verb: Literal["stop-scheduler"]
    account: Account
    cluster: Job


class StopWorker(_Request):
    """End a worker."""

    verb: Literal["stop-worker"]
    account: Account
    worker: Job


Request = (
    Start
    | Stop
    | Poll
    | Logs
    | Look
    | Containers
    | StartScheduler
    | StartWorker
    | StopScheduler
    | StopWorker
)
_requests: TypeAdapter[Request] = TypeAdapter(
    Annotated[Request, Field(discriminator="verb")]
)


def parse(line: bytes) -> Request:
    """Return the request of a line.

    Raises
    ------
    Refused
        It is none of ours.
    """
    try:
        return _requests.validate_json(line)
    except ValidationError as error:
        # without the input: it may hold a token
        found = error.errors(include_input=False, include_url=False)
        entries = (f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in found)
        raise Refused("; ".join(entries)) from error
