"""Views with real mounts: what a running sandbox sees comes and goes."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from daisy_hub.sandbox import Mount, Sandbox
from daisy_hub.views import View, Viewed, may_make_views
from daisy_hub.views.mounts import mounted_below

pytestmark = pytest.mark.skipif(not may_make_views(), reason="only root may mount")

P1, P2 = Path("B7/P1"), Path("B7/P2")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("B7/P1", "B7/P2"):
        for area in ("raw", "processed"):
            (tmp_path / "data" / name / area).mkdir(parents=True)
        (tmp_path / "data" / name / "raw" / "scan").write_text(name)
        os.chown(tmp_path / "data" / name / "processed", 70_001, 70_001)
    return tmp_path / "data"


@pytest.fixture
def view(tmp_path: Path) -> Iterator[View]:
    view = View(tmp_path / "views" / "anna")
    yield view
    view.end()
    assert not view.is_there


def whole(tree: Path, target: Path, *, writable: bool = True) -> list[Viewed]:
    processed = Viewed(tree / target / "processed", target / "processed", writable=True)
    return [Viewed(tree / target, target), *([processed] if writable else [])]


@pytest.fixture
def sandbox(tmp_path: Path, view: View) -> Iterator[Callable[[str], str]]:
    """A sandbox that runs already; sandbox(script) runs a line in it."""
    (tmp_path / "home").mkdir()
    os.chown(tmp_path / "home", 70_001, 70_001)
    (tmp_path / "names").write_text("")
    wall = Sandbox(
        account="anna",
        home=tmp_path / "home",
        environment=Path(sys.prefix),
        inner_environment=Path(sys.prefix),
        passwd=tmp_path / "names",
        group=tmp_path / "names",
        data=(Mount(view.path, Path("/home/anna/data"), writable=True),),
        uid=70_001,
        gid=70_001,
    )
    shell = subprocess.Popen(
        wall.command(["sh"]),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        bufsize=1,
        env=wall.variables(),
    )

    def run(script: str) -> str:
        shell.stdin.write(f"{{ {script}; }} 2>&1; echo; echo --end\n")
        lines = iter(shell.stdout.readline, "--end\n")
        return "".join(lines).strip()

    yield run
    shell.stdin.close()
    shell.wait(10)


def test_a_new_grant_appears_in_a_sandbox_that_runs(view, tree, sandbox_of_view):
    sandbox = sandbox_of_view([])
    assert sandbox("ls ~/data") == ""

    assert view.show(whole(tree, P1)) == []

    assert sandbox("cat ~/data/B7/P1/raw/scan") == "B7/P1"
    assert sandbox("touch ~/data/B7/P1/processed/x && echo written") == "written"


def test_raw_data_of_a_new_grant_cannot_be_written(view, tree, sandbox_of_view):
    os.chmod(tree / P1 / "raw", 0o777)
    sandbox = sandbox_of_view([])
    view.show(whole(tree, P1))

    for place in ("raw", ".", "processed/../raw"):
        said = sandbox(f"touch ~/data/B7/P1/{place}/x && echo written")
        assert "Read-only" in said


def test_what_is_taken_away_is_gone_and_the_rest_stays(view, tree, sandbox_of_view):
    sandbox = sandbox_of_view([*whole(tree, P1), *whole(tree, P2)])

    view.show(whole(tree, P2))

    assert sandbox("ls ~/data/B7") == "P2"
    assert "No such file" in sandbox("cat ~/data/B7/P1/raw/scan")
    assert sandbox("cat ~/data/B7/P2/raw/scan") == "B7/P2"


def test_the_end_of_writing_closes_processed_and_leaves_it_readable(
    view, tree, sandbox_of_view
):
    sandbox = sandbox_of_view(whole(tree, P1))
    sandbox("echo result > ~/data/B7/P1/processed/x")

    view.show(whole(tree, P1, writable=False))

    assert sandbox("cat ~/data/B7/P1/processed/x") == "result"
    assert "Read-only" in sandbox("touch ~/data/B7/P1/processed/y")
    view.show(whole(tree, P1))
    assert sandbox("touch ~/data/B7/P1/processed/y && echo written") == "written"


def test_the_view_itself_belongs_to_nobody_inside(view, tree, sandbox_of_view):
    sandbox = sandbox_of_view(whole(tree, P1))

    for place in ("~/data/x", "~/data/B7/x"):
        assert "written" not in sandbox(f"touch {place} && echo written")
    assert "Capabilities" not in sandbox("umount ~/data/B7/P1 && echo Capabilities")


def test_a_view_that_is_right_is_not_touched(view, tree):
    wanted = [*whole(tree, P1), *whole(tree, P2)]
    view.show(wanted)
    before = mount_numbers(view)

    view.show(wanted)

    assert mount_numbers(view) == before


def test_a_folder_that_was_replaced_on_disk_is_shown_anew(view, tree, sandbox_of_view):
    sandbox = sandbox_of_view(whole(tree, P1))
    (tree / P1).rename(tree / "B7" / "old")
    for area in ("raw", "processed"):
        (tree / P1 / area).mkdir(parents=True)
    (tree / P1 / "raw" / "scan").write_text("new")

    view.show(whole(tree, P1))

    assert sandbox("cat ~/data/B7/P1/raw/scan") == "new"


def test_a_folder_that_is_away_is_named_and_the_others_are_shown(view, tree):
    wanted = [Viewed(tree / "B9", Path("B9")), *whole(tree, P1)]

    (problem,) = view.show(wanted)

    assert str(tree / "B9") in problem
    assert (view.path / P1 / "raw" / "scan").read_text() == "B7/P1"


def test_a_file_system_below_a_proposal_is_shown_read_only_too(view, tree, tmp_path):
    inner = tree / P1 / "raw" / "detector"
    inner.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", inner], check=True)
    try:
        (inner / "frame").write_text("x")
        view.show(whole(tree, P1))
        before = mount_numbers(view)

        assert (view.path / P1 / "raw" / "detector" / "frame").read_text() == "x"
        with pytest.raises(OSError, match="Read-only"):
            (view.path / P1 / "raw" / "detector" / "y").touch()
        view.show(whole(tree, P1))
        assert mount_numbers(view) == before
    finally:
        view.end()
        subprocess.run(["umount", inner], check=True)


def test_what_is_mounted_into_a_proposal_later_does_not_come_in_writable(view, tree):
    inner = tree / P1 / "raw" / "later"
    inner.mkdir()
    view.show(whole(tree, P1))
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", inner], check=True)
    try:
        with pytest.raises(OSError, match="Read-only"):
            (view.path / P1 / "raw" / "later" / "y").touch()
    finally:
        subprocess.run(["umount", inner], check=True)


def test_names_with_spaces_and_backslashes_are_found_again(view, tree):
    odd = Path("B7/odd name\\x")
    (tree / odd).mkdir()
    wanted = [Viewed(tree / odd, odd)]

    view.show(wanted)
    before = mount_numbers(view)
    view.show(wanted)

    assert mount_numbers(view) == before
    assert view.path / odd in {m.target for m in mounted_below(view.path)}
    view.show([])
    assert not (view.path / odd).exists()


def test_many_at_once_leave_one_view(view, tree):
    script = (
        "import sys; from pathlib import Path\n"
        "from daisy_hub.views import View, Viewed\n"
        f"tree = Path({str(tree)!r})\n"
        f"view = View(Path({str(view.path)!r}))\n"
        "for _ in range(20):\n"
        "    view.show([Viewed(tree / 'B7/P1', Path('B7/P1'))])\n"
    )
    runs = [subprocess.Popen([sys.executable, "-c", script]) for _ in range(4)]

    assert [run.wait(60) for run in runs] == [0] * 4
    assert len(list(mounted_below(view.path))) == 2


def mount_numbers(view: View) -> list[str]:
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    return [line.split()[0] for line in lines if f" {view.path}" in line]


@pytest.fixture
def sandbox_of_view(
    view: View, request: pytest.FixtureRequest
) -> Callable[[list[Viewed]], Callable[[str], str]]:
    """Start a sandbox on a view that shows something: sandbox_of_view(wanted)."""

    def start(wanted: list[Viewed]) -> Callable[[str], str]:
        view.show(wanted)
        run = request.getfixturevalue("sandbox")
        limit = time.monotonic() + 10
        while run("echo up") != "up" and time.monotonic() < limit:
            pass
        return run

    return start
