"""Which of the clusters that are listed is taken."""

from types import SimpleNamespace

import pytest

from daisy_kernel.compute import starting


class Gateway:
    """Lists clusters of two generations, and starts none."""

    def list_clusters(self) -> list[SimpleNamespace]:
        return [
            SimpleNamespace(name="first", options={"generation": "user-1"}),
            SimpleNamespace(name="second", options={"generation": "user-2"}),
        ]


@pytest.fixture(autouse=True)
def joined(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every cluster that is asked answers, by its name."""
    monkeypatch.setattr(starting, "_found", lambda gateway, name, *_: name)


@pytest.mark.parametrize(
    ("here", "taken"), [("user-1", "first"), ("user-2", "second"), ("", "first")]
)
def test_a_cluster_of_the_own_generation_is_taken(monkeypatch, here, taken):
    monkeypatch.setenv("DAISY_GENERATION", here)

    assert starting.find_or_start(Gateway(), 1.0, lambda _: None) == taken


def test_one_of_another_generation_is_left_alone_and_that_is_said(monkeypatch):
    said: list[str] = []
    monkeypatch.setenv("DAISY_GENERATION", "user-2")

    starting.find_or_start(Gateway(), 1.0, said.append)

    assert said == [
        "the cluster first is not used: it was started from a server with other "
        "software (user-1; this one has user-2)"
    ]
