"""Every route there is, asked by somebody who is nobody: none answers with content.

In the docker profile what listens on the loopback of the front is asked from there, as
nobody but the installation itself could; and every port of every container from the
host, as any account of the machine can.
"""

import asyncio
import json
import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import psutil
import pytest
import requests
from containers import DockerEngine
from daisy_hub.dashboards import service as dashboards
from daisy_hub.identity.local import LocalAccounts
from daisy_hub.watching import service as watching
from daisy_lab.handlers import ROUTES
from dask_gateway_server.routes import default_routes
from hub.matrix.networks import inside_the_network_of
from installations import Installation
from jupyterhub.app import JupyterHub

pytestmark = [pytest.mark.service, pytest.mark.timeout(300)]

METHODS = "GET", "POST"
# statuses that hold nothing of what was asked for
EMPTY = 204, 400, 401, 403, 404, 405, 411, 415
MOVED = 301, 302, 303, 307, 308
# in /proc/net/tcp
LISTENS = "0A"
# an answer may lead a browser to where it logs in, and to no other place
LOGINS = "/hub/login", "/hub/api/oauth2/authorize"
# what does answer, and why it may
OPEN = {
    r"/hub/login": "the page on which one logs in",
    r"/hub/logout": "says that one is logged out",
    r"/hub/health": "whether the hub is up: no word more",
    r"/hub/logo": "picture on the page of the login",
    r"/hub/static/.*": "style and scripts of the page of the login",
    r"/hub/robots.txt": "for search engines",
    r"/hub/api/health": "whether the hub is up: no word more",
    r"/hub/api/?": "the hub's version, for its services",
    r"/hub/api/authorizations/token/anna": "a way of old that fails for everybody",
    r"(/services/dask-gateway)?/api/health": "whether the gateway is up",
    r"(/services/dask-gateway)?/api/version": "the gateway's version, for its clients",
    r"/user/anna/api/?": "the version of the server's program, for its clients",
    r"/user/anna/static/.*": "pictures and scripts of the program, the same for all",
}


@dataclass(frozen=True)
class Route:
    """An address that somebody serves."""

    server: str
    path: str


def path_of(pattern: str) -> str:
    """Fill a handler's pattern: anna where it takes anything."""
    path = re.sub(r"\(\?![^)]*\)", "", pattern).removesuffix("$").removesuffix("/?")
    path = path.replace("[^/]+/[^/]+", "anna/anna").replace("(anna/anna)", "anna/anna")
    inner = re.compile(r"\([^()]*\)\??")
    while inner.search(path):
        path = inner.sub("anna", path)
    path = path.replace(".*", "anna").replace("?", "").replace("\\", "")
    return f"/{path.removeprefix('/')}"


@dataclass(frozen=True)
class Doors:
    """Where each server listens, and from where it can be asked.

    Attributes
    ----------
    place
        Addresses: through the proxy (`public`), and each server's own port.
    inside
        Asks from where the own ports are; `public` is asked from the machine.
    """

    place: dict[str, str]
    inside: Callable[..., requests.Response] = field(default=requests.request)

    def ask(self, server: str, method: str, url: str, **options) -> requests.Response:
        """Send a request that carries nothing by which anybody is known."""
        request = requests.request if server == "public" else self.inside
        return request(method, url, timeout=30, **options)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("demo_installation", id="local"),
        pytest.param("docker_installation", id="docker", marks=pytest.mark.container),
    ],
)
def doors(request: pytest.FixtureRequest, log_in) -> Iterator[Doors]:
    """The servers of an installation of either profile, that of anna's among them."""
    installation: Installation = request.getfixturevalue(request.param)
    log_in(installation, "anna")
    place = places_of(installation)
    if installation.in_containers:
        with inside_the_network_of(installation.part("front")) as call:
            yield Doors(place, lambda *w, **o: call(requests.request, *w, **o))
    else:
        yield Doors(place)


def places_of(installation: Installation) -> dict[str, str]:
    """Name where each server listens: through the proxy, and its own port."""
    ports = installation.ports
    own = {
        "hub": ports[1], "proxy": ports[2], "gateway": ports[3],
        "gateway-proxy": ports[4], "watching": ports[6], "dashboards": ports[7],
    }  # fmt: skip
    return {
        "public": installation.address.rstrip("/"),
        **{name: f"http://127.0.0.1:{port}" for name, port in own.items()},
    }


