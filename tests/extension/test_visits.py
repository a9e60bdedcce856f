"""Who is new is told once."""

import json

import pytest
from daisy_lab.handlers.visits import is_first

pytestmark = pytest.mark.service


async def test_an_account_is_new_once(data, jp_fetch):
    found = []
    for _ in range(2):
        answer = await jp_fetch("daisy", "visits", method="POST", body="{}")
        found.append(json.loads(answer.body))
    assert found == [{"new": True}, {"new": False}]


def test_where_nothing_can_be_remembered_nobody_is_asked_again_and_again(tmp_path):
    (tmp_path / "file").write_text("")
    assert not is_first(tmp_path / "file")
