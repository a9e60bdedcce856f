"""Jobs that turn a part of a dataset into a file that other programs read.

NumPy and TIFF files are a head and the numbers behind it, so they are made piece by
piece and go on anywhere. Text is made at once, HDF5 as a file of its own.
"""

import io
from pathlib import Path
from typing import Any

import numpy as np

from daisy_kernel.io.writing import Scaling, description, stack_head, write_subset
from daisy_kernel.model import Dataset, Scan
from daisy_kernel.model.errors import NothingToShow, ParameterRefused, SourceMissing
from daisy_lab.jobs.cells import Cells, dtype_of
from daisy_lab.jobs.datasets import TooLarge, axis_of, dataset_of, open_scan
from daisy_lab.jobs.values import Json, Result

Given = list[int | list[int]]
Selection = tuple[int | slice, ...]
Array = np.ndarray[Any, Any]

PIECES = ("npy", "tiff", "tiff8", "tiff16")
FORMATS = (*PIECES, "csv", "h5")
MOST_TEXT = 1_000_000  # values
MOST_HDF5 = 4 * 2**30  # bytes, which lie on the server's disk for a while
MOST_CHECKED = 2**26  # bytes of data with absent sources that are looked at
_BITS = {"tiff8": 8, "tiff16": 16}
_FOR_TIFF: dict[str, np.dtype[Any]] = {"b1": np.dtype("u1"), "f2": np.dtype("f4")}
_AXES_OF_TABLE = 2


def export_plan(
    path: str,
    roots: list[str],
    node: str,
    selection: Given,
    format: str,
    limits: list[float] | None,
    source: str,
    bin: int = 1,
) -> Result:
    """Say how large a file will be, and make all that stands before the numbers.

    Parameters
    ----------
    selection
        For each axis a position, or where it begins and ends; empty for all.
    limits
        Values of the first and last pixel number of 8 and 16 bits.
    source
        How the scan is called in the file.
    bin
        Of the last two axes, the mean of so many pixels each way; not of HDF5.

    Returns
    -------
    :
        `selection` with every axis named, `shape` and `itemsize` of the numbers that
        follow the head, `bytes` of the data, and `files` that hold them. Where there
        are cells, `selection` counts them along the axes `cells`.
    """
    with open_scan(path, roots) as scan:
        dataset = _numbers_of(scan, node)
        whole = _whole(dataset, selection)
        cells = None
        if bin > 1 and format != "h5":
            cells = Cells.of(whole, dataset.shape, bin)
            whole = cells.pixels
        shape = _shape(cells.selection if cells else whole)
        size = int(np.prod(_shape(whole))) * dataset.dtype.itemsize
        told: Json = {
            "dataset": dataset.path,
            "selection": [
                _given(part) for part in (cells.selection if cells else whole)
            ],
            "cells": list(cells.axes) if cells else None,
            "shape": list(shape),
            "bytes": size,
            "files": list(dataset.files),
        }
        check_present(dataset, whole, size)
        if format == "csv":
            text = _text(scan, dataset, whole, source, cells)
            return {**told, "shape": [0], "itemsize": 1}, text
        if format == "h5":
            if size > MOST_HDF5:
                raise TooLarge(
                    f"the HDF5 file would hold {size / 2**30:.1f} GiB, "
                    f"and {MOST_HDF5 / 2**30:.0f} GiB are the most"
                )
            return {**told, "shape": [0], "itemsize": 1}, b""
        dtype = _file_type(_dtype(dataset, cells), format)
        origin = f"{source}{whole_text(whole)}{_cells_text(cells)}"
        head = _head(dataset, shape, dtype, format, limits, origin)
        return {**told, "itemsize": dtype.itemsize}, head


def export_piece(
    path: str,
    roots: list[str],
    node: str,
    selection: Given,
    format: str,
    limits: list[float] | None,
    bin: int = 1,
    cells: list[int] | None = None,
) -> Result:
    """Give the numbers of one piece as they stand in the file.

    Parameters
    ----------
    cells
        The axes along which *selection* counts cells of *bin* pixels.
    """
    with open_scan(path, roots) as scan:
        dataset = _numbers_of(scan, node)
        if cells is None:
            found = dataset.read(_whole(dataset, selection))
            dtype = _file_type(dataset.dtype, format)
        else:
            parts = tuple(p if isinstance(p, int) else slice(*p) for p in selection)
            piece = Cells(bin, (cells[0], cells[1]), parts).piece(parts)
            found = piece.means(dataset.read(piece.pixels))
            dtype = _file_type(dtype_of(dataset.dtype), format)
        if format in _BITS:
            found = _scaling(format, limits).pixels(found)
        return {}, np.ascontiguousarray(found, dtype).tobytes()


def export_file(
    path: str, roots: list[str], node: str, selection: Given, source: str, target: str
) -> Result:
    """Write a part of a dataset to an HDF5 file, with axes, attributes and origin."""
    with open_scan(path, roots) as scan:
        dataset = _numbers_of(scan, node)
        write_subset(Path(target), scan, dataset, _whole(dataset, selection), source)
        return {}, b""


def _dtype(dataset: Dataset, cells: Cells | None) -> np.dtype[Any]:
    return dtype_of(dataset.dtype) if cells else dataset.dtype


def _cells_text(cells: Cells | None) -> str:
    return f", mean of {cells.size} x {cells.size} pixels" if cells else ""


def _numbers_of(scan: Scan, node: str) -> Dataset:
    dataset = dataset_of(scan, node)
    if dataset.dtype.kind not in "biufcV":
        raise NothingToShow(scan.path, f"{dataset.path} holds text: see it as a table")
    return dataset


