"""Bad input, as a user sees it: named, marked, and never in the way of the rest."""

import re

import h5py
import hdf5plugin
import numpy as np
import pytest

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(300)]

STRANGE = "ångström #1 100% & 新材料.h5"
COMPOUND = np.dtype([("name", "S8"), ("count", "i8")])
HATCH = (116, 92, 148)
NO_DATA = (255, 0, 144)


@pytest.fixture(autouse=True)
def jp_server_cleanup():
    """Nothing to clean: no server runs in this process."""


@pytest.fixture(autouse=True)
def jp_asyncio_loop():
    """None is needed, and Playwright's own is running."""


@pytest.fixture(scope="module")
def raw(lab):
    folder = lab.data / "B7" / "2026-0042" / "raw"
    write_missing_source(folder)
    write_corrupt_chunk(folder / "corrupt.h5")
    with h5py.File(folder / "vanishes.h5", "w") as file:
        noise = np.random.default_rng(1).poisson(90, (30, 64, 64))
        file.create_dataset("frames", data=noise.astype("u2"), chunks=(1, 64, 64))
    with h5py.File(folder / "kinds.h5", "w") as file:
        bad = np.tile(np.arange(40.0), (30, 1))
        bad[3:6], bad[10:12] = np.nan, np.inf
        file["nan"], file["equal"] = bad, np.full((20, 30), 7, "u2")
        file["complex"] = np.exp(1j * np.mgrid[:20, :30][1] / 3) * np.arange(30)
        file["flags"] = np.indices((20, 30)).sum(0) % 3 == 0
        file["big"] = np.array([2**60 + 1, -(2**60) - 1])
        file["texts"] = ["one", "two"]
        rows = np.zeros(2, COMPOUND)
        rows["name"], rows["count"] = [b"a", b"b"], 2**53 + 1
        file["compound"] = rows
        file.create_group("nothing here")
        file["a group/with 空格 and %/data"] = np.eye(20)
        file["soft"] = h5py.SoftLink("/not/there")
        file["external"] = h5py.ExternalLink("absent.h5", "/data")
        file["pointer"] = np.array([file["nan"].ref], dtype=h5py.ref_dtype)
    strange = folder / STRANGE
    strange.write_bytes((folder / "scan_0000.nxs").read_bytes())
    return folder


def write_missing_source(folder):
    layout = h5py.VirtualLayout((4, 40, 60), "u2")
    for frame in range(4):
        part = folder / f"part_{frame}.h5"
        with h5py.File(part, "w") as file:
            file["data"] = np.arange(2400, dtype="u2").reshape(40, 60)
        layout[frame] = h5py.VirtualSource(part.name, "data", shape=(40, 60))
    with h5py.File(folder / "virtual.h5", "w") as file:
        file.create_virtual_dataset("data", layout)
    (folder / "part_2.h5").unlink()


def write_corrupt_chunk(path):
    with h5py.File(path, "w") as file:
        noise = np.random.default_rng(2).integers(0, 60_000, (3, 64, 64), "u2")
        packed = hdf5plugin.Bitshuffle(cname="lz4")
        file.create_dataset("frames", data=noise, chunks=(1, 64, 64), **packed)
        where = file["frames"].id.get_chunk_info(1).byte_offset
    with path.open("r+b") as stream:
        stream.seek(where + 12)
        stream.write(b"\xff" * 200)


def opened(user, name):
    if user.page.url == "about:blank":
        user.watched.open()
    user.data()
    user.row(name).click()
    user.view.get_by_role("tablist").wait_for()


def chosen(user, node):
    user.row(node).click()
    user.view.locator(".jp-Daisy-dataset", has_text=node).wait_for()


def colours(user):
    """The colours on the canvas, with how many pixels have each."""
    user.drawn()
    return user.page.evaluate(
        f"""() => {{
          const canvas = {user.VIEW}.querySelector('canvas');
          const {{ width, height }} = canvas;
          const all = canvas.getContext('2d').getImageData(0, 0, width, height).data;
          const seen = {{}};
          for (let i = 0; i < all.length; i += 4) {{
            const key = [all[i], all[i + 1], all[i + 2]].join();
            seen[key] = (seen[key] ?? 0) + 1;
          }}
          return seen;
        }}"""
    )


def of(colour, seen):
    return seen.get(",".join(map(str, colour)), 0)


