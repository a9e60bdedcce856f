"""ACLs as the kernel enforces them, for processes that run as the accounts."""

import os
import subprocess
from pathlib import Path

import pytest
from daisy_hub.views import acl

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root has other uids")

ANNA, BEN, CORA, TEAM = 70_001, 70_002, 70_003, 80_001


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    # pytest's own folder is closed to other uids
    for parent in tmp_path.parents:
        if parent.is_relative_to("/tmp") and parent != Path("/tmp"):
            parent.chmod(0o755)
    tmp_path.chmod(0o755)
    made = tmp_path / "processed"
    made.mkdir()
    os.chown(made, 0, TEAM)
    made.chmod(0o2770)
    return made


def as_uid(uid: int, script: str, groups: tuple[int, ...] = ()) -> bool:
    """Whether a script succeeds for a process of a uid."""
    named = [f"--groups={','.join(map(str, groups))}"] if groups else ["--clear-groups"]
    identity = ["setpriv", f"--reuid={uid}", f"--regid={uid}", *named]
    return subprocess.run([*identity, "sh", "-c", script], check=False).returncode == 0


def test_a_member_without_the_group_may_write_and_others_may_not_look(folder):
    acl.let_in(folder, {ANNA: acl.WRITE, BEN: acl.READ}, group=acl.WRITE)

    assert as_uid(ANNA, f"touch {folder}/x")
    assert as_uid(BEN, f"ls {folder}/x")
    assert not as_uid(BEN, f"touch {folder}/y")
    assert not as_uid(CORA, f"ls {folder}")
    assert as_uid(CORA, f"touch {folder}/z", (TEAM,))


def test_who_is_not_named_any_more_is_shut_out(folder):
    acl.let_in(folder, {ANNA: acl.WRITE, BEN: acl.WRITE}, group=acl.WRITE)
    acl.let_in(folder, {BEN: acl.WRITE}, group=acl.WRITE)

    assert acl.users_let_in(folder) == {BEN: acl.WRITE}
    assert not as_uid(ANNA, f"ls {folder}")
    assert as_uid(BEN, f"ls {folder}")


def test_what_is_made_inside_is_for_all_who_were_let_in(folder):
    acl.let_in(folder, {ANNA: acl.WRITE}, group=acl.WRITE, inherit=True)
    as_uid(ANNA, f"umask 077; mkdir {folder}/run; echo 1 > {folder}/run/result")
    # ben comes later, to a server that runs already and has no group of the team
    acl.let_in(folder, {ANNA: acl.WRITE, BEN: acl.WRITE}, group=acl.WRITE, inherit=True)

    assert as_uid(BEN, f"cat {folder}/run/result")
    assert as_uid(CORA, f"rm {folder}/run/result", (TEAM,))
    assert not as_uid(CORA, f"ls {folder}/run")


def test_the_same_entries_are_not_written_again(folder):
    users = {ANNA: acl.WRITE}
    acl.let_in(folder, users, group=acl.WRITE, inherit=True)
    changed = folder.stat().st_ctime_ns

    acl.let_in(folder, users, group=acl.WRITE, inherit=True)

    assert folder.stat().st_ctime_ns == changed
