"""What the doctor finds, on disk and with real sandboxes; no hub runs here."""

import os
import sys
from pathlib import Path

import pytest
from daisy_hub import audit
from daisy_hub.doctor import examine
from daisy_hub.homes import accounts_of
from daisy_hub.settings import Settings

AS_ROOT = os.geteuid() == 0


@pytest.fixture
def settings(settings: Settings, say) -> Settings:
    say('["B7/P1"]\nmembers = ["anna"]\n')
    settings.user_environment = Path(sys.prefix)
    for area in ("raw", "processed"):
        (settings.data / "B7/P1" / area).mkdir(exist_ok=True)
    settings.logs.mkdir()
    return settings


def findings(settings: Settings, name: str, title: str) -> dict[str, bool]:
    return {
        f"{finding.what} {finding.advice}": finding.is_right
        for examined in examine(settings, name)
        if examined.title == title
        for finding in examined.findings
    }


def problems(settings: Settings, name: str, title: str) -> str:
    found = findings(settings, name, title)
    return "\n".join(what for what, right in found.items() if not right)


def test_who_belongs_to_nothing_is_told_whom_to_ask(settings):
    assert "ben belongs to none of 3 proposals" in problems(settings, "ben", "data")


def test_a_member_is_told_what_and_why(settings):
    said = "\n".join(findings(settings, "anna", "data"))

    assert "B7/P1: raw read, processed write (a member)" in said


@pytest.mark.skipif(not AS_ROOT, reason="modes bind no one but other uids")
def test_a_folder_whose_modes_forbid_what_is_granted_is_named(settings):
    (settings.data / "B7/P1/raw").chmod(0o700)
    (settings.data / "B7/P1").chmod(0o700)

    assert "anna cannot use B7/P1" in problems(settings, "anna", "data")


def test_a_missing_area_is_named(settings):
    (settings.data / "B7/P1/processed").rmdir()

    assert "processed is no folder" in problems(settings, "anna", "data")


def test_a_daemon_that_does_not_run_is_named(settings):
    assert "puts grants in force does not run" in problems(settings, "anna", "data")
    assert "gateway does not run" in problems(settings, "anna", "clusters")


def test_bounds_are_told_in_words(settings):
    said = "\n".join(findings(settings, "anna", "clusters"))

    assert f"anna may have 4 clusters, {float(os.cpu_count())} cores at once" in said


@pytest.mark.skipif(not AS_ROOT, reason="an ordinary user owns all homes")
def test_a_home_that_cannot_be_written_is_found_by_trying(settings):
    home = settings.homes / "anna"
    home.mkdir(parents=True)

    said = problems(settings, "anna", "server")

    assert "belongs to root" in said
    assert "Permission denied" in said


def test_the_last_words_of_a_server_are_shown(settings):
    log = settings.logs / "server-anna.log"
    log.write_text("starting\nModuleNotFoundError: No module named 'jupyterlab'\n")

    assert "No module named" in "\n".join(findings(settings, "anna", "server"))


def test_of_containers_only_the_own_last_words_are_shown(settings):
    in_containers = settings.model_copy(update={"profile": "docker"})
    for owner, job in (("anna", "a" * 32), ("ben", "b" * 32)):
        (settings.logs / f"cluster-worker-{job[:8]}.log").write_text(f"of {owner}\n")
        audit.record(settings, "container.stopped", actor="launcher", account=owner,
                     part="worker", job=job)  # fmt: skip

    said = "\n".join(findings(in_containers, "anna", "clusters"))

    assert "of anna" in said
    assert "of ben" not in said


def test_a_launcher_that_is_away_hides_nothing_that_was_found_before(settings):
    in_containers = settings.model_copy(update={"profile": "docker"})

    said = problems(in_containers, "anna", "clusters")

    assert "gateway does not run" in said
    assert "The launcher does not answer" in said


def test_a_look_that_fails_hides_no_other(settings, say):
    say("damaged [")

    assert "could not be looked at" in problems(settings, "anna", "data")
    assert "account" in [e.title for e in examine(settings, "anna")]
    assert accounts_of(settings).get("anna").name in str(
        findings(settings, "anna", "account")
    )
