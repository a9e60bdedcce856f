"""The sandbox, run for real: what a command inside sees, and what it cannot do."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from daisy_hub.sandbox import Mount, Sandbox, SandboxUnavailable, probe

AS_ROOT = os.geteuid() == 0


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    try:
        probe()
    except SandboxUnavailable as error:
        pytest.skip(str(error))
    home, proposal = tmp_path / "home", tmp_path / "P1"
    for folder in (home, proposal / "raw", proposal / "processed"):
        folder.mkdir(parents=True)
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "names").write_text("")
    identity = {"uid": 70_001, "gid": 70_001, "groups": (80_001,)} if AS_ROOT else {}
    if AS_ROOT:
        os.chown(home, 70_001, 70_001)
        os.chown(proposal / "processed", 70_001, 70_001)
    target = Path("/home/anna/data/B7/P1")
    return Sandbox(
        account="anna",
        home=home,
        environment=Path(sys.prefix),
        inner_environment=Path(sys.prefix),
        passwd=tmp_path / "names",
        group=tmp_path / "names",
        data=(
            Mount(proposal, target),
            Mount(proposal / "processed", target / "processed", writable=True),
        ),
        **identity,
    )


def inside(sandbox: Sandbox, script: str) -> str:
    result = subprocess.run(
        sandbox.command(["sh", "-c", script]),
        capture_output=True,
        text=True,
        check=False,
        env=sandbox.variables(),
    )
    return result.stdout + result.stderr


def test_a_command_inside_has_no_capability(sandbox):
    status = inside(sandbox, "grep Cap /proc/self/status")

    assert status.count("Cap") == 5
    assert {line.split()[1] for line in status.splitlines()} == {"0" * 16}


@pytest.mark.skipif(not AS_ROOT, reason="only root can give an account its own uid")
def test_a_command_runs_as_the_accounts_uid_and_groups(sandbox):
    assert inside(sandbox, "id -u; id -g; id -G").split() == [
        "70001", "70001", "70001", "80001",
    ]  # fmt: skip


def test_files_beside_the_mounts_do_not_exist_inside(sandbox):
    secret = sandbox.home.parent / "secret"
    assert secret.exists()

    assert "No such file" in inside(sandbox, f"cat {secret}")
    assert "No such file" in inside(sandbox, "cat /etc/shadow")


def test_processes_outside_are_not_visible(sandbox):
    pids = [int(n) for n in inside(sandbox, "ls /proc").split() if n.isdigit()]

    assert len(pids) < 6
    assert max(pids) < 50


@pytest.mark.parametrize(
    "place", ["/", "/usr", "/etc", "/home", "~/data", "~/data/B7", "~/data/B7/P1/raw"]
)
def test_nothing_can_be_written_outside_own_places(sandbox, place):
    said = inside(sandbox, f"touch {place}/x && echo written")

    assert "written" not in said
    assert "Read-only" in said or "denied" in said


@pytest.mark.parametrize("place", ["~", "/tmp", "/dev/shm", "~/data/B7/P1/processed"])
def test_own_places_are_writable(sandbox, place):
    assert "written" in inside(sandbox, f"touch {place}/x && echo written")


def test_colleagues_may_write_what_one_writes(sandbox):
    inside(sandbox, "touch /home/anna/data/B7/P1/processed/result")

    result = sandbox.home.parent / "P1" / "processed" / "result"
    assert result.stat().st_mode & 0o777 == 0o660


def test_mounts_cannot_be_undone(sandbox):
    said = inside(
        sandbox,
        "mount -o remount,rw /usr; umount /home/anna/data; "
        "unshare -Ur mount -o remount,rw / && echo undone; "
        "touch /usr/x && echo undone; "
        "echo x > /proc/sys/kernel/core_pattern && echo undone",
    )

    assert "undone" not in said


def test_a_wrong_interpreter_or_command_fails_with_its_name(sandbox):
    assert "no-such-command" in inside(sandbox, "no-such-command")
