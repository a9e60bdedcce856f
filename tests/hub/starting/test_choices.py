"""Profiles of servers: who may choose which, and what is remembered."""

import pytest
from daisy_hub.accounts import Account
from daisy_hub.homes import accounts_of
from daisy_hub.settings import Settings, SettingsInvalid, load
from daisy_hub.starting import page
from daisy_hub.starting.check import profile_problems
from daisy_hub.starting.choices import ChoiceRefused, choice_of, last_choice

PROFILES = """
[[server_profiles]]
name = "small"
title = "Small"
memory = "2 GiB"
cpus = 1.5

[[server_profiles]]
name = "large"
title = "Large <b>one</b>"
memory = "900 TiB"

[[server_profiles]]
name = "gpu"
title = "With a card"
gpus = 1
hours = 1
groups = ["imaging"]
roles = ["support"]
"""


@pytest.fixture
def chosen(settings: Settings, write) -> Settings:
    return write(PROFILES)


@pytest.fixture
def write(settings: Settings, tmp_path):
    """Add lines to the settings file."""

    def add(text: str) -> Settings:
        file = tmp_path / "settings.toml"
        file.write_text(file.read_text() + text)
        return load()

    return add


@pytest.fixture
def anna(settings: Settings) -> Account:
    return accounts_of(settings).get("anna")


def member(*groups: str, roles: tuple[str, ...] = ()) -> Account:
    return Account("carl", 70_009, groups=groups, roles=roles)


def test_who_chooses_nothing_gets_the_first_profile(chosen, anna):
    assert choice_of(chosen, anna, {}).profile.name == "small"


def test_the_marked_profile_is_the_default(write, anna):
    settings = write(PROFILES.replace('"900 TiB"', '"900 TiB"\ndefault = true'))

    assert choice_of(settings, anna, {}).profile.name == "large"


def test_the_last_choice_is_remembered_for_each_account(chosen, anna):
    ben = accounts_of(chosen).get("ben")

    choice_of(chosen, anna, {"profile": "large"})

    assert choice_of(chosen, anna, {}).profile.name == "large"
    assert choice_of(chosen, ben, {}).profile.name == "small"


def test_a_last_choice_that_is_not_allowed_any_more_is_the_default(chosen):
    choice_of(chosen, member("imaging"), {"profile": "gpu"})

    assert last_choice(chosen, member("imaging")).name == "gpu"
    assert last_choice(chosen, member()).name == "small"


def test_a_profile_of_a_group_is_refused_in_words_to_others(chosen, anna):
    with pytest.raises(ChoiceRefused) as refused:
        choice_of(chosen, anna, {"profile": "gpu"})

    assert refused.value.status_code == 403
    assert "The profile gpu is not open to anna" in refused.value.jupyterhub_message
    assert "small, large" in refused.value.jupyterhub_message
    # what is refused is not remembered
    assert last_choice(chosen, anna).name == "small"


def test_a_role_opens_a_profile_too(chosen):
    supporter = member(roles=("support",))

    assert choice_of(chosen, supporter, {"profile": "gpu"}).profile.gpus == 1


@pytest.mark.parametrize(
    "options",
    [{"profile": "huge"}, {"profile": ["small"]}, {"profile": {}}, {"mem_limit": "1"}],
)
def test_what_is_no_profile_is_refused(chosen, anna, options):
    with pytest.raises(ChoiceRefused) as refused:
        choice_of(chosen, anna, options)

    assert refused.value.status_code == 400


def test_a_rescue_start_is_never_the_last_choice(chosen, anna):
    assert choice_of(chosen, anna, {"rescue": "1"}).rescue

    assert not choice_of(chosen, anna, {}).rescue


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ('\n[[server_profiles]]\nname="gpu"\ntitle="x"', "two server profiles"),
        ('\n[[server_profiles]]\nname="A b"\ntitle="x"', "name"),
        ("\ndefault = true", "has to be for everybody"),
        ("\ncolour = 1", "colour"),
    ],
)
def test_unclear_profiles_are_named_before_anything_starts(write, change, complaint):
    with pytest.raises(SettingsInvalid, match=complaint):
        write(PROFILES + change)


def test_there_is_no_page_where_there_is_nothing_to_choose(settings, anna):
    assert page.form(settings, anna) == ""


def test_the_page_shows_only_what_one_may_choose(chosen, anna):
    shown = page.form(chosen, anna)

    assert 'value="small"' in shown
    assert 'value="gpu"' not in shown
    assert 'value="gpu"' in page.form(chosen, member("imaging"))


def test_titles_are_text_and_no_markup(chosen, anna):
    assert "Large &lt;b&gt;one&lt;/b&gt;" in page.form(chosen, anna)


def test_the_page_says_what_does_not_fit_now(chosen, anna):
    small, _, large = page.form(chosen, anna).partition("Large")

    assert "1.5 processors · 2 GiB memory" in small
    assert "more memory than is free now" in large


def test_an_address_selects_before_the_last_choice(chosen, anna):
    def selected(shown: str) -> str:
        return shown.partition(" checked")[0].rpartition('value="')[2][:5]

    choice_of(chosen, anna, {"profile": "large"})

    assert selected(page.form(chosen, anna)) == "large"
    assert selected(page.form(chosen, anna, "small")) == "small"
    assert selected(page.form(chosen, anna, "gpu")) == "large"


def test_what_the_local_back_end_cannot_give_is_said_before_the_start(chosen, settings):
    assert list(profile_problems(settings)) == []

    (problem,) = profile_problems(chosen)

    assert "The server profile gpu has gpus = 1, which needs containers" in problem