def hub_routes() -> Iterator[Route]:
    for pattern, *_ in asyncio.run(hub_handlers()):
        for server in ("public", "hub"):
            yield Route(server, path_of(pattern))


async def hub_handlers() -> list[tuple]:
    """List the hub's handlers, in a loop as the hub has one."""
    app = JupyterHub()
    app.authenticator = LocalAccounts()
    app.init_handlers()
    return app.handlers


def service_routes() -> Iterator[Route]:
    for name, application in (
        ("watching", watching.application(None, None, "/services/daisy-watching/")),
        ("dashboards", dashboards_application()),
    ):
        for rule in application.wildcard_router.rules:
            for server in ("public", name):
                yield Route(server, path_of(rule.matcher.regex.pattern))
        yield Route(name, "/")


def dashboards_application():
    class Places:
        dashboards = None

    return dashboards.application(Places(), None, "/services/daisy-dashboards/")


def gateway_routes() -> Iterator[Route]:
    for route in default_routes:
        path = re.sub(r"\{.*?\}", "anna", route.path)
        yield Route("gateway", path)
        for server in ("public", "gateway-proxy"):
            yield Route(server, f"/services/dask-gateway{path}")
            yield Route(server, f"/services/dask-gateway/clusters/anna{path}")
            yield Route(server, path)


def proxy_routes() -> Iterator[Route]:
    for path in (
        "", "/", "/ping", "/metrics", "/dashboard/", "/debug/vars", "/debug/pprof/",
        "/api/rawdata", "/api/version", "/api/overview", "/api/entrypoints",
        "/api/http/routers", "/api/http/services", "/api/http/middlewares",
    ):  # fmt: skip
        yield Route("proxy", path)
        yield Route("public", path)
        yield Route("gateway-proxy", path)


def server_routes() -> Iterator[Route]:
    """The routes of a user's server, ours and Jupyter's."""
    theirs = (
        "", "lab", "tree", "files/x", "view/x", "terminals/websocket/1", "metrics",
        "static/favicons/favicon.ico", "lab/api/settings", "lab/api/workspaces",
        "lab/api/themes/x", "lab/extensions/@daisy/lab/x", "lsp/status", "nbconvert/x",
        "oauth_callback", "custom/custom.css", "login", "logout", "kernelspecs/x",
        *(f"api/{n}" for n in ("", "contents", "kernels", "sessions", "terminals",
          "status", "me", "kernelspecs", "config/x", "events", "spec.yaml", "shutdown",
          "nbconvert", "security/csp-report", "kernels/x/channels", "events/subscribe",
          "contents/x/checkpoints")),
    )  # fmt: skip
    for path in (*theirs, *(f"daisy/{name}" for name in ROUTES)):
        yield Route("public", f"/user/anna/{path}")


SOURCES = hub_routes, service_routes, gateway_routes, proxy_routes, server_routes


@pytest.mark.parametrize("source", SOURCES, ids=lambda s: s.__name__)
def test_no_route_answers_who_is_not_logged_in(doors, source):
    routes = sorted(set(source()), key=lambda r: (r.server, r.path))

    told = [
        f"{method} {route.server} {route.path}: {what}"
        for route in routes
        for method in METHODS
        if (what := content_of(doors, route, method))
    ]

    assert len(routes) > 3
    assert not told, "\n".join(["", *told])


def content_of(doors: Doors, route: Route, method: str) -> str:
    """Return what an anonymous request is told beyond what is open; '' if nothing."""
    if any(re.fullmatch(pattern, route.path) for pattern in OPEN):
        return ""
    url = doors.place[route.server] + route.path
    answer = doors.ask(route.server, method, url, allow_redirects=False)
    if answer.status_code in EMPTY:
        return ""
    if answer.status_code in MOVED:
        return leads(doors, route.server, answer)
    return f"{answer.status_code} {answer.text[:80]!r}"


