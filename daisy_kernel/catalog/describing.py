"""Describe scans in a process of its own: whatever a file holds, the writer goes on."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

from daisy_kernel.catalog.info import ScanInfo
from daisy_kernel.model.closing import Closing

DEADLINE = 30.0  # seconds for one scan
_CRASHED = "the process that read this file has crashed"


class Describer(Closing):
    """One process that opens scans of a proposal; links may not lead out of it.

    Parameters
    ----------
    proposal
        Folder of the proposal.
    deadline
        Seconds for one scan.
    """

    def __init__(self, proposal: Path, deadline: float = DEADLINE) -> None:
        self._roots = (str(proposal),)
        self._deadline = deadline
        self._process: subprocess.Popen[bytes] | None = None

    def describe(self, info: ScanInfo) -> ScanInfo:
        """Fill in what a scan says about itself, or why it cannot be read."""
        late = threading.Event()

        def too_late(process: subprocess.Popen[bytes]) -> None:
            late.set()
            process.kill()

        process = self._started()
        timer = threading.Timer(self._deadline, too_late, [process])
        timer.daemon = True
        timer.start()
        try:
            return self._asked(process, info)
        except (EOFError, OSError, pickle.UnpicklingError):
            self.close()
            limit = f"reading it takes longer than {self._deadline:.0f} s"
            return replace(info, problem=limit if late.is_set() else _CRASHED)
        finally:
            timer.cancel()

    def _asked(self, process: subprocess.Popen[bytes], info: ScanInfo) -> ScanInfo:
        if process.stdin is None or process.stdout is None:
            raise EOFError
        pickle.dump((info, self._roots), process.stdin)
        process.stdin.flush()
        answer: ScanInfo = pickle.load(process.stdout)  # our own process wrote it
        return answer

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "daisy_kernel.catalog.describe_loop"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "HDF5_USE_FILE_LOCKING": "FALSE"},
            )
        return self._process

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None
