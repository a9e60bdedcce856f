"""What is tried for each object and action: requests, and plans for kernels."""

import base64
import glob
from dataclasses import dataclass, field
from pathlib import Path

from daisy_hub.dashboards.places import Dashboards
from daisy_hub.dashboards.service import SECRET_HEADER
from daisy_hub.traefik import API_USER
from hub.matrix import outside
from hub.matrix.outside import Actor, Attempt
from hub.matrix.rules import ACTIONS

PROPOSAL = "B9/2026-9001"
OWNER = "owner"
PROGRAM = "program.sh"
SCHEDULER = {"read": "identity", "write": "set_metadata", "execute": "run_function"}
WORKER = {"read": "identity", "write": "update_data", "execute": "run"}


@dataclass
class Targets:
    """Where everything of the owner's is, as an attempt needs it."""

    address: str
    home: Path
    data: Path
    ports: dict[str, int]
    docker: bool
    kernel: str = ""
    terminal: str = ""
    cluster: str = ""
    scheduler: str = ""
    worker: str = ""
    pages: str = ""
    server: str = ""
    token_id: str = ""
    page_path: str = ""
    engine_sockets: list[str] = field(default_factory=list)

    @property
    def inner_host(self) -> str:
        """Name of the hub's machine as servers reach it."""
        return "hub" if self.docker else "127.0.0.1"


def request_of(name: str, action: str, at: Targets) -> Attempt | None:
    """Return the request for a cell; None where a websocket is what is tried."""
    server, api = f"/user/{OWNER}", f"/hub/api/users/{OWNER}"
    cluster = f"/services/dask-gateway/api/v1/clusters/{at.cluster}"
    pages = f"/services/daisy-dashboards/clusters/{at.cluster}"
    scans = f"{server}/daisy/scans?proposal={at.page_path}"
    watch = f"/services/daisy-watching/watches/{PROPOSAL}"
    copy = {"copy_from": "secret.txt"}
    text = {"type": "file", "format": "text", "content": "the owner's"}
    table = {
        "kernel": (
            Attempt(f"{server}/api/kernels", says=at.kernel),
            Attempt(f"{server}/api/kernels", "POST", {"name": "python3"}),
            None,
        ),
        "terminal": (
            Attempt(f"{server}/api/terminals", says=at.terminal),
            Attempt(f"{server}/api/terminals", "POST"),
            None,
        ),
        "extension routes": (
            Attempt(f"{server}/daisy/proposals", says=PROPOSAL.split("/")[1]),
            Attempt(f"{server}/daisy/visits", "POST"),
            Attempt(f"{server}/daisy/runs?proposal={at.page_path}", says="items"),
        ),
        "contents": (
            Attempt(f"{server}/api/contents/secret.txt?content=1", says="the owner's"),
            Attempt(f"{server}/api/contents/secret.txt", "PUT", text),
            Attempt(f"{server}/api/contents", "POST", copy),
        ),
        "catalogue": tuple(
            Attempt(scans, method, says="items")
            for method in ("GET", "PUT", "POST")
        ),
        "dashboard": (
            Attempt(f"{pages}/status", says="bokeh"),
            Attempt(f"{pages}/status", "POST"),
            None,
        ),
        "gateway REST": (
            Attempt(cluster, says=at.cluster),
            Attempt(f"{cluster}/scale", "POST", {"count": 1}),
            Attempt(
                f"{cluster}/adapt", "POST", {"minimum": 1, "active": False}
            ),
        ),
        "watching service": (
            Attempt("/services/daisy-watching/watches", says=PROPOSAL),
            Attempt(watch, "PUT"),
            Attempt(watch, "DELETE"),
        ),
        "hub API: user": (
            Attempt(api, says=OWNER),
            Attempt(api, "PATCH", {"admin": True}),
            Attempt(f"{api}/server", "POST"),
        ),
        "hub API: tokens": (
            Attempt(f"{api}/tokens", says="api_tokens"),
            Attempt(f"{api}/tokens", "POST", {}),
            Attempt(f"{api}/tokens/{at.token_id}", "DELETE"),
        ),
        "hub API: admin": (
            Attempt("/hub/api/users", says=f'"{OWNER}"'),
            Attempt("/hub/api/users/intruder", "POST"),
            Attempt("/hub/api/shutdown", "POST", {"proxy": False, "servers": False}),
        ),
        "hub API: proxy": (
            Attempt("/hub/api/proxy"),
            Attempt("/hub/api/proxy", "PATCH", {"port": 1}),
            Attempt("/hub/api/proxy", "POST"),
        ),
    }  # fmt: skip
    return table[name][ACTIONS.index(action)]


