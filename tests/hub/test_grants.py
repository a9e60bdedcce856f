"""A grant and a revocation, in servers and clusters that run: a real installation.

The tests run in this order.
"""

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(600)]

SHARED, BENS = "B4/2026-0100", "B2/2026-0107"
MINUTE = 60
LIST = "import os; print(sorted(os.listdir('data')))"


@pytest.fixture(scope="module")
def started(spare_installation):
    installation = spare_installation
    say(installation, {SHARED: ["anna"], BENS: ["ben"]})
    (Path(installation.options[1].removeprefix("DATA=")) / SHARED / "raw/x").write_text(
        "seen"
    )
    installation.up("ACCOUNTS=anna,ben")
    installation.let_members_write(BENS)
    installation.let_members_write(SHARED)
    return installation


def say(installation, members: dict[str, list[str]]) -> None:
    data = Path(installation.options[1].removeprefix("DATA="))
    (data / "members.toml").write_text(
        "".join(f'["{p}"]\nmembers = {json.dumps(m)}\n' for p, m in members.items())
    )


def audited(installation, event: str) -> list[dict]:
    lines = (installation.home / "state" / "audit.jsonl").read_text().splitlines()
    return [e for e in map(json.loads, lines) if e["event"] == event]


def wait_for(condition: Callable[[], bool], seconds: float = MINUTE) -> float:
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < seconds, "it did not come"
        time.sleep(0.5)
    return time.monotonic() - start


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")


@needs_root
def test_a_grant_appears_within_a_minute_and_the_kernel_goes_on(started, log_in):
    ben = log_in(started, "ben")
    kernel = ben.start_kernel()
    assert ben.run(f"x = 41\n{LIST}", kernel) == "['B2', 'Public']\n"

    say(started, {SHARED: ["anna", "ben"], BENS: ["ben"]})

    def seen() -> bool:
        code = f"print(os.path.exists('data/{SHARED}/raw/x'))"
        return ben.run(code, kernel) == "True\n"

    wait_for(seen)
    code = (
        f"print(x + 1, open('data/{SHARED}/raw/x').read());"
        f"open('data/{SHARED}/processed/by-ben', 'w').write('1')"
    )
    assert ben.run(code, kernel).startswith("42 seen")
    listed = ben.get("/daisy/proposals").json()["proposals"]
    assert SHARED in [f"{p['beamline']}/{p['name']}" for p in listed]
    assert ("ben", SHARED) in [
        (e["account"], e["proposal"]) for e in audited(started, "grant.added")
    ]


@needs_root
def test_workers_of_the_cluster_see_a_new_grant_too(started, log_in):
    ben = log_in(started, "ben")
    kernel = ben.start_kernel()
    say(started, {SHARED: ["anna", "ben"], BENS: ["ben", "anna"]})
    code = (
        "from dask_gateway import Gateway\n"
        "with Gateway().new_cluster() as cluster:\n"
        "    cluster.scale(1)\n"
        "    with cluster.get_client() as client:\n"
        "        import os\n"
        f"        read = lambda: open('/home/ben/data/{SHARED}/raw/x').read()\n"
        "        print(client.submit(read).result(60))\n"
    )
    assert ben.run(code, kernel) == "seen\n"


def test_a_revocation_takes_the_data_and_all_that_is_open(started, log_in):
    ben, anna = log_in(started, "ben"), log_in(started, "anna")
    annas_kernel = anna.start_kernel()
    anna.run("y = 1", annas_kernel)
    holding = ben.start_kernel()
    ben.run(f"held = open('data/{SHARED}/raw/x')", holding)

    say(started, {SHARED: ["anna"], BENS: ["ben"]})

    took = wait_for(lambda: bool(audited(started, "account.ended")))
    assert took < MINUTE
    (ended,) = audited(started, "account.ended")
    assert (ended["account"], ended["reason"]) == ("ben", f"lost {SHARED}")
    wait_for(lambda: "server of ben" not in started.make("status").stdout)
    assert anna.run("print(y)", annas_kernel) == "1\n"

    again = log_in(started, "ben")
    assert again.run(LIST) == "['B2', 'Public']\n"


def test_a_closed_proposal_is_away_when_the_command_returns(started, log_in):
    anna = log_in(started, "anna")
    anna.run("1", anna.start_kernel())
    began = time.monotonic()

    said = started.hub("close", SHARED, "--reason", "the sample is hot").stdout

    assert "Nobody sees B4/2026-0100 any more" in said
    assert time.monotonic() - began < MINUTE
    assert "server of anna" not in started.make("status").stdout
    anna = log_in(started, "anna")
    assert "B4" not in anna.run(LIST)
    told = started.hub("doctor", "anna").stdout
    assert "is closed to everybody: the sample is hot" in told

    started.hub("reopen", SHARED)
    wait_for(lambda: "B4" in anna.run(LIST))
    (closed,) = audited(started, "proposal.closed")
    assert (closed["proposal"], closed["reason"]) == (SHARED, "the sample is hot")


def test_when_the_daemon_is_killed_it_is_started_again_and_makes_up_for_it(started):
    before = len(audited(started, "grant.added"))
    os.kill(started.part("grants"), signal.SIGKILL)
    say(started, {SHARED: ["anna", "ben"], BENS: ["ben"]})

    wait_for(lambda: len(audited(started, "grant.added")) > before)


def test_an_operator_sees_what_a_sync_would_change(started):
    said = started.hub("grants", "ben").stdout
    assert len([line for line in said.splitlines() if "processed write" in line]) == 2

    # not with the daemon, which would be as quick
    os.kill(started.part("grants"), signal.SIGSTOP)
    try:
        say(started, {SHARED: ["anna"], BENS: ["ben"]})
        said = started.hub("sync", "--dry-run").stdout
        assert said == f"- {SHARED}  ben\n"
        said = started.hub("sync").stdout
        assert "In force within 15 s" in said
    finally:
        os.kill(started.part("grants"), signal.SIGCONT)


def test_down_leaves_no_mount(started):
    started.make("down")

    mark = (started.home / "state" / "instance").read_text()
    assert mark not in Path("/proc/self/mountinfo").read_text()
    assert (Path(started.facts["data"]) / SHARED / "raw" / "x").read_text() == "seen"
