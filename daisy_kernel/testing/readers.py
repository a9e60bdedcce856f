"""What every reader must do: subclass ReaderTests and say how to write a scan."""

from __future__ import annotations

import os
import pickle
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import daisy_kernel as daisy
from daisy_kernel.io.identity import identity
from daisy_kernel.model.errors import DataError

SELECTIONS = (
    np.s_[...],
    np.s_[2],
    np.s_[-1, 1:3],
    np.s_[::2, ::-1],
    np.s_[1:4, :, 5],
    np.s_[3:1],
    np.s_[4, 3, 2],
)


class ReaderTests:
    """Conformance of a reader.

    `write` puts frames, shape (frame, row, column), below a folder by another road
    than the reader's own, and gives the path to open.
    """

    def write(self, frames: Any, folder: Path) -> Path:
        """Write frames and give the path of the scan."""
        raise NotImplementedError

    @pytest.fixture
    def frames(self) -> Any:
        """Give frames in which every element differs."""
        return np.arange(5 * 4 * 6, dtype=np.uint16).reshape(5, 4, 6)

    @pytest.fixture
    def scan(self, frames: Any, tmp_path: Path) -> Any:
        """Open the scan."""
        with daisy.open(self.write(frames, tmp_path)) as scan:
            yield scan

    def test_signal_is_the_frames(self, scan: Any, frames: Any) -> None:
        """The default plot has shape and type of what was written."""
        assert scan.signal.shape == frames.shape
        assert scan.signal.dtype == frames.dtype

    @pytest.mark.parametrize("selection", SELECTIONS, ids=str)
    def test_selection_agrees_with_numpy(
        self, scan: Any, frames: Any, selection: Any
    ) -> None:
        """Every selection gives what numpy gives."""
        assert np.array_equal(scan.signal[selection], frames[selection])

    def test_read_fills_out(self, scan: Any, frames: Any) -> None:
        """The caller's memory is filled, and given back."""
        out = np.zeros((4, 6), frames.dtype)
        assert scan.signal.read(3, out=out) is out
        assert np.array_equal(out, frames[3])

    def test_index_outside_is_an_error_of_ours(self, scan: Any) -> None:
        """An index out of range names the shape."""
        with pytest.raises(DataError, match=r"5, 4, 6"):
            scan.signal[5]

    def test_tree_leads_to_the_signal(self, scan: Any) -> None:
        """The path of the signal opens it again."""
        assert scan[scan.signal.path].shape == scan.signal.shape
        assert scan.children().total > 0

    def test_worker_reads_the_same(self, scan: Any, frames: Any) -> None:
        """A pickled dataset opens its file by itself."""
        again = pickle.loads(pickle.dumps(scan.signal))
        assert np.array_equal(again[2], frames[2])

    def test_blocks_cover_everything(self, scan: Any, frames: Any) -> None:
        """Blocks are the frames, one after the other."""
        blocks = [block for _, block in scan.signal.blocks(memory=100)]
        assert np.array_equal(np.concatenate(blocks), frames)

    def test_missing_name_is_an_error_of_ours(self, scan: Any) -> None:
        """A name that is not there is named."""
        with pytest.raises(DataError, match="no_such_name"):
            scan["no_such_name"]

    def test_copy_elsewhere_has_the_same_identity(
        self, frames: Any, tmp_path: Path
    ) -> None:
        """Where the files lie does not count, their names and times do."""
        here, there = tmp_path / "here", tmp_path / "there"
        here.mkdir()
        path = self.write(frames, here)
        shutil.copytree(here, there)
        copy = _moved(path, here, there)

        assert identity(copy).digest == identity(path).digest
        with daisy.open(copy) as first, daisy.open(path) as second:
            one, other = first.signal, second.signal
            assert one is not None
            assert other is not None
            assert identity(one).digest == identity(other).digest

    def test_each_file_counts_for_the_identity(
        self, frames: Any, tmp_path: Path
    ) -> None:
        """A file that is touched makes it another input; an open scan sees it."""
        with daisy.open(self.write(frames, tmp_path)) as scan:
            before = identity(scan)
            assert before.files
            for file in before.files:
                at = file.modified_ns
                os.utime(file.path, ns=(at, at + 1000))
                assert identity(scan).digest != before.digest
                os.utime(file.path, ns=(at, at))
            assert identity(scan) == before
            assert pickle.loads(pickle.dumps(before)) == before


def _moved(path: Any, here: Path, there: Path) -> Any:
    """Give the path of a copy; for a series, those of its files."""
    if isinstance(path, list):
        return [_moved(one, here, there) for one in path]
    return there / path.relative_to(here)