def test_a_missing_source_is_hatched_and_the_rest_is_shown(user, watched, raw):
    opened(user, "virtual.h5")
    user.view.get_by_text("Part of this data is missing").wait_for()
    whole = colours(user)
    position = user.view.locator("input[type=range]")
    position.focus()
    for _ in range(2):
        user.page.keyboard.press("ArrowRight")
    user.view.get_by_text("2400 pixels missing").wait_for()
    absent = colours(user)
    watched.picture("bad-missing-source")

    assert not of(HATCH, whole)
    assert len(whole) > 50
    assert of(HATCH, absent) > 1000
    greys = [colour for colour in absent if len(set(colour.split(","))) == 1]
    assert greys == ["0,0,0"], "besides the hatch there is only the ground"


def test_a_corrupt_chunk_is_named_and_the_next_frame_is_shown(user, watched, raw):
    opened(user, "corrupt.h5")
    first = user.drawn()
    user.view.locator("input[type=range]").focus()
    user.page.keyboard.press("ArrowRight")
    warning = user.view.locator(".jp-Daisy-warnings")
    warning.wait_for()
    assert "corrupt.h5" in warning.inner_text()
    user.page.keyboard.press("ArrowRight")
    user.drawn_anew(first)
    warning.wait_for(state="detached")


def test_a_file_that_vanishes_while_open_says_so(user, watched, raw):
    opened(user, "vanishes.h5")
    user.drawn()
    (raw / "vanishes.h5").rename(raw / "gone.h5")
    user.view.get_by_label("frame, position").fill("20")
    warning = user.view.locator(".jp-Daisy-warnings", has_text="does not exist")
    warning.wait_for()
    (raw / "gone.h5").rename(raw / "vanishes.h5")
    user.view.get_by_label("frame, position").fill("21")
    warning.wait_for(state="detached")
    user.drawn()


def test_numbers_that_are_none_or_all_the_same_are_drawn_as_such(user, watched, raw):
    opened(user, "kinds.h5")
    user.look_into("kinds.h5")
    chosen(user, "nan")
    user.view.get_by_text("200 pixels without data").wait_for()
    seen = colours(user)
    assert of(NO_DATA, seen) > 1000
    assert len(seen) > 20
    watched.picture("bad-nan")

    chosen(user, "equal")
    user.page.wait_for_function(f"() => ({user.SHADES})() < 4")
    assert not of(NO_DATA, colours(user))
    chosen(user, "complex")
    user.page.wait_for_function(f"() => ({user.SHADES})() > 20")
    chosen(user, "flags")
    user.page.wait_for_function(f"() => ({user.SHADES})() < 8")
    assert of((255, 255, 255), colours(user)) > 1000


def test_what_is_no_picture_is_a_table(user, watched, raw):
    opened(user, "kinds.h5")
    user.look_into("kinds.h5")
    tables = {
        "big": str(2**60 + 1),
        "texts": "two",
        "compound": str(2**53 + 1),
        "pointer": "nan",
    }
    for node, text in tables.items():
        chosen(user, node)
        user.view.get_by_role("tab", name="Table").click()
        cell = user.view.get_by_role("cell", name=re.compile(re.escape(text))).first
        cell.wait_for()
    watched.picture("bad-kinds")


def test_dead_links_and_an_empty_group_are_explained(user, watched, raw):
    opened(user, "kinds.h5")
    user.look_into("kinds.h5")
    assert "/not/there" in user.row("soft").get_attribute("title")
    assert "no such file" in user.row("external").get_attribute("title")
    user.row("nothing here").wait_for()
    user.look_into("nothing here")
    user.view.get_by_text("absent.h5").first.wait_for()
    user.drawn()


def test_names_with_spaces_and_any_letters(user, watched, raw):
    opened(user, STRANGE)
    assert user.drawn()["shades"] > 50
    assert STRANGE in user.view.locator(".jp-Daisy-panel").inner_text()

    user.look_into("kinds.h5")
    user.look_into("a group")
    user.look_into("with 空格 and %")
    user.row("data").click()
    path = "a group/with 空格 and %/data"
    user.view.locator(".jp-Daisy-dataset", has_text="空格").wait_for()
    assert path in user.view.locator(".jp-Daisy-dataset").inner_text()
    user.drawn()
