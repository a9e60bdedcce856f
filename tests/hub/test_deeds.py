"""What is done to somebody else at the hub is told apart from what one does oneself."""

import pytest
from daisy_hub.deeds import deed


@pytest.mark.parametrize(
    ("method", "path", "about"),
    [
        ("DELETE", "/hub/api/users/anna/server", "anna"),
        ("POST", "/hub/api/users/anna/server", "anna"),
        ("POST", "/hub/api/users/anna/tokens", "anna"),
        ("POST", "/hub/spawn/anna", "anna"),
        ("GET", "/hub/admin", ""),
        ("GET", "/hub/api/users/anna", None),
        ("DELETE", "/hub/api/users/ben/server", None),
        ("POST", "/hub/login", None),
        ("POST", "/hub/api/users/annaben/server", "annaben"),
    ],
)
def test_only_what_concerns_somebody_else_is_a_deed(method, path, about):
    assert deed(method, path, "ben") == about


def test_nobody_does_nothing():
    assert deed("DELETE", "/hub/api/users/anna/server", "") is None
