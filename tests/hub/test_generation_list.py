"""The list of generations: which is current, and what a change leaves."""

from pathlib import Path

import pytest
from daisy_hub.generations import Generation, GenerationError, Generations


@pytest.fixture
def kept(tmp_path: Path) -> Generations:
    found = Generations(tmp_path / "generations")
    for name in ("a", "b", "c"):
        found.bring(Generation(name, f"/envs/{name}", "1.0"))
    return found


def names(kept: Generations) -> list[str]:
    return [g.name for g in kept.all()]


def current(kept: Generations) -> str:
    return kept.current.name if kept.current else ""


def before(kept: Generations) -> str:
    return kept.before.name if kept.before else ""


def test_without_a_list_there_is_none(tmp_path):
    kept = Generations(tmp_path / "generations")

    assert (kept.all(), kept.current, kept.before) == ([], None, None)


def test_what_is_brought_is_current_and_says_when_it_came(kept):
    assert names(kept) == ["a", "b", "c"]
    assert (current(kept), before(kept)) == ("c", "b")
    assert kept.get("c").made.startswith("20")


def test_what_is_brought_again_is_listed_once_and_does_not_end_a_rollback(kept):
    kept.choose("a")

    assert not kept.bring(Generation("c", "/envs/c"))

    assert names(kept) == ["a", "b", "c"]
    assert (current(kept), before(kept)) == ("a", "")


def test_older_sources_that_are_brought_again_are_current_again(kept):
    assert kept.bring(Generation("b", "/envs/b"))

    assert (current(kept), before(kept)) == ("b", "a")


def test_it_is_current_again_where_the_one_that_was_chosen_is_lost(kept):
    kept.choose("a")

    assert kept.bring(Generation("c", "/envs/c"), again=True)

    assert current(kept) == "c"


def test_the_current_one_and_one_that_is_not_there_cannot_be_forgotten(kept):
    with pytest.raises(GenerationError, match="c is current"):
        kept.forget("c")
    with pytest.raises(GenerationError, match="There are: a, b, c"):
        kept.forget("d")

    kept.forget("a")

    assert names(kept) == ["b", "c"]


def test_a_change_that_fails_leaves_the_list_as_it_was(kept):
    with pytest.raises(GenerationError, match="no generation d"):
        kept.choose("d")

    assert current(kept) == "c"
