"""The state of a hub goes into one archive and comes back as it was."""

import os
import sqlite3
import tarfile
import threading
from pathlib import Path

import pytest
from daisy_hub import audit
from daisy_hub.backup import BackupError, back_up, restore
from daisy_hub.homes import accounts_of
from daisy_hub.settings import Settings


@pytest.fixture
def settings(settings: Settings) -> Settings:
    assert settings.instance
    settings.logs.mkdir()
    (settings.logs / "hub.log").write_text("large")
    with sqlite3.connect(settings.state / "jupyterhub.sqlite") as database:
        database.execute("create table t (n integer)")
        database.execute("insert into t values (1)")
    return settings


def rows(state: Path) -> list[int]:
    with sqlite3.connect(state / "jupyterhub.sqlite") as database:
        return [n for (n,) in database.execute("select n from t order by n")]


def test_what_was_backed_up_comes_back(settings, tmp_path):
    audit.record(settings, "test.line", actor="anna")
    back_up(settings, tmp_path / "b.tar.gz")

    restore(tmp_path / "b.tar.gz", tmp_path / "other")

    other = tmp_path / "other"
    assert (other / "instance").read_text() == settings.instance
    assert (other / "accounts.json").read_text() == accounts_of(
        settings
    ).path.read_text()
    assert rows(other) == [1]
    assert "test.line" in (other / "audit.jsonl").read_text()
    assert not (other / "log").exists()
    assert {p.stat().st_mode & 0o077 for p in other.rglob("*")} == {0}


def test_nobody_else_can_read_it(settings, tmp_path):
    before = os.umask(0)
    try:
        back_up(settings, tmp_path / "b.tar.gz")
    finally:
        os.umask(before)

    assert (tmp_path / "b.tar.gz").stat().st_mode & 0o777 == 0o600


def test_a_database_that_is_written_meanwhile_is_whole(settings, tmp_path):
    stop = threading.Event()

    def write() -> None:
        with sqlite3.connect(settings.state / "jupyterhub.sqlite") as database:
            n = 1
            while not stop.is_set():
                # in pairs: half of one would be seen
                n += 1
                database.execute("insert into t values (?)", (n,))
                database.execute("insert into t values (?)", (-n,))
                database.commit()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            back_up(settings, tmp_path / f"{number}.tar.gz")
    finally:
        stop.set()
        writer.join()

    for number in range(5):
        restore(tmp_path / f"{number}.tar.gz", tmp_path / f"r{number}")
        assert sum(rows(tmp_path / f"r{number}")) == 1


def test_nothing_is_overwritten(settings, tmp_path):
    (tmp_path / "b.tar.gz").write_text("there")
    with pytest.raises(BackupError, match="there already"):
        back_up(settings, tmp_path / "b.tar.gz")
    back_up(settings, tmp_path / "c.tar.gz")

    with pytest.raises(BackupError, match="not empty"):
        restore(tmp_path / "c.tar.gz", settings.state)


def test_what_is_no_backup_is_refused(tmp_path):
    (tmp_path / "text").write_text("no archive")
    with tarfile.open(tmp_path / "other.tar", "w") as archive:
        archive.add(tmp_path / "text", "../outside")

    for name in ("text", "other.tar"):
        with pytest.raises(BackupError):
            restore(tmp_path / name, tmp_path / "state")
    assert not (tmp_path / "outside").exists()
