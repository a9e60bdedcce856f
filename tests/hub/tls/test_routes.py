"""Routes that an earlier hub has written get the entry points of today."""

import asyncio

import pytest
from daisy_hub.routes import DaisyProxy
from jupyterhub_traefik_proxy.traefik_utils import TraefikConfigFileHandler

ROUTE = ("/user/anna/", "http://127.0.0.1:1234", {"user": "anna"})


@pytest.fixture
def proxy(tmp_path):
    """Make the proxy of a hub: proxy("https"); nobody listens behind it."""

    def make(*entry_points: str) -> DaisyProxy:
        file = tmp_path / "routes.toml"
        file.touch()
        made = DaisyProxy(
            should_start=True,  # or it would look for a running traefik at once
            dynamic_config_file=str(file),
            traefik_entrypoint="http",
            traefik_api_password="secret",
            entry_points=list(entry_points),
        )
        if "https" in entry_points:
            made.extra_dynamic_config = {"tls": {"options": {}}}
        return made

    return make


def written(proxy: DaisyProxy) -> dict:
    asyncio.run(proxy._setup_traefik_dynamic_config())
    return TraefikConfigFileHandler(proxy.dynamic_config_file).load()


def route(proxy: DaisyProxy) -> None:
    asyncio.run(proxy._apply_dynamic_config(*proxy._dynamic_config_for_route(*ROUTE)))


def entry_points(content: dict) -> dict[str, list[str]]:
    return {n: r["entryPoints"] for n, r in content["http"]["routers"].items()}


def test_https_that_is_set_later_holds_for_routes_that_are_there(proxy):
    before = proxy()
    route(before)
    content = written(before)
    assert sorted(map(tuple, entry_points(content).values())) == [
        ("auth_api",),
        ("http",),
    ]

    content = written(proxy("https"))

    found = entry_points(content)
    assert found.pop("route_api") == ["auth_api"]
    assert list(found.values()) == [["http", "https"]]
    routers = content["http"]["routers"].values()
    assert [r["middlewares"] for r in routers] == [["auth_api"], ["server-away"]]
    assert "tls" in content


def test_https_that_is_set_no_more_leaves_no_route_to_it(proxy):
    before = proxy("https")
    route(before)
    written(before)

    content = written(proxy())

    assert ["https"] not in entry_points(content).values()
    assert ["http"] in entry_points(content).values()
    assert "tls" not in content
