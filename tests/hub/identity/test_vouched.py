"""What a provider says is put in force, or kept back with an alarm."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from daisy_hub import audit
from daisy_hub.accounts import Account
from daisy_hub.homes import accounts_of
from daisy_hub.identity import vouched
from daisy_hub.identity.alarm import provider_alarm
from daisy_hub.identity.claims import Person
from daisy_hub.identity.vouched import Vouched
from daisy_hub.settings import Settings
from oidc import options

MINUTE = 60.0


class Scene:
    """Three accounts, a clock, and a provider that says what it is told to."""

    def __init__(self, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        self.settings, self.now = settings, 0.0
        self.accounts = accounts_of(settings)
        monkeypatch.setattr(vouched.time, "monotonic", lambda: self.now)
        self._vouched = Vouched(options())
        for name in ("dora", "emil", "fritz"):
            self.accounts.adopt(f"issuer {name}", name)
            self.says(name, "daisy-users", role="operator")

    def says(self, name: str, *groups: str, role: str = "") -> Account:
        roles = (role,) if role else ()
        person = Person(f"issuer {name}", name, groups, roles, None)
        account = self.accounts.get(name)
        self._vouched.put_in_force(self.settings, self.accounts, account, person)
        return self.accounts.get(name)

    def alarms(self) -> list[str]:
        events = audit.events(self.settings, "provider.alarm")
        return [event["reason"] for event in events]


@pytest.fixture
def scene(settings, monkeypatch):
    return Scene(settings, monkeypatch)


def test_who_was_taken_out_of_every_group_loses_them_a_round_later(scene):
    scene.now = MINUTE
    assert scene.says("dora").groups == ("daisy-users",)
    scene.now += MINUTE / 2
    scene.says("emil", "daisy-users")
    scene.now += MINUTE / 2

    dora = scene.says("dora")

    assert (dora.groups, dora.roles) == ((), ())
    assert provider_alarm(scene.settings) == ""


def test_a_provider_that_gives_groups_to_nobody_is_an_alarm_and_takes_none(scene):
    for _ in range(30):
        scene.now += MINUTE
        kept = [scene.says(name) for name in ("dora", "emil", "fritz")]

    assert all((a.groups, a.roles) == (("daisy-users",), ("operator",)) for a in kept)
    assert "gives no groups or roles to dora, emil, fritz" in scene.alarms()[-1]
    assert "claim groups of the provider" in provider_alarm(scene.settings)
    scene.now += MINUTE
    scene.says("emil", "daisy-users")
    scene.now += MINUTE
    scene.says("fritz", "daisy-users")
    assert provider_alarm(scene.settings) == ""


def test_a_group_less_is_in_force_at_once(scene):
    scene.says("dora", "daisy-users", "b7")

    dora = scene.says("dora", "b7")

    assert (dora.groups, dora.roles) == (("b7",), ())


def test_logins_of_other_threads_disturb_no_look(scene):
    names = [f"guest-{n}" for n in range(40)]
    for name in names:
        scene.accounts.adopt(f"issuer {name}", name)
        scene.says(name, "daisy-users")
    scene.now = MINUTE

    with ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(scene.says, names))

    assert {account.groups for account in kept} == {("daisy-users",)}
    assert "guest-39" in provider_alarm(scene.settings)
