"""What takes long says how far it is, and can be cancelled."""

import os
import re
import signal
from pathlib import Path

import pytest
from detectors import opened, write_detector, write_flat

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(autouse=True)
def jp_server_cleanup():
    """Nothing to clean: no server runs in this process."""


@pytest.fixture(autouse=True)
def jp_asyncio_loop():
    """None is needed, and Playwright's own is running."""


@pytest.fixture(scope="module")
def raw(lab, settled):
    """A detector with a mask, gaps and a saturated spot, twice."""
    folder = lab.data / "B7" / "2026-0042" / "raw"
    for number in range(2):
        write_detector(folder / f"detector_{number}.nxs", number)
    write_flat(folder / "flat.nxs")
    return settled(folder)


def test_a_long_projection_says_how_far_it_is_and_can_be_cancelled(
    user, watched, lab, large_stack
):
    large_stack(lab.data / "B7" / "2026-0042" / "raw" / "long_0.h5")
    page = opened(user, "long_0.h5")
    before = user.drawn()
    chosen = user.view.get_by_label("Projection", exact=True)
    chosen.select_option("std")
    bar = user.view.get_by_role("progressbar", name="Reading")
    user.view.get_by_text(re.compile(r"^[1-9]\d* of 1000 frames$")).wait_for()
    for reader in readers(lab):
        os.kill(reader, signal.SIGSTOP)  # as long as somebody looks at it
    watched.picture("progress")
    assert 0 < float(bar.get_attribute("value")) < 1000
    with page.expect_event("requestfailed", lambda r: "daisy/tile" in r.url):
        user.view.get_by_role("button", name="Cancel").click()
    for reader in readers(lab):
        os.kill(reader, signal.SIGCONT)
    assert user.drawn() == before
    assert chosen.input_value() == ""
    assert bar.count() == 0

    chosen.select_option("max")
    user.drawn()
    assert chosen.input_value() == "max"
    assert bar.count() == 0


def readers(lab):
    """The processes of a server that read files."""
    return [
        int(process.name)
        for process in Path("/proc").glob("[0-9]*")
        if b"daisy_lab.worker" in told_by(process / "cmdline")
        and f"\nPPid:\t{lab.process.pid}\n".encode() in told_by(process / "status")
    ]


def told_by(file):
    try:
        return file.read_bytes()
    except OSError:
        return b""  # it has ended meanwhile