def leads(doors: Doors, server: str, answer: requests.Response) -> str:
    """Follow a redirect; it has to end at a login."""
    start = answer.headers["Location"]
    url = requests.compat.urljoin(answer.url, start)
    url = url.replace(doors.place["hub"], doors.place["public"])
    end = doors.ask(server, "GET", url)
    path = requests.compat.urlparse(end.url).path
    if path in LOGINS or end.status_code in EMPTY:
        return ""
    return f"leads to {end.url} ({end.status_code})"


def test_a_route_with_content_would_be_seen(doors):
    """The probe finds what is open where the list of what is open does not hide it."""
    answer = doors.ask("public", "GET", f"{doors.place['public']}/hub/login")

    assert answer.status_code not in EMPTY
    assert "password" in answer.text


def test_the_servers_of_the_installation_listen_where_they_are_asked(doors):
    for name, url in doors.place.items():
        status = doors.ask(name, "GET", f"{url}/", allow_redirects=False).status_code
        assert status < 500, name


@pytest.fixture
def cluster(docker_installation, log_in) -> Iterator[None]:
    """Give anna a cluster, so that there are containers of every kind."""
    anna = log_in(docker_installation, "anna")
    kernel = anna.start_kernel()
    said = anna.run(
        "from dask_gateway import Gateway\n"
        "gateway = Gateway(); cluster = gateway.new_cluster(shutdown_on_close=False)\n"
        "cluster.scale(1); client = cluster.get_client(); client.wait_for_workers(1)",
        kernel,
    )
    assert said == "", said
    yield
    anna.run("gateway.stop_cluster(cluster.name)", kernel)


def test_the_host_reaches_no_port_of_a_container_but_those_of_the_proxies(
    docker_installation, docker_engine, cluster
):
    ports = docker_installation.ports
    tried = list(listening(docker_engine, docker_installation))

    reached = {
        (part, port): said
        for part, address, port in tried
        if (said := told_by(address, port)) is not None
    }

    assert {part for part, _, _ in tried} >= {"front", "server", "scheduler", "worker"}
    assert {port for part, _, port in tried if part == "front"} >= {*ports}
    assert set(reached) == {("front", ports[0]), ("front", ports[5])}
    # the one leads to the login, the other speaks to who has a cluster's certificate
    assert reached["front", ports[0]] == "302 /hub/"
    assert reached["front", ports[5]] == ""


def listening(
    engine: DockerEngine, installation: Installation
) -> Iterator[tuple[str, str, int]]:
    """List part, address and port of all that listens in an installation's networks."""
    instance = (installation.home / "state" / "instance").read_text()
    wanted = f"label=org.daisy.instance={instance}"
    for row in json.loads(
        engine.run("inspect", *engine.run("ps", "-q", "--filter", wanted).split())
    ):
        part = row["Config"]["Labels"]["org.daisy.part"]
        for port in listening_ports(row["State"]["Pid"]):
            for network in row["NetworkSettings"]["Networks"].values():
                if network["IPAddress"]:
                    yield part, network["IPAddress"], port


def listening_ports(pid: int) -> set[int]:
    """Read on which ports somebody listens in the network of a process."""
    rows = [
        line.split()
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]
    ]
    return {int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == LISTENS}


def is_on_a_network_of_the_host(address: str) -> bool:
    """Whether the host reaches an address itself, not by whatever leads out of it."""
    own = [a for rows in psutil.net_if_addrs().values() for a in rows]
    return any(
        IPv4Address(address) in IPv4Network(f"{a.address}/{a.netmask}", strict=False)
        for a in own
        if a.family == socket.AF_INET and a.netmask
    )


def told_by(address: str, port: int) -> str | None:
    """Say what a port answers; None where it cannot be reached, "" for no HTTP."""
    if not is_on_a_network_of_the_host(address):
        return None
    session = requests.Session()
    session.trust_env = False  # no proxy of the machine answers instead
    try:
        answer = session.get(
            f"http://{address}:{port}/", timeout=3, allow_redirects=False
        )
    except requests.exceptions.ConnectTimeout:
        return None
    except requests.exceptions.ReadTimeout:
        return ""
    except requests.exceptions.ConnectionError as error:
        return None if "establish" in str(error) else ""
    return f"{answer.status_code} {answer.headers.get('Location', answer.text[:80])}"
