"""The route that says whether new servers get other software than this one has."""

import pytest
from playedgateway import played

TOKEN = "a-token"


@pytest.fixture
def gateway(monkeypatch):
    with played(TOKEN) as gateway:
        monkeypatch.setenv("DASK_GATEWAY__ADDRESS", gateway.url)
        monkeypatch.setenv("JUPYTERHUB_API_TOKEN", TOKEN)
        yield gateway


@pytest.mark.parametrize(
    ("here", "current", "other"),
    [
        ("user-1", "user-2", "user-2"),
        ("user-2", "user-1", "user-1"),
        ("user-1", "user-1", ""),
        ("", "user-1", ""),
        ("user-1", "", ""),
    ],
)
async def test_other_software_is_named(ask, gateway, monkeypatch, here, current, other):
    monkeypatch.setenv("DAISY_GENERATION", here)
    gateway.generation = current

    assert await ask("software") == {"other": other}


async def test_a_gateway_that_is_away_is_no_news(ask, monkeypatch):
    monkeypatch.setenv("DAISY_GENERATION", "user-1")
    monkeypatch.setenv("DASK_GATEWAY__ADDRESS", "http://127.0.0.1:9")
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", TOKEN)

    assert await ask("software") == {"other": ""}
