"""Core hours of clusters: counted by month, told, and refused when they are used."""

import json
from datetime import date
from types import SimpleNamespace

import pytest
import requests
from daisy_hub.gateway import hours
from daisy_hub.gateway.bounded import BoundedBackend
from daisy_hub.gateway.hours import FILE, Ledger, next_month, this_month
from dask_gateway_server.backends.db_base import JobStatus
from hubs import PASSWORD, running


@pytest.fixture
def today(monkeypatch):
    """Choose the day: today(2026, 11, 30)."""

    def choose(*day: int) -> None:
        played = type("date", (date,), {"today": classmethod(lambda _: date(*day))})
        monkeypatch.setattr(hours, "date", played)

    return choose


def test_hours_of_accounts_add_up_within_a_month_and_begin_again_with_the_next(
    tmp_path, today
):
    ledger = Ledger(tmp_path / "hours.json")
    today(2026, 11, 30)
    assert ledger.used(["anna"]) == 0
    ledger.add({"anna": 1.5, "ben": 2})
    ledger.add({"anna": 0.5})

    assert ledger.used(["anna"]) == 2
    assert ledger.used(["anna", "ben", "cora"]) == 4
    today(2026, 12, 1)
    assert ledger.used(["anna", "ben"]) == 0
    assert ledger.used(["ben"], "2026-11") == 2


def test_only_the_last_two_years_are_kept(tmp_path, today):
    ledger = Ledger(tmp_path / "hours.json")
    for year in (2026, 2027, 2028):
        for month in range(1, 13):
            today(year, month, 1)
            ledger.add({"anna": 1})

    kept = json.loads((tmp_path / "hours.json").read_text())
    assert (min(kept), max(kept), len(kept)) == ("2027-01", "2028-12", 24)


@pytest.mark.parametrize(
    ("day", "following"),
    [((2026, 11, 29), date(2026, 12, 1)), ((2026, 12, 31), date(2027, 1, 1))],
)
def test_the_next_month_follows_also_at_the_end_of_a_year(today, day, following):
    today(*day)
    assert next_month() == following


def test_only_workers_that_run_are_counted_with_all_their_cores(settings):
    def cluster(name: str, cores: float, *states: JobStatus) -> SimpleNamespace:
        workers = {str(i): SimpleNamespace(status=s) for i, s in enumerate(states)}
        config = SimpleNamespace(worker_cores=cores)
        return SimpleNamespace(username=name, config=config, workers=workers)

    up, coming, gone = JobStatus.RUNNING, JobStatus.SUBMITTED, JobStatus.STOPPED
    clusters = [
        cluster("anna", 2, up, up, coming),
        cluster("anna", 1, up, gone),
        cluster("ben", 8, coming),
    ]
    backend = BoundedBackend.__new__(BoundedBackend)
    backend.db = SimpleNamespace(active_clusters=lambda: clusters)

    backend._count(0.1)

    ledger = Ledger(settings.state / FILE)
    assert ledger.used(["anna"]) == pytest.approx(0.5)
    assert ledger.used(["ben"]) == 0


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    lines = "[cluster_limits.each]", "hours = 10.0", "clusters = 2"
    with running(tmp_path_factory.mktemp("hub"), *lines) as started:
        for name in ("anna", "ben"):
            started.add(name)
        yield started


@pytest.fixture
def gateway(hub, new_person):
    """Ask the gateway as somebody: gateway("anna", "usage")."""

    def ask(name: str, path: str, body: object = None) -> requests.Response:
        person = new_person(hub.address, name, PASSWORD)
        made = person.session.post(
            f"{hub.address}/hub/api/users/{name}/tokens",
            headers={"X-XSRFToken": person._xsrf("/hub/")},
            json={"expires_in": 300},
            timeout=30,
        )
        return requests.request(
            "GET" if body is None else "POST",
            f"{hub.address}/services/dask-gateway/api/v1/{path}",
            headers={"Authorization": f"jupyterhub {made.json()['token']}"},
            json=body,
            timeout=30,
        )

    return ask


@pytest.mark.service
@pytest.mark.slow
def test_who_has_used_a_month_is_told_so_and_starts_nothing_more(hub, gateway):
    used = {this_month(): {"anna": 10.25}}
    (hub.home / "state" / FILE).write_text(json.dumps(used))

    told = gateway("anna", "usage").json()
    assert told == {
        "month": this_month(),
        "hours": [{"who": "You", "hours": 10.25, "most": 10.0}],
    }
    refused = gateway("anna", "clusters/", {"cluster_options": {}})
    assert refused.status_code >= 400
    said = refused.json()["error"]
    assert "10 core hours of clusters in a month, and 10.2 are used" in said
    assert f"new ones start from {next_month()} on" in said
    assert gateway("ben", "usage").json()["hours"][0]["hours"] == 0


@pytest.mark.service
@pytest.mark.slow
def test_usage_is_nobodys_without_a_token(hub):
    answer = requests.get(
        f"{hub.address}/services/dask-gateway/api/v1/usage", timeout=30
    )
    assert answer.status_code == 401
