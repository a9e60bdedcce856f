"""Frames of a detector as a file, and the gestures that tests of their view share."""

import re

import h5py
import numpy as np

import daisy_kernel as daisy

ROWS, COLUMNS = 300, 400


def frames(number=0):
    rows, columns = np.mgrid[:ROWS, :COLUMNS]
    stack = np.stack([rows + 2 * columns + 100 * k for k in range(5)]) + number
    stack[:, 140:150, 200:210] = 60_000
    return stack.astype("u2")


def write_detector(path, number):
    mask = np.zeros((ROWS, COLUMNS), "u4")
    mask[50:60] = 1
    with h5py.File(path, "w") as file:
        file.attrs["default"], entry = "entry", file.create_group("entry")
        entry.attrs.update(NX_class="NXentry", default="data")
        data = entry.create_group("data")
        data.attrs.update(NX_class="NXdata", signal="data")
        data.create_dataset("data", data=frames(number), chunks=(1, ROWS, COLUMNS))
        data["data"].attrs["units"] = "counts"
        group = entry.create_group("instrument/detector")
        group.attrs["NX_class"] = "NXdetector"
        group["pixel_mask"], group["saturation_value"] = mask, 50_000
        for name in ("x_pixel_size", "y_pixel_size"):
            group[name] = 75e-6
            group[name].attrs["units"] = "m"


def opened(user, name, fragment=""):
    user.page.set_default_timeout(15_000)
    page = user.watched.goto(f"B7/2026-0042/raw/{name}{fragment}")
    in_front(page, name)
    user.view.get_by_role("tablist").wait_for()
    user.drawn()
    return page


def in_front(page, name):
    page.wait_for_function(
        "name => document.querySelector('.lm-DockPanel-tabBar .lm-mod-current')"
        "?.innerText.includes(name)",
        arg=name,
        timeout=60_000,
    )


def picture_of(user):
    return user.view.locator(".jp-Daisy-canvasArea canvas")


def bound(user, end):
    return float(
        user.view.get_by_label(f"{end} end of the contrast", exact=True).input_value()
    )


def place(user, across, down):
    """Where a part of the frame is on the screen: pixels are square."""
    area = picture_of(user).bounding_box()
    zoom = min(area["width"] / COLUMNS, area["height"] / ROWS)
    left = area["x"] + (area["width"] - zoom * COLUMNS) / 2
    top = area["y"] + (area["height"] - zoom * ROWS) / 2
    return left + across * zoom * COLUMNS, top + down * zoom * ROWS


def shape(user, name):
    return user.view.locator(".jp-Daisy-shape", has_text=name)


def item(user, name):
    """The region in the details, once its numbers are there."""
    field = user.page.get_by_label(f"Name of {name}")
    found = user.view.locator(".jp-Daisy-regionItem", has=field)
    found.and_(user.page.locator("[data-busy=false]")).wait_for()
    return found


def statistic(user, name, which):
    row = item(user, name).locator("dt", has_text=re.compile(f"^{which}$"))
    return row.locator("+ dd").get_attribute("title")


def code_of(user, page):
    """Evaluate what is copied as the code of the picture."""
    user.view.get_by_role("slider").first.focus()
    page.evaluate("navigator.clipboard.writeText('')")
    page.keyboard.press("Alt+c")
    page.wait_for_function("async () => !!(await navigator.clipboard.readText())")
    *before, line = page.evaluate("navigator.clipboard.readText()").splitlines()
    names = {"daisy": daisy}
    exec("\n".join(before), names)
    return eval(line, names)


def flat_frames():
    """A dark frame, a flat one, and projections: a half and a quarter of the beam."""
    rows, columns = np.mgrid[:ROWS, :COLUMNS]
    beam = 1000 + 50 * (columns % 7)
    dark = np.full_like(beam, 100)
    through = dark + (beam - dark) // np.where(rows < ROWS // 2, 2, 4)
    return np.stack([dark, beam, through, through, through]).astype("u2")


def write_flat(path):
    with h5py.File(path, "w") as file:
        file.attrs["default"], entry = "entry", file.create_group("entry")
        entry.attrs.update(NX_class="NXentry", default="data", definition="NXtomo")
        data = entry.create_group("data")
        data.attrs.update(NX_class="NXdata", signal="data")
        data.attrs["axes"] = ["rotation_angle", ".", "."]
        data["data"] = flat_frames()
        data["image_key"] = [2, 1, 0, 0, 0]
        data["rotation_angle"] = [0.0, 0.0, 0.0, 90.0, 180.0]
        data["rotation_angle"].attrs["units"] = "degree"
