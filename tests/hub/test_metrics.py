"""Numbers for monitoring, and alerts that ask for numbers which there are."""

import re
from pathlib import Path

import pytest
import yaml
from certificates import make_pair
from daisy_hub.grants import Round
from daisy_hub.identity.alarm import set_provider_alarm
from daisy_hub.metrics import write_metrics
from daisy_hub.settings import Settings
from daisy_hub.tls import TlsOptions
from installations import ROOT
from jupyterhub import metrics as hubs_own
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.parser import text_string_to_metric_families

ALERTS = ROOT / "deploy" / "monitoring" / "alerts.yml"


def numbers(path: Path) -> dict[str, float]:
    """Return samples by name and labels."""
    return {
        sample.name + "".join(f" {v}" for v in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(path.read_text())
        for sample in family.samples
    }


@pytest.fixture
def settings(settings: Settings, say) -> Settings:
    say('["B7/P1"]\nmembers = ["anna", "ben"]\n')
    list(Round(settings).run())
    return settings


def test_numbers_say_who_is_there_and_what_runs(settings):
    found = numbers(write_metrics(settings))

    assert found["daisy_accounts"] == 2
    assert found["daisy_grants"] == 2
    assert found["daisy_part_up hub"] == 0
    assert found["daisy_servers"] == 0
    assert found["daisy_members_alarm"] == 0
    assert found["daisy_provider_alarm"] == 0
    assert 0 <= found["daisy_members_age_seconds"] < 60
    assert found["daisy_free_bytes state"] > 0


def test_a_source_that_fails_is_an_alarm(settings, say):
    say("damaged [")
    list(Round(settings).run())

    assert numbers(write_metrics(settings))["daisy_members_alarm"] == 1


def test_a_provider_that_gives_groups_to_nobody_is_an_alarm(settings):
    set_provider_alarm(settings, "no groups for anybody")
    assert numbers(write_metrics(settings))["daisy_provider_alarm"] == 1

    set_provider_alarm(settings, "")
    assert numbers(write_metrics(settings))["daisy_provider_alarm"] == 0


def test_the_folder_may_be_one_that_others_read(settings, tmp_path):
    settings.metrics = tmp_path / "for-all"

    path = write_metrics(settings)

    assert path.parent == tmp_path / "for-all"
    assert path.stat().st_mode & 0o044


def with_certificate(settings, folder, days):
    pair = make_pair(folder, "hub.example.org", days=days)
    options = TlsOptions(name="hub.example.org", certificate=pair[0], key=pair[1])
    return settings.model_copy(update={"tls": options})


def test_the_days_of_a_certificate_are_a_number_and_none_where_it_is_of_no_use(
    settings, tmp_path
):
    assert "daisy_certificate_days" not in numbers(write_metrics(settings))
    for days, told in ((30, 30), (-3, 0)):
        found = numbers(write_metrics(with_certificate(settings, tmp_path, days)))
        assert found["daisy_certificate_days"] == pytest.approx(told, abs=0.1)


def test_every_alert_asks_for_numbers_that_there_are(settings, tmp_path):
    settings = with_certificate(settings, tmp_path, 30)
    (group,) = yaml.safe_load(ALERTS.read_text())["groups"]
    ours = {name.split()[0] for name in numbers(write_metrics(settings))}
    theirs = {
        name
        for metric in vars(hubs_own).values()
        if isinstance(metric, MetricWrapperBase)
        for family in metric.describe()
        for name in (family.name, f"{family.name}_count", f"{family.name}_bucket")
    }

    for rule in group["rules"]:
        asked = re.findall(r"(?:daisy|jupyterhub)_\w+", rule["expr"])
        assert set(asked) <= ours | theirs, rule["alert"]
        assert rule["annotations"]["action"]
        assert rule["labels"]["severity"] in ("page", "ticket")