def requested(actor: Actor, name: str, action: str, at: Targets) -> str:
    """Try a cell of those that need no kernel."""
    if attempt := request_of(name, action, at):
        return outside.by_request(actor, at.address, attempt)
    server = f"/user/{OWNER}"
    path, message = {
        "kernel": (f"{server}/api/kernels/{at.kernel}/channels", outside.in_kernel()),
        "terminal": (
            f"{server}/terminals/websocket/{at.terminal}",
            outside.IN_TERMINAL,
        ),
        "dashboard": (
            f"/services/daisy-dashboards/clusters/{at.cluster}/eventstream",
            None,
        ),
    }[name]
    return outside.by_socket(actor, at.address, path, message)


def plan(at: Targets, token: str, certificate: str, key: str) -> list[list[object]]:
    """List what code inside has to try, for one actor."""
    rows: list[list[object]] = []
    for action in ACTIONS:
        rows += _of_files(action, at)
        rows += _of_ports(action, at, token, certificate, key)
    return rows


def of_sockets(at: Targets) -> list[list[object]]:
    """List the same for the sockets by which containers are started."""
    launcher = at.home / "state" / "launcher" / "socket"
    found = {"container socket": at.engine_sockets}
    if at.docker:
        found["launcher socket"] = [str(launcher), f"/proc/1/root{launcher}"]
    return [
        [name, action, "socket", [paths]]
        for name, paths in found.items()
        for action in ACTIONS
    ]


def with_secrets(at: Targets) -> list[list[object]]:
    """List what the hub's own secrets open, for who can read them."""
    state = at.home / "state"
    page = Dashboards(state / "dashboards").find(at.cluster)
    login = f"{API_USER}:{(state / 'proxy-password').read_text()}"
    basic = f"Basic {base64.b64encode(login.encode()).decode()}"
    proxy = f"http://127.0.0.1:{at.ports['proxy-api']}/api/rawdata"
    pages = {SECRET_HEADER: page.secret if page else ""}
    return [
        ["pages' own port", "read", "http", [f"{at.pages}/status", pages]],
        ["proxy API", "read", "http", [proxy, {"Authorization": basic}]],
    ]


def _of_files(action: str, at: Targets) -> list[list[object]]:
    proposal = at.data / PROPOSAL
    state = at.home / "state"
    secrets = [state / n for n in ("cookie-secret", "accounts.json", "instance")]
    homes = [str(at.home / "homes" / OWNER / "secret.txt"), f"/home/{OWNER}/secret.txt"]
    index = glob.glob(f"{proposal}/processed/.daisy/**/*", recursive=True)
    index = [p for p in index if Path(p).is_file() and not p.endswith(".sh")]
    # what came after the programs were put beside it is left out
    index = [p for p in index if Path(p).with_name(PROGRAM).exists()]
    places = {
        "raw data": _ways(proposal / "raw" / "scan.txt", proposal),
        "processed data": _ways(proposal / "processed" / "result.txt", proposal),
        "index and thumbnails": [
            way for path in index for way in _ways(Path(path), proposal)
        ],
        "files of another user": [*homes, f"/proc/1/root{homes[0]}"],
        "hub secrets": [w for p in secrets for w in (str(p), f"/proc/1/root{p}")],
    }
    programs = dict.fromkeys(places, PROGRAM) | {"hub secrets": ""}
    return [
        [name, action, "file", [paths, programs[name]]]
        for name, paths in places.items()
    ]


def _ways(path: Path, proposal: Path) -> list[str]:
    """Give the paths by which a file of a proposal may be reached, inside and out."""
    below = path.relative_to(proposal)
    inside = [f"~/data/{PROPOSAL}/{below}", f"/home/{OWNER}/data/{PROPOSAL}/{below}"]
    return [*inside, str(path), f"/proc/1/root{path}"]


def _of_ports(
    action: str, at: Targets, token: str, certificate: str, key: str
) -> list[list[object]]:
    proof = [certificate, key]
    gateway = f"gateway://{at.inner_host}:{at.ports['gateway-tcp']}/{at.cluster}"
    headers = {"Authorization": f"token {token}", "Content-Type": "application/json"}
    kernels = "kernels" if action == "execute" else "contents/from-beside.txt"
    server = "contents/secret.txt" if action == "read" else kernels
    proxy = f"http://{at.inner_host}:{at.ports['proxy-api']}/api/rawdata"
    return [
        ["scheduler port", action, "dask", [at.scheduler, *proof, SCHEDULER]],
        ["Dask worker", action, "dask", [at.worker, *proof, WORKER]],
        ["scheduler through the gateway", action, "dask", [gateway, *proof, SCHEDULER]],
        ["pages' own port", action, "http", [f"{at.pages}/status", {}]],
        [
            "another server's port",
            action,
            "http",
            [f"{at.server}/user/{OWNER}/api/{server}", headers],
        ],
        ["proxy API", action, "http", [proxy, headers]],
    ]
