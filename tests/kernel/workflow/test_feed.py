"""Rules: every new scan once, in order, through kills; a typo is named."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from beamtimes import quiet, wait_for, write_scan

import daisy_kernel as daisy
from daisy_kernel import errors
from daisy_kernel.apps.previews import PREVIEWS
from daisy_kernel.catalog import update
from daisy_kernel.demo import tomography as demo
from daisy_kernel.workflow.feed import Feed, Rule, Rules, items, read_rules
from daisy_kernel.workflow.feed.rules import parse_rules, rules_file

TESTS = str(Path(__file__).parents[2])
SETUP = demo.Setup(46, 16, 96, 45.2, flats=3, darks=3)
LEVELS = """\
format: daisy-workflow/1
name: levels
steps:
- algorithm: flows:load
- algorithm: flows:level
  takes: {sinograms: projections}
"""
RULES = """\
format: daisy-rules/1
settled: 0.2
rules:
- name: levels
  scans: -name:quiet
  workflow: levels.yaml
"""


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", TESTS)


@pytest.fixture
def ruled(beamtime: Path) -> Path:
    """A proposal with a rule and its workflow."""
    update(beamtime)
    folder = rules_file(beamtime).parent
    (folder / "rules.yaml").write_text(RULES)
    (folder / "levels.yaml").write_text(LEVELS)
    return beamtime


@pytest.fixture
def feed(ruled: Path) -> Iterator[Feed]:
    with_feed = Feed(ruled, {})
    yield with_feed
    with_feed.close()


def look_until_done(feed: Feed, proposal: Path, count: int) -> list[str]:
    def ended() -> bool:
        update(proposal)
        feed.look()
        found = items(proposal).values()
        return sum(i.state in ("done", "failed", "passed") for i in found) >= count

    wait_for(ended, 60)
    return sorted(f"{i.scan} {i.state}" for i in items(proposal).values())


@pytest.mark.slow
def test_every_new_scan_gets_its_run_once(ruled: Path, feed: Feed) -> None:
    assert look_until_done(feed, ruled, 1) == ["tooth.nxs done"]

    write_scan(ruled / "raw" / "second.nxs", seed=2)
    write_scan(ruled / "raw" / "quiet.nxs", seed=3)

    assert look_until_done(feed, ruled, 2) == ["second.nxs done", "tooth.nxs done"]
    for _ in range(3):
        feed.look()
    assert len(list((ruled / "processed").glob("*/run_*"))) == 2
    (run,) = daisy.runs(ruled / "raw" / "second.nxs")
    assert run.picture.startswith(b"\x89PNG")
    assert run.record.note == "by the rule levels"


@pytest.mark.slow
def test_a_scan_that_was_written_again_is_looked_at_anew(
    ruled: Path, feed: Feed
) -> None:
    look_until_done(feed, ruled, 1)
    before = items(ruled)["tooth.nxs", "levels"]
    new = ruled / "raw" / "new.part"
    write_scan(new, seed=9)
    new.rename(ruled / "raw" / "tooth.nxs")

    def again() -> bool:
        update(ruled)
        feed.look()
        now = items(ruled)["tooth.nxs", "levels"]
        return now.identity != before.identity and now.state == "done"

    wait_for(again, 60)
    assert len(list((ruled / "processed").glob("tooth/run_*"))) == 2


def test_a_scan_that_is_being_written_waits(ruled: Path, feed: Feed) -> None:
    (ruled / "raw" / "tooth.nxs").touch()
    update(ruled)

    feed.look(Rules(settled=100, rules=read_rules(ruled).rules))

    assert items(ruled) == {}


@pytest.mark.slow
def test_a_failure_is_told_in_words(ruled: Path, feed: Feed) -> None:
    text = LEVELS.replace("projections", "projektions")
    (rules_file(ruled).parent / "levels.yaml").write_text(text)

    assert look_until_done(feed, ruled, 1) == ["tooth.nxs failed"]
    problem = items(ruled)["tooth.nxs", "levels"].problem
    assert "'projektions'" in problem
    assert "level" in problem


def test_two_services_do_not_carry_out_the_same_rules(ruled: Path, feed: Feed) -> None:
    other = Feed(ruled, {})

    assert feed.look() is True
    assert other.look() is False
    feed.close()
    assert other.look() is True
    other.close()


def test_rules_of_another_account_are_left_alone(ruled: Path, feed: Feed) -> None:
    assert feed.look(Rules(run_by="somebody-else")) is False


@pytest.mark.slow
def test_a_killed_service_goes_on_and_nothing_is_done_twice(ruled: Path) -> None:
    for number in range(4):
        write_scan(ruled / "raw" / f"scan_{number}.nxs", seed=number)
    root = ruled.parents[1]

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "daisy_kernel.cli", "watch", str(root)],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": TESTS},
        )  # fmt: skip

    service = start()
    wait_for(lambda: any(i.state == "running" for i in items(ruled).values()), 60)
    service.send_signal(signal.SIGKILL)
    service.wait()
    lease = rules_file(ruled).parent / "feed.lease"
    age = time.time() - 100
    os.utime(lease, (age, age))

    service = start()
    try:
        wait_for(lambda: [i.state for i in items(ruled).values()] == ["done"] * 5, 60)
    finally:
        service.communicate()

    folders = list((ruled / "processed").glob("*/run_*"))
    assert len(folders) == 5
    assert {daisy.Run(folder).state for folder in folders} == {"done"}


@pytest.mark.slow
def test_a_tomography_scan_shows_a_slice_by_itself(beamtime: Path) -> None:
    from daisy_kernel.apps.previews import PREVIEWS

    (beamtime / "raw" / "tooth.nxs").unlink()
    demo.write_nxtomo(beamtime / "raw" / "tomo.nxs", SETUP, 1, "small")
    feed = Feed(beamtime, PREVIEWS)
    rules = Rules(
        settled=0.1,
        rules=(
            Rule(name="slice", scans="technique:tomography", workflow="tomography"),
        ),
    )

    def done() -> bool:
        update(beamtime)
        feed.look(rules)
        return [i.state for i in items(beamtime).values()] == ["done"]

    wait_for(done, 60)
    (run,) = daisy.runs(beamtime / "raw" / "tomo.nxs")
    assert run["volume"].shape == (8, 96, 96)
    assert run.progress.pictured == "volume"
    assert list(run) == ["volume"]
    feed.close()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("workflow: levels.yaml", "workfow: x", r"rule 1 \(levels\).*'workflow'"),
        ("settled: 0.2", "setled: 1", r"'setled'.*Did you mean 'settled'"),
        ("settled: 0.2", "settled: soon", "settled is 'soon'"),
        ("scans: -name:quiet", "scans: technik:x", r"'levels', scans.*technik"),
        ("name: levels", "name: 1st", "rule 1.*name is '1st'"),
        ("daisy-rules/1", "daisy-rules/9", "format 'daisy-rules/9'"),
        ("rules:\n", "rules:\n- {name: levels, workflow: x}\n", "two rules"),
        (RULES, "[1, 2", "no YAML"),
        (RULES, "- a", "begins with"),
    ],
)
def test_a_typo_in_the_rules_is_named_with_what_may_stand_there(
    old: str, new: str, said: str
) -> None:
    assert old in RULES

    with pytest.raises(errors.WorkflowRefused, match=said) as caught:
        parse_rules(RULES.replace(old, new), "rules.yaml")

    assert str(caught.value).startswith("rules.yaml")


def test_a_preview_that_is_not_there_names_those_that_are(
    ruled: Path, feed: Feed
) -> None:
    rules = Rules(settled=0, rules=(Rule(name="x", workflow="tomografy"),))

    update(ruled)
    feed.look(rules)

    problem = items(ruled)["tooth.nxs", "x"].problem
    assert "'tomografy'" in problem
    assert ".yaml" in problem


def test_the_real_tooth_gets_its_preview(tmp_path: Path, real_data: Path) -> None:
    scan = real_data / "tomography" / "tooth.h5"

    found = daisy.run(PREVIEWS["tomography"](), scan, folder=tmp_path, show=quiet)

    assert found.state == "done"
    # the file does not say how large a pixel is
    assert found.progress.caption.endswith("640 pixels, z 2 of 2, values in 1/pixel")
    assert found.picture.startswith(b"\x89PNG")
