"""A full disk, a killed writer: real processes, and nothing that looks whole."""

import shutil
import signal
import subprocess
import sys

import pytest

WRITE = """
import sys, time
from pathlib import Path
import numpy as np
from daisy_kernel.io.writing import Branch, Field, write_nexus

def blocks(rng=np.random.default_rng(1)):
    for i in range(60):
        yield rng.integers(0, 60000, (1, 256, 256)).astype("u2")
        if {pause}:
            print(i, flush=True)
            time.sleep({pause})

folder = Path(sys.argv[1])
field = Field(blocks(), "", {{}}, {codec!r}, (1, 256, 256), (60, 256, 256), "u2")
root = Branch("NXroot", {{"entry": Branch("NXentry", {{"data": field}})}})
"""
FAIL = """
from daisy_kernel.model.errors import WriteFailed
before = list(folder.iterdir())
try:
    write_nexus(folder / "scan.h5", root)
except WriteFailed as error:
    print(error)
assert list(folder.iterdir()) == before, list(folder.iterdir())
write_nexus(folder / "small.h5", Branch("", {"x": 1}))
print("next one is fine")
"""
LIMIT = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
"""
CODECS = [None, "gzip", "bitshuffle-lz4", "bitshuffle-zstd", "zstd"]


def can_mount() -> bool:
    if not shutil.which("unshare"):
        return False
    probe = ["unshare", "-rm", "mount", "-t", "tmpfs", "-o", "size=1m", "none", "/mnt"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("codec", CODECS)
def test_a_full_disk_is_named_with_dataset_and_chunk(tmp_path, codec):
    if not can_mount():
        pytest.skip("no small file system can be mounted here")
    program = WRITE.format(pause=0, codec=codec) + FAIL
    mount = f"mount -t tmpfs -o size=1m none {tmp_path} && exec "

    shell = ["unshare", "-rm", "sh", "-c", f'{mount} "$@"', "sh"]
    text = run([*shell, sys.executable, "-c", program, str(tmp_path)])

    assert "scan.h5 is not written: /entry/data, " in text
    assert ("the chunk at (" if codec else "the part from ") in text
    assert "no space left on device: make room" in text
    assert "next one is fine" in text


@pytest.mark.parametrize("codec", CODECS)
def test_a_file_that_may_not_grow_is_an_error(tmp_path, codec):
    program = WRITE.format(pause=0, codec=codec) + LIMIT + FAIL

    text = run([sys.executable, "-c", program, str(tmp_path)])

    assert "scan.h5 is not written: /entry/data, " in text
    assert "file too large" in text
    assert "next one is fine" in text


@pytest.mark.parametrize("codec", [None, "gzip"])
def test_a_killed_writer_leaves_no_file_of_that_name(tmp_path, codec):
    program = WRITE.format(pause=0.02, codec=codec)
    program += "write_nexus(folder / 'scan.h5', root)"
    writer = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE
    )
    assert writer.stdout is not None
    while int(writer.stdout.readline()) < 10:
        pass

    writer.send_signal(signal.SIGKILL)
    writer.wait()

    (left,) = tmp_path.iterdir()
    assert left.name.startswith(".scan.h5.")
    assert left.name.endswith(".part")
    assert left.stat().st_size


def test_a_folder_that_cannot_be_written_to(tmp_path):
    from daisy_kernel.io.writing import Branch, write_nexus
    from daisy_kernel.model.errors import WriteFailed

    with pytest.raises(WriteFailed, match=r"no such file or directory"):
        write_nexus(tmp_path / "absent" / "a.h5", Branch("", {"x": 1}))


FOLDERS = """
import sys
from pathlib import Path
import dask.array as da
import numpy as np
import daisy_kernel as daisy
from daisy_kernel.model.errors import WriteFailed

folder = Path(sys.argv[1])
noise = np.random.default_rng(1).integers(0, 60000, (60, 256, 256)).astype("u2")
for name in ("frames", "a.zarr", "dask.zarr", "dask.h5"):
    data = da.from_array(noise, chunks=(4, 256, 256)) if "dask" in name else noise
    try:
        daisy.write(folder / name, data)
    except WriteFailed as error:
        print(error)
    assert not list(folder.iterdir()), list(folder.iterdir())
"""


def test_a_full_disk_leaves_no_folder(tmp_path):
    if not can_mount():
        pytest.skip("no small file system can be mounted here")
    mount = f"mount -t tmpfs -o size=1m none {tmp_path} && exec "

    shell = ["unshare", "-rm", "sh", "-c", f'{mount} "$@"', "sh"]
    text = run([*shell, sys.executable, "-c", FOLDERS, str(tmp_path)])

    said = text.splitlines()
    assert len(said) == 4, text
    assert not [s for s in said if "no space left on device: make room" not in s]
    assert "frame_00" in said[0]
    assert "a.zarr is not written: /data, the chunk at (" in said[1]
    assert "dask.zarr is not written: /data, the chunk at (" in said[2]
    assert ".h5 is not written: /data, " in said[3]
