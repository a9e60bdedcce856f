"""The examples that every account sees, on a real hub."""

import pytest

pytestmark = [pytest.mark.service, pytest.mark.slow, pytest.mark.timeout(900)]

CODE = """
import os, daisy_kernel as daisy
folder = os.path.expanduser("~/data/Public/examples")
print(daisy.open(folder + "/raw/tooth_0001.h5").signal.shape)
for place in (folder, folder + "/raw", folder + "/processed"):
    try:
        os.makedirs(place, exist_ok=True)
        open(place + "/mine.txt", "w")
        print("written", place)
    except OSError as error:
        print(error.strerror)
"""


@pytest.mark.parametrize("name", ["anna", "ben"])
def test_everybody_sees_the_examples_and_nobody_changes_them(
    demo_installation, log_in, name
):
    person = log_in(demo_installation, name)

    said = person.run(CODE).splitlines()

    assert said[0].startswith("(")
    assert said[1:] == ["Read-only file system"] * 3
    listed = person.get("/daisy/proposals").json()["proposals"]
    assert "Public" in [proposal["beamline"] for proposal in listed]
