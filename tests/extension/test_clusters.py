"""The route of clusters: what the gateway says, in the form of pages."""

import json

import pytest
from playedgateway import played
from tornado.httpclient import HTTPClientError

TOKEN = "a-token"


@pytest.fixture
def gateway(monkeypatch):
    with played(TOKEN) as gateway:
        monkeypatch.setenv("DASK_GATEWAY__ADDRESS", gateway.url)
        monkeypatch.setenv("DASK_GATEWAY__PUBLIC_ADDRESS", "/services/pages")
        monkeypatch.setenv("JUPYTERHUB_API_TOKEN", TOKEN)
        yield gateway


async def wish(jp_fetch, **body):
    answer = await jp_fetch("daisy", "clusters", method="POST", body=json.dumps(body))
    return json.loads(answer.body)


async def test_clusters_are_listed_with_their_workers_and_pages(ask, gateway):
    found = await ask("clusters")

    (cluster,) = found["clusters"]
    assert found["available"]
    assert cluster == {
        "name": gateway.name,
        "state": "running",
        "workers": 1,
        "wanted": 1,
        "most": 2,
        "started": 1.79e9,
        "page": f"/services/pages/clusters/{gateway.name}/status",
    }


async def test_without_a_gateway_there_is_none(ask, monkeypatch):
    monkeypatch.delenv("DASK_GATEWAY__ADDRESS", raising=False)

    assert not (await ask("clusters"))["available"]


async def test_a_wish_answers_with_what_has_become_of_it(jp_fetch, gateway):
    (cluster,) = (await wish(jp_fetch, name=gateway.name, workers=2))["clusters"]

    assert (cluster["workers"], cluster["wanted"]) == (1, 2)


@pytest.mark.parametrize(
    "body",
    [
        {"name": "abc", "workers": -1},
        {"name": "abc", "workers": "2"},
        {"name": "abc", "workers": True},
        {"name": "abc"},
        {"name": "../../users", "workers": 1},
        {"name": "", "workers": 1},
    ],
)
async def test_what_is_no_wish_is_refused_before_the_gateway_is_asked(
    jp_fetch, gateway, body
):
    with pytest.raises(HTTPClientError) as refused:
        await wish(jp_fetch, **body)

    assert refused.value.code == 400
    assert gateway.asked == []


async def test_a_gateway_that_is_away_is_named(ask, monkeypatch, gateway):
    monkeypatch.setenv("DASK_GATEWAY__ADDRESS", "http://127.0.0.1:9")

    with pytest.raises(HTTPClientError) as refused:
        await ask("clusters")

    assert "does not answer" in refused.value.response.body.decode()


async def test_a_token_that_is_refused_is_named_in_the_gateways_words(
    ask, monkeypatch, gateway
):
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "other")

    with pytest.raises(HTTPClientError) as refused:
        await ask("clusters")

    assert "Authentication required" in refused.value.response.body.decode()
