"""Scans that a second process writes, as they grow on the page."""

import os
import time

import pytest
from writers import Writer

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(300)]

FOLLOW = "Follow the last frame"
# a picture of equal pixels has the contrast of their value
SHOWN = """frames => {
  const picture = document.querySelector('.jp-Daisy-viewBody canvas');
  return picture?.getAttribute('aria-label')?.includes(` at ${frames - 1}, from `);
}"""


@pytest.fixture(autouse=True)
def jp_server_cleanup():
    """Nothing to clean: no server runs in this process."""


@pytest.fixture(autouse=True)
def jp_asyncio_loop():
    """None is needed, and Playwright's own is running."""


@pytest.fixture
def write(lab, request):
    """Start a writer, and give the path as pages name it."""
    started = []

    def write(mode, frames):
        name = f"growing_{mode}" + ("" if mode == "tiff" else ".h5")
        writer = Writer(lab.data / "B7" / "2026-0042" / "raw" / name, mode)
        started.append(writer)
        writer.write(frames)
        return writer, f"data/B7/2026-0042/raw/{name}"

    yield write
    for writer in started:
        writer.end()


def show(user, watched, path):
    if path.endswith(".h5"):
        page = watched.open(f"/tree/{path}", ready=".jp-Daisy-viewBody")
    else:
        page = watched.open()
        user.data()
        user.row(path.rpartition("/")[2]).click()
    user.view.locator(".jp-Daisy-axisValue").wait_for(timeout=60_000)
    return page


@pytest.mark.parametrize("mode", ["plain", "swmr", "tiff"])
def test_the_picture_follows_a_scan_that_is_being_written(user, watched, write, mode):
    writer, path = write(mode, 3)
    page = show(user, watched, path)
    user.drawn()

    late = []
    for frames in range(4, 10):
        written = writer.write()
        page.wait_for_function(SHOWN, arg=frames, timeout=20_000)
        user.drawn()
        late.append(time.time() - written)

    late.sort()
    print(f"{mode}: on the screen after {late[len(late) // 2]:.2f} s, {late[-1]:.2f} s")
    button = user.view.get_by_role("button", name=FOLLOW)
    assert button.get_attribute("aria-pressed") == "true"
    assert "of 9" in user.view.locator(".jp-Daisy-axisValue").inner_text()
    watched.picture(f"live-{mode}")
    writer.close()


def test_one_may_stay_at_a_frame_and_follow_again(user, watched, write):
    writer, path = write("plain", 3)
    page = show(user, watched, path)
    user.drawn()
    writer.write()
    page.wait_for_function(SHOWN, arg=4)
    button = user.view.get_by_role("button", name=FOLLOW)

    user.view.get_by_role("slider").first.focus()
    page.keyboard.press("Home")
    page.wait_for_function(SHOWN, arg=1)
    writer.write(2)
    of = user.view.locator(".jp-Daisy-axisValue", has_text="of 6")
    of.wait_for()
    assert button.get_attribute("aria-pressed") == "false"
    assert page.evaluate(SHOWN, 1)

    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_function(SHOWN, arg=6)
    writer.write()
    page.wait_for_function(SHOWN, arg=7)
    writer.close()


def test_a_file_that_vanishes_leaves_its_picture_and_comes_back(
    user, watched, lab, write
):
    writer, path = write("plain", 3)
    writer.close()
    page = show(user, watched, path)
    before = user.drawn()
    os.utime(writer.path)  # whose news say that it is followed by now
    user.view.locator(".jp-Daisy-live", has_text="being written").wait_for()

    elsewhere = writer.path.with_suffix(".away")
    os.rename(writer.path, elsewhere)
    state = user.view.locator(".jp-Daisy-live")
    state.filter(has_text="file gone").wait_for()
    watched.picture("live-lost")
    assert user.drawn() == before
    assert not page.locator(".jp-Daisy-failed:visible").count()

    os.rename(elsewhere, writer.path)
    state.filter(has_text="file gone").wait_for(state="detached")
    user.view.get_by_label("Colours").select_option("viridis")
    user.drawn()


def test_a_scan_without_frames_opens_with_the_first_one(user, watched, write):
    writer, path = write("plain", 0)
    page = watched.open(f"/tree/{path}", ready=".jp-Daisy-viewBody")
    user.view.locator(".jp-Daisy-axisValue", has_text="of 0").wait_for()
    writer.write(2)
    page.wait_for_function(SHOWN, arg=2, timeout=20_000)
    writer.close()
