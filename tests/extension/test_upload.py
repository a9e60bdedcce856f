"""Files of one's own: JupyterLab's file browser takes large ones, in parts."""

import hashlib
import re
import time

import pytest

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(300)]

MIB = 120


@pytest.fixture(autouse=True)
def jp_server_cleanup():
    """Nothing to clean: no server runs in this process."""


@pytest.fixture(autouse=True)
def jp_asyncio_loop():
    """None is needed, and Playwright's own is running."""


def test_a_large_file_is_uploaded_whole(watched, lab, tmp_path):
    file = tmp_path / "mine.h5"
    digest = hashlib.sha256()
    with file.open("wb") as out:
        for number in range(MIB):
            part = hashlib.sha256(bytes([number])).digest() * 2**15
            digest.update(part)
            out.write(part)
    page = watched.open()
    page.get_by_role("tab", name=re.compile("File Browser")).click()

    with page.expect_file_chooser() as choosing:
        page.get_by_role("button", name="Upload Files").click()
    choosing.value.set_files(file)
    page.get_by_role("dialog").get_by_role("button", name="Upload").click()

    page.locator(".jp-DirListing-item", has_text="mine.h5").wait_for(timeout=120_000)
    uploaded = lab.home / "mine.h5"
    end = time.monotonic() + 60
    while (size := uploaded.stat().st_size) < MIB * 2**20:
        assert time.monotonic() < end, f"only {size} bytes have come"
        page.wait_for_timeout(50)
    found = hashlib.sha256()
    with uploaded.open("rb") as content:
        while part := content.read(2**20):
            found.update(part)
    assert found.hexdigest() == digest.hexdigest()
