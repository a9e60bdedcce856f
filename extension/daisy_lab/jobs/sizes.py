"""Job on folders: what their files take on disk."""

import os
import time

from daisy_lab.jobs.progress import report
from daisy_lab.jobs.values import Result

BLOCK = 512  # of st_blocks, whatever the file system's own are
LONGEST = 20.0  # seconds; what has been found until then is told
TELL_EVERY = 1000  # entries


def size(path: str, longest: float = LONGEST) -> Result:
    """Add up what the files below a folder take, in bytes, and what is left beside.

    No link is followed; a file with several names counts once, and what is mounted
    there not at all. `partial` says that time was over before all was seen.
    """
    seen: set[int] = set()
    taken, count, began = 0, 0, time.monotonic()
    device = os.stat(path).st_dev
    partial = False
    for _, folders, files, at in os.fwalk(path, follow_symlinks=False):
        for name in (*files, *folders):
            try:
                found = os.stat(name, dir_fd=at, follow_symlinks=False)
            except OSError:
                continue  # gone meanwhile, or not to be seen
            if found.st_dev != device:
                if name in folders:
                    folders.remove(name)
            elif found.st_ino not in seen:
                seen.add(found.st_ino)
                taken += found.st_blocks * BLOCK
        count += len(files)
        if count >= TELL_EVERY:
            count = 0
            report(len(seen), len(seen))
        if time.monotonic() - began > longest:
            partial = True
            break
    state = os.statvfs(path)
    free = state.f_bavail * state.f_frsize
    return {"used": taken, "free": free, "partial": partial}, b""
