"""The table of readers: what is readable, and formats of others."""

from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import daisy_kernel as daisy
from daisy_kernel import errors
from daisy_kernel.io import Reader, readers
from daisy_kernel.io.single import SingleScan
from daisy_kernel.model.nodes import Layout


class Text:
    """A facility's own format: numbers as text."""

    notes: tuple[str, ...] = ()
    path = "data"
    layout = Layout()
    attrs: dict[str, Any] = {}  # noqa: RUF012

    def __init__(self, path: Path, roots: Any) -> None:
        self.file, self._data = str(path), np.loadtxt(path)
        self.shape, self.dtype = self._data.shape, self._data.dtype
        self.axes = (None,) * self._data.ndim

    def missing_sources(self) -> tuple[str, ...]:
        return ()

    def refresh(self) -> None:
        self.__init__(Path(self.file), None)

    def read(self, selection: Any, out: Any) -> Any:
        return self._data[selection.forward]


def _open(path: Path, roots: Any) -> SingleScan:
    return SingleScan("numbers", Text(path, roots))


NUMBERS = Reader("numbers", "tables of numbers", lambda p: p.suffix == ".num", _open)
SECOND_TIFF = Reader("tiff", "TIFF again", lambda p: False, _open)


class Loaded(EntryPoint):
    """An entry point that finds its object in this file."""

    def load(self) -> Any:
        return globals()[self.value.partition(":")[2]]


@pytest.fixture
def plugins(monkeypatch: pytest.MonkeyPatch) -> Any:
    def install(*names: str) -> None:
        points = [Loaded(n, f"facility.formats:{n}", readers.GROUP) for n in names]
        monkeypatch.setattr(readers, "entry_points", lambda group: points)
        readers.readers.cache_clear()

    yield install
    monkeypatch.undo()
    readers.readers.cache_clear()


def test_a_format_of_others_is_opened(tmp_path: Path, plugins: Any) -> None:
    plugins("NUMBERS")
    (tmp_path / "a.num").write_text("1 2\n3 4\n")

    with daisy.open(tmp_path / "a.num") as scan:
        assert scan.format == "numbers"
        assert scan.signal.read().tolist() == [[1, 2], [3, 4]]


def test_two_readers_of_one_name_are_an_error_that_names_both(
    tmp_path: Path, plugins: Any
) -> None:
    plugins("NUMBERS", "SECOND_TIFF")
    (tmp_path / "a.num").write_text("1 2\n3 4\n")

    with pytest.raises(readers.DuplicateReader) as raised:
        daisy.open(tmp_path / "a.num")

    assert "'tiff'" in str(raised.value)
    assert "daisy-kernel and that of ? (facility.formats:SECOND_TIFF)" in str(
        raised.value
    )


def test_a_reader_that_fails_is_left_out_with_a_warning(plugins: Any) -> None:
    plugins("missing", "NUMBERS")

    with pytest.warns(UserWarning, match=r"facility.formats:missing\) fails: KeyErr"):
        names = [reader.name for reader in readers.readers()]

    assert names == ["zarr", "tiff", "tiff-folder", "hdf5", "xdi", "athena", "numbers",
                     "spec", "detector", "columns"]  # fmt: skip


def test_what_is_readable_is_listed_with_the_extras(tmp_path: Path) -> None:
    (tmp_path / "a.xyz").write_text("hello")

    with pytest.raises(errors.FormatNotSupported) as raised:
        daisy.open(tmp_path / "a.xyz")

    for text in ("HDF5 and NeXus", "TIFF", "Zarr (pip install 'daisy-kernel[zarr]')"):
        assert text in str(raised.value)


def test_a_device_is_neither_file_nor_folder() -> None:
    with pytest.raises(errors.FormatNotSupported, match="neither a file nor a folder"):
        daisy.open("/dev/null")
