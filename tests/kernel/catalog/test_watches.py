"""Choices that a hub keeps: asked for, changed, refused; and `daisy watch` on them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from watchhub import TOKEN, PlayedService, played

from daisy_kernel.catalog.watches import end_watch, keep_watch, kept_watches
from daisy_kernel.cli import main
from daisy_kernel.model.errors import WatchRefused

PROPOSAL = "B7/2026-0042"


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[PlayedService]:
    with played() as service:
        monkeypatch.setenv("DAISY_WATCHING_URL", service.url)
        monkeypatch.setenv("JUPYTERHUB_API_TOKEN", TOKEN)
        yield service


def test_a_choice_is_made_and_ended_and_that_of_others_stays(
    service: PlayedService,
) -> None:
    service.add("ben", PROPOSAL)

    made = keep_watch(PROPOSAL)
    ended = end_watch(PROPOSAL)

    assert [(w.user, w.yours) for w in made.kept] == [("ben", False), ("anna", True)]
    assert [w.user for w in ended.kept] == ["ben"]
    assert service.asked == [f"PUT /watches/{PROPOSAL}", f"DELETE /watches/{PROPOSAL}"]


def test_a_name_with_a_space_or_an_umlaut_can_be_chosen(service: PlayedService) -> None:
    keep_watch("B7/Zähne 2026")

    assert service.asked == ["PUT /watches/B7/Z%C3%A4hne%202026"]


def test_outside_of_a_hub_it_is_said_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("DAISY_WATCHING_URL", raising=False)

    with pytest.raises(WatchRefused, match=r"no server of a DAISY hub.*daisy watch"):
        keep_watch(PROPOSAL)


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        ((403, b'{"message": "anna is no member"}'), "anna is no member"),
        ((502, b"<html>Bad Gateway</html>"), r"does not answer \(502.*Try again"),
        ((200, b"<html>a login page</html>"), "does not say who watches"),
        ((200, b'{"you": "anna"}'), "does not say who watches"),
        ((200, b"[]"), "does not say who watches"),
    ],
)
def test_what_the_hub_does_not_do_is_said_in_words(
    service: PlayedService, refusal: tuple[int, bytes], said: str
) -> None:
    service.refusal = refusal

    with pytest.raises(WatchRefused, match=said):
        kept_watches()


def test_a_hub_that_is_away_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DAISY_WATCHING_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", TOKEN)

    with pytest.raises(WatchRefused, match=r"refused.*as it was; try again"):
        kept_watches()


def test_the_command_keeps_lists_and_ends(
    service: PlayedService, capsys: pytest.CaptureFixture[str]
) -> None:
    service.add("ben", "B8/2026-0100")

    assert main(["watch", PROPOSAL, "--keep"]) == 0
    kept = capsys.readouterr().out
    assert main(["watch", "--list"]) == 0
    listed = capsys.readouterr().out
    assert main(["watch", PROPOSAL, "--no-keep"]) == 0
    ended = capsys.readouterr().out

    assert f"{PROPOSAL}  watched by anna (you) since " in kept
    assert "ben" not in kept
    assert f"daisy watch {PROPOSAL} --no-keep" in kept
    assert [line.split()[3] for line in listed.splitlines()] == ["ben", "anna"]
    assert ended.startswith(f"Nobody has chosen to watch {PROPOSAL}")


def test_the_command_takes_the_folder_of_a_proposal_too(
    service: PlayedService, beamtime: Path
) -> None:
    assert main(["watch", str(beamtime), "--keep"]) == 0

    assert service.asked == [f"PUT /watches/{'/'.join(beamtime.parts[-2:])}"]


def test_the_command_refuses_a_folder_that_is_no_proposal(
    service: PlayedService, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["watch", str(tmp_path), "--keep"]) == 1

    assert "neither raw nor processed" in capsys.readouterr().err
    assert service.asked == []


def test_the_command_wants_to_know_what_to_watch(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["watch"]) == 2
    assert main(["watch", "absent/place"]) == 1

    assert "name a proposal" in capsys.readouterr().err
