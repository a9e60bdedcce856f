"""Which folders may be named as the environment of a cluster."""

import re

import pytest
from daisy_hub.gateway.software import INNER_FOLDER, dask_program, named_environments


def chosen(folder: str) -> dict[str, list[str]]:
    """Return what follows for a cluster from the choice of an environment."""
    options = named_environments()
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
