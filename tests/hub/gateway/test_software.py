"""Which generation and which folder may be named as the software of a cluster."""

import re
from collections.abc import Callable

import pytest
from daisy_hub.gateway.software import INNER_FOLDER, dask_program, options_now
from daisy_hub.generations import Generation, GenerationError, generations_of
from daisy_hub.settings import Settings


@pytest.fixture(autouse=True)
def settings(new_settings: Callable[..., Settings]) -> Settings:
    return new_settings()


def chosen(folder: str) -> dict[str, list[str]]:
    """Return what follows for a cluster from the choice of an environment."""
    options = options_now()
    parsed = options.parse_options({"environment": folder})
    return options.get_configuration(parsed, user=None)


@pytest.mark.parametrize(
    "folder",
    [
        "/home/anna/.local/share/daisy/envs/mymethods",
        "/home/anna/data/B7/2026-0042/processed/.daisy/envs/team-1",
    ],
)
def test_a_folder_of_the_account_is_one(folder):
    assert re.fullmatch(INNER_FOLDER, folder)
    found = chosen(folder)
    for command in found.values():
        assert command[:3] == [f"{folder}/bin/python", "-m", "dask"]


@pytest.mark.parametrize(
    "folder",
    [
        "/usr", "home/anna", "/home/anna/../ben", "/home/..", "/home/./x", "/home/a b",
        "/home/anna/x;y", "/home/anna/$(x)", "/home/anna\n", "/home//anna",
        "/home/anna/", "/homes/anna",
    ],
)  # fmt: skip
def test_what_leads_elsewhere_is_none(folder):
    assert not re.fullmatch(INNER_FOLDER, folder)
    with pytest.raises(ValueError, match="no folder"):
        chosen(folder)


def test_without_one_the_usual_program_is_called():
    assert chosen("") == {}
    assert dask_program("/env/bin/dask", "") == ["/env/bin/dask"]


def test_a_cluster_has_the_generation_that_its_client_names_else_the_current(settings):
    for name in ("user-1", "user-2"):
        generations_of(settings).bring(Generation(name, f"/envs/{name}"))

    assert options_now().parse_options({})["generation"] == "user-2"
    said = options_now().parse_options({"generation": "user-1"})
    assert said["generation"] == "user-1"
    assert options_now().get_configuration(said, user=None) == {}


def test_a_generation_that_is_not_there_is_refused(settings):
    generations_of(settings).bring(Generation("user-1", "/envs/user-1"))
    said = options_now().parse_options({"generation": "/tmp/mine"})

    with pytest.raises(GenerationError, match="There are: user-1"):
        options_now().get_configuration(said, user=None)
