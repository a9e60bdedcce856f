"""Every route there is, asked by somebody who is nobody: none answers with content."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests
from daisy_hub.dashboards import service as dashboards
from daisy_hub.identity.local import LocalAccounts
from daisy_hub.watching import service as watching
from daisy_lab.handlers import ROUTES
from dask_gateway_server.routes import default_routes
from jupyterhub.app import JupyterHub

pytestmark = [pytest.mark.service, pytest.mark.timeout(300)]

METHODS = "GET", "POST"
# statuses that hold nothing of what was asked for
EMPTY = 204, 400, 401, 403, 404, 405, 411, 415
MOVED = 301, 302, 303, 307, 308
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


@pytest.fixture(scope="module")
def places(demo_installation, log_in) -> dict[str, str]:
    """Where each server listens: through the proxy, and its own port."""
    log_in(demo_installation, "anna")
    ports = demo_installation.ports
    own = {
        "hub": ports[1], "proxy": ports[2], "gateway": ports[3],
        "gateway-proxy": ports[4], "watching": ports[6], "dashboards": ports[7],
    }  # fmt: skip
    return {
        "public": demo_installation.address.rstrip("/"),
        **{name: f"http://127.0.0.1:{port}" for name, port in own.items()},
    }


def hub_routes() -> Iterator[Route]:
    app = JupyterHub()
    app.authenticator = LocalAccounts()
    app.init_handlers()
    for pattern, *_ in app.handlers:
        for server in ("public", "hub"):
            yield Route(server, path_of(pattern))


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
def test_no_route_answers_who_is_not_logged_in(places, source):
    routes = sorted(set(source()), key=lambda r: (r.server, r.path))

    told = [
        f"{method} {route.server} {route.path}: {what}"
        for route in routes
        for method in METHODS
        if (what := content_of(places, route, method))
    ]

    assert len(routes) > 3
    assert not told, "\n".join(["", *told])


def content_of(places: dict[str, str], route: Route, method: str) -> str:
    """Return what an anonymous request is told beyond what is open; '' if nothing."""
    if any(re.fullmatch(pattern, route.path) for pattern in OPEN):
        return ""
    answer = requests.request(
        method, places[route.server] + route.path, timeout=30, allow_redirects=False
    )
    if answer.status_code in EMPTY:
        return ""
    if answer.status_code in MOVED:
        return leads(places, answer)
    return f"{answer.status_code} {answer.text[:80]!r}"


def leads(places: dict[str, str], answer: requests.Response) -> str:
    """Follow a redirect; it has to end at a login."""
    start = answer.headers["Location"]
    url = requests.compat.urljoin(answer.url, start)
    url = url.replace(places["hub"], places["public"])
    end = requests.get(url, timeout=30)
    path = requests.compat.urlparse(end.url).path
    if path in LOGINS or end.status_code in EMPTY:
        return ""
    return f"leads to {end.url} ({end.status_code})"


def test_a_route_with_content_would_be_seen(places):
    """The probe finds what is open where the list of what is open does not hide it."""
    answer = requests.get(f"{places['public']}/hub/login", timeout=20)

    assert answer.status_code not in EMPTY
    assert "password" in answer.text


def test_the_servers_of_the_installation_listen_where_they_are_asked(places):
    for name, url in places.items():
        status = requests.get(url + "/", timeout=20, allow_redirects=False).status_code
        assert status < 500, name
