"""The pages of a cluster: for its owner, for support, for nobody else."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
import websocket
from daisy_hub.dashboards.places import Dashboard, Dashboards
from kernels import Notebook

service = [pytest.mark.service, pytest.mark.timeout(300)]
NAME = "0" * 32


@dataclass
class Cluster:
    """A cluster of anna's on the demo installation."""

    address: str
    link: str
    token: str
    port: int
    notebook: Notebook

    @property
    def url(self) -> str:
        return self.address + self.link


@pytest.fixture(scope="module")
def cluster(demo_installation, log_in) -> Iterator[Cluster]:
    notebook = Notebook(demo_installation, log_in(demo_installation, "anna"))
    notebook.stop_clusters()
    link = notebook.run("c = Gateway().new_cluster(); print(c.dashboard_link)")
    port = notebook.run("print(c.scheduler_info['services']['dashboard'])")
    token = notebook.run("print(os.environ['JUPYTERHUB_API_TOKEN'])")
    address = demo_installation.address
    yield Cluster(address, link.split()[-1], token, int(port.split()[-1]), notebook)
    notebook.run("c.shutdown()")
    notebook.stop_clusters()


def get(url: str, session: requests.Session | None = None, **more) -> requests.Response:
    return (session or requests).get(url, timeout=20, **more)


class TestServed:
    pytestmark = service

    def test_the_owner_sees_the_page_and_what_it_needs(self, cluster, log_in):
        anna = cluster.notebook.anna

        page = get(cluster.url, anna.session)
        script = get(
            cluster.url.replace("/status", "/static/js/bokeh.min.js"), anna.session
        )

        assert page.status_code == 200
        assert "bokeh" in page.text
        assert script.status_code == 200
        assert len(script.content) > 100_000

    def test_the_top_leads_to_the_first_page(self, cluster):
        top = cluster.url.removesuffix("/status")

        page = get(top, cluster.notebook.anna.session)

        assert page.url == cluster.url
        assert page.status_code == 200

    def test_somebody_else_is_told_the_same_as_for_no_cluster(
        self, cluster, demo_installation, log_in
    ):
        ben = log_in(demo_installation, "ben").session
        name = cluster.link.split("/")[-2]

        refused = get(cluster.url, ben)
        none = get(cluster.url.replace(name, "f" * 32), ben)

        assert refused.status_code == none.status_code == 404
        assert refused.text == none.text
        assert "bokeh" not in refused.text

    def test_who_is_not_logged_in_is_sent_to_the_login(self, cluster):
        answer = get(cluster.url)

        assert "/hub/login" in answer.url
        assert "bokeh" not in answer.text

    def test_support_sees_it(self, cluster, demo_installation, log_in):
        ben = log_in(demo_installation, "ben").session
        file = demo_installation.home / "state" / "accounts.json"
        before = file.read_text()
        content = json.loads(before)
        content["accounts"]["ben"]["roles"] = ["support"]
        file.write_text(json.dumps(content))
        try:
            assert get(cluster.url, ben).status_code == 200
        finally:
            file.write_text(before)
        assert get(cluster.url, ben).status_code == 404

    @pytest.mark.parametrize("page", ["status", "info/main/workers.html", "", "health"])
    def test_the_schedulers_own_port_refuses_everybody(self, cluster, page):
        url = f"http://127.0.0.1:{cluster.port}/{page}"

        for headers in ({}, {"X-Daisy-Dashboard": "x"}, {"X-Daisy-Dashboard": ""}):
            assert get(url, headers=headers).status_code == 403

    def test_the_gateway_itself_shows_no_page_to_anybody(self, cluster):
        name = cluster.link.split("/")[-2]
        url = f"{cluster.address}/services/dask-gateway/clusters/{name}/status"

        for session in (requests.Session(), cluster.notebook.anna.session):
            assert "bokeh" not in get(url, session).text

    def test_a_websocket_of_somebody_else_is_refused(
        self, cluster, demo_installation, log_in
    ):
        ben = log_in(demo_installation, "ben").session
        get(cluster.url, ben)  # logged in to the service
        cookies = "; ".join(f"{c.name}={c.value}" for c in ben.cookies)
        url = cluster.url.replace("http", "ws", 1) + "/ws"

        with pytest.raises(websocket.WebSocketBadStatusException, match="404"):
            websocket.create_connection(url, cookie=cookies, timeout=20)

    def test_a_page_of_a_cluster_that_has_ended_is_gone(self, cluster):
        notebook = cluster.notebook
        link = notebook.run("d = Gateway().new_cluster(); print(d.dashboard_link)")
        url = cluster.address + link.split()[-1]
        assert get(url, notebook.anna.session).status_code == 200

        notebook.run("d.shutdown(); pause(2)")

        assert get(url, notebook.anna.session).status_code == 404


def test_what_was_put_down_is_found_until_it_is_forgotten(tmp_path: Path):
    places = Dashboards(tmp_path / "dashboards")
    page = Dashboard("anna", "http://127.0.0.1:1", "secret")

    assert places.find(NAME) is None
    places.put(NAME, page)
    assert places.find(NAME) == page
    assert (tmp_path / "dashboards" / NAME).stat().st_mode & 0o777 == 0o600
    places.forget(NAME)
    places.forget(NAME)
    assert places.find(NAME) is None


@pytest.mark.parametrize("name", ["", "..", "../accounts.json", "x" * 32, "0" * 33])
def test_a_name_that_is_none_leads_nowhere(tmp_path: Path, name: str):
    (tmp_path / "accounts.json").write_text("{}")

    assert Dashboards(tmp_path / "dashboards").find(name) is None
