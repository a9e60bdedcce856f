"""Work that is larger than memory keeps to the memory that is stated."""

import subprocess
import sys
from pathlib import Path

import pytest

# what is not work: buffers of libraries that load late, what malloc keeps
BESIDE = 64 << 20

MEASURE = """
import sys
from pathlib import Path
import h5py
import numpy as np
import daisy_kernel as daisy
from flows import level, scaled, smooth

def memory(name):
    status = Path("/proc/self/status").read_text()
    return int(status.split(f"{name}:")[1].split()[0]) << 10

def write(path, count, side):
    rng = np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        frames = file.create_dataset("frames", (count, side, side), "f4",
                                     chunks=(1, side, side))
        for number in range(count):
            frames[number] = rng.random((side, side), "f4")
    return path

def turned(path, memory):
    flow = daisy.Workflow("turned")
    even = flow.add(smooth, "frames", into="even")
    flow.add(scaled, flow.add(level, even, into="sinograms"), into="scaled")
    axes = {"angle": None, "row": None, "column": None}
    with daisy.open(path) as scan:
        frames = daisy.data_object(scan["frames"], axes=axes)
        daisy.run(flow, folder=path.with_suffix(""), show=lambda progress: None,
                  memory=memory, frames=frames)

folder = Path(sys.argv[1])
turned(write(folder / "small.h5", 20, 32), 64 << 20)
large = write(folder / "large.h5", 300, 512)
before = memory("VmRSS")
Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
turned(large, int(sys.argv[2]))
print(memory("VmHWM") - before)
"""


@pytest.mark.slow
@pytest.mark.parametrize("budget", [96 << 20, 256 << 20])
def test_frames_become_sinograms_within_the_memory_that_is_stated(
    tmp_path: Path, budget: int
) -> None:
    """Each of the three objects has 300 MiB."""
    tests = str(Path(__file__).parents[2])
    found = subprocess.run(
        [sys.executable, "-c", MEASURE, str(tmp_path), str(budget)],
        env={"PYTHONPATH": tests, "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert found.returncode == 0, found.stderr
    assert int(found.stdout) < budget + BESIDE