def _whole(dataset: Dataset, given: Given) -> Selection:
    """Name a part for every axis, each checked against the shape."""
    every = [*given, *([[0, n] for n in dataset.shape[len(given) :]])]
    if len(every) != dataset.ndim:
        raise ParameterRefused(
            f"{len(given)} parts are named, {dataset.path} has {dataset.ndim} axes"
        )
    return tuple(map(_part, every, dataset.shape))


def _part(given: int | list[int], length: int) -> int | slice:
    if isinstance(given, int):
        if not 0 <= given < length:
            raise ParameterRefused(f"there is no position {given} on {length}")
        return given
    first, last = given[0], min(given[1], length)
    if not 0 <= first < last:
        raise ParameterRefused(f"{given[0]}:{given[1]} is no part of {length}")
    return slice(first, last)


def _given(part: int | slice) -> int | list[int]:
    return [part.start, part.stop] if isinstance(part, slice) else part


def _shape(selection: Selection) -> tuple[int, ...]:
    return tuple(p.stop - p.start for p in selection if isinstance(p, slice))


def whole_text(selection: Selection) -> str:
    """Write a selection as a line of code has it."""
    parts = [f"{p.start}:{p.stop}" if isinstance(p, slice) else p for p in selection]
    return f"[{', '.join(map(str, parts))}]"


def check_present(dataset: Dataset, selection: Selection, size: int) -> None:
    """Refuse numbers that no file holds, before the first byte is sent."""
    absent = dataset.missing_sources
    if not absent:
        return
    if size > MOST_CHECKED or np.ma.getmaskarray(dataset.read_masked(selection)).any():
        raise SourceMissing(
            f"{dataset.file}: {dataset.path}",
            f"part of it is missing, and a file would not tell which. {absent[0]}. "
            "Choose a part that is there, or use read_masked() in a notebook",
        )


def _file_type(dtype: np.dtype[Any], format: str) -> np.dtype[Any]:
    """Give the type of the numbers in the file, in the byte order of it."""
    if format in _BITS:
        if dtype.kind not in "biuf":
            raise ParameterRefused(f"numbers of type {dtype} are not for pixels")
        return np.dtype(f"<u{_BITS[format] // 8}")
    if format == "tiff":
        # TIFF has no truth values, and ImageJ reads no half floats
        dtype = _FOR_TIFF.get(dtype.newbyteorder("=").str[1:], dtype)
    return dtype.newbyteorder("<") if dtype.kind != "V" else dtype


def _head(
    dataset: Dataset,
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    format: str,
    limits: list[float] | None,
    source: str,
) -> bytes:
    if format == "npy":
        head = io.BytesIO()
        described = np.lib.format.dtype_to_descr(dtype)
        fields = {"descr": described, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(head, fields)
        return head.getvalue()
    if len(shape) < _AXES_OF_TABLE:
        raise ParameterRefused(
            f"{dataset.path} is a line here, not a picture: choose CSV, NumPy or HDF5"
        )
    scaling = _scaling(format, limits) if format in _BITS else None
    # the lines of the calibration; ImageJ's own come first
    calibration = (description(scaling, dataset.units or "") or "").splitlines()[2:]
    lines = [*calibration, f"source={source}"]
    frames = int(np.prod(shape[:-2]))
    return stack_head((frames, shape[-2], shape[-1]), dtype, "\n".join(lines))


def _scaling(format: str, limits: list[float] | None) -> Scaling:
    if limits is None or not limits[0] < limits[1]:
        raise ParameterRefused(
            "pixels of 8 or 16 bits need the values of the first and the last one: "
            "two rising numbers"
        )
    bits = _BITS[format]
    return Scaling(8 if bits == 8 else 16, (limits[0], limits[1]))  # noqa: PLR2004


def _text(
    scan: Scan,
    dataset: Dataset,
    selection: Selection,
    source: str,
    cells: Cells | None = None,
) -> bytes:
    """Write a line as two columns, a picture as rows, numbers without loss."""
    shape = _shape(cells.selection if cells else selection)
    if len(shape) > _AXES_OF_TABLE or dataset.dtype.kind == "V":
        raise ParameterRefused(
            f"text has rows and columns, not {len(shape)} axes: choose NumPy or HDF5"
        )
    if int(np.prod(shape)) > MOST_TEXT:
        raise TooLarge(
            f"{int(np.prod(shape))} values are too many for text, "
            f"{MOST_TEXT} are the most: choose NumPy or HDF5"
        )
    values = np.asarray(dataset.read(selection))
    if cells:
        values = cells.means(values)
    units = f" ({dataset.units})" if dataset.units else ""
    title = f"{dataset.name}{units}"
    lines = [f"# {source}{whole_text(selection)}{_cells_text(cells)}"]
    if values.ndim == 1:
        positions, label = _positions(scan, dataset, selection)
        lines += [f"# {label}, {title}"]
        lines += [
            f"{number_text(x)},{number_text(y)}"
            for x, y in zip(positions, values, strict=True)
        ]
    else:
        lines += [f"# {title}"]
        rows = np.atleast_2d(values)
        lines += [",".join(number_text(value) for value in row) for row in rows]
    return ("\n".join(lines) + "\n").encode()


def _positions(scan: Scan, dataset: Dataset, selection: Selection) -> tuple[Array, str]:
    along = next(a for a, part in enumerate(selection) if isinstance(part, slice))
    part = selection[along]
    name = dataset.axes[along] if dataset.axes else None
    axis = axis_of(scan, dataset, name)
    if axis is not None and axis.shape == (dataset.shape[along],):
        units = f" ({axis.units})" if axis.units else ""
        return np.asarray(axis.read((part,))), f"{axis.name}{units}"
    return np.arange(dataset.shape[along])[part], "index"


def number_text(value: Any) -> str:
    """Give the shortest text that stands for the same number."""
    return repr(value.item()).strip("()")
