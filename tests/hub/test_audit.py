"""The audit log: whole lines, whoever writes at once."""

import errno
import json
import multiprocessing
import os
from pathlib import Path
from types import SimpleNamespace

import pytest
from daisy_hub import audit
from daisy_hub.homes import accounts_of
from daisy_hub.identity.local import LocalAccounts
from daisy_hub.settings import Settings, load
from tornado.web import HTTPError

WRITERS, LINES = 4, 50


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    file = tmp_path / "settings.toml"
    file.write_text(
        f'home = "{tmp_path}"\ndata = "{tmp_path}"\nuser_environment = "/env"\n'
    )
    monkeypatch.setenv("DAISY_SETTINGS", str(file))
    return load()


def write_many(settings: Settings, writer: int) -> None:
    for number in range(LINES):
        audit.record(
            settings, "test.line", actor=f"w{writer}", number=number, text="x" * 3000
        )


def test_an_event_has_its_time_its_actor_and_what_it_was_done_to(
    settings: Settings,
) -> None:
    audit.record(settings, "grant.added", actor="daisy", account="anna", proposal="B/1")
    (entry,) = audit.events(settings, "grant")
    assert entry["time"].endswith("+00:00")
    assert entry["account"] == "anna"
    assert entry["proposal"] == "B/1"
    assert list(audit.events(settings, "login")) == []


def test_lines_of_processes_that_write_at_once_do_not_mix(settings: Settings) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [
        context.Process(target=write_many, args=(settings, n)) for n in range(WRITERS)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    lines = settings.audit_file.read_text().splitlines()
    assert len([json.loads(line) for line in lines]) == WRITERS * LINES


def test_nobody_but_the_hub_can_read_it(settings: Settings) -> None:
    audit.record(settings, "test.line", actor="daisy")
    assert settings.audit_file.stat().st_mode & 0o777 == audit.MODE


def test_no_server_starts_that_cannot_be_written_down(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    accounts_of(settings).add("anna", "a long password")
    user, spawner = SimpleNamespace(name="anna"), SimpleNamespace(handler=None)
    start = LocalAccounts().pre_spawn_start
    start(user, spawner)
    (entry,) = audit.events(settings, "server.starting")
    assert (entry["actor"], entry["account"]) == ("anna", "anna")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(HTTPError) as refused:
        start(user, spawner)
    assert "(No space left on device). Tell the operator" in str(refused.value)
