"""Write data to a file or folder; the name says the format."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Literal

from daisy_kernel.io.writing.content import (
    Axes,
    Content,
    content_of,
    frame_chunks,
    is_dask,
)
from daisy_kernel.io.writing.nexus import write_nexus
from daisy_kernel.io.writing.tree import Branch, Compression, Field
from daisy_kernel.model.errors import FormatNotSupported, OptionalPackageMissing

Chunks = tuple[int, ...] | None
Choice = Compression | Literal["default"] | None
NAME = "data"
_FRAME = 2


def write(
    path: str | os.PathLike[str],
    data: Any,
    *,
    compression: Choice = "default",
    units: str | None = None,
    axes: Axes | None = None,
    chunks: Chunks = None,
) -> Path:
    """Write data whole, or not at all; what is there is never replaced.

    Parameters
    ----------
    path
        The suffix says the format: `.h5`, `.hdf5` or `.nxs` (NeXus), `.zarr` (Zarr
        version 3), none for a folder of TIFF files, one per frame.
    data
        An array, a Dataset (read and written block by block), a Volume, or a dask
        array. The blocks of a dask array are written by the workers: into files in
        the folder `<name>.parts` that a virtual dataset joins, or into one store.
    compression
        "gzip", "bitshuffle-lz4", "bitshuffle-zstd", "zstd" or None. By default
        Zarr is compressed (bitshuffle-zstd), and the others are not.
    units
        Of the values; those of the Dataset or Volume by default.
    axes
        Names of the axes, slow to fast; or their values by name, each an array, a
        Dataset, (array, unit), or None for a name alone.
    chunks
        Shape of the pieces on disk, by default one frame each.

    Returns
    -------
    :
        The file or folder that was written.

    Raises
    ------
    ResultExists
        There is something of that name; it is not touched.
    WriteFailed
        The disk is full, for example. Nothing is left.

    Examples
    --------
    >>> daisy.write(
    ...     "run.nxs", counts, compression="gzip", axes={"angle": (angles, "deg")}
    ... )  # doctest: +SKIP
    """
    target = Path(path).expanduser()
    writer = _FORMATS.get(target.suffix.lower())
    if writer is None:
        raise FormatNotSupported(
            str(target),
            f"DAISY writes {', '.join(filter(None, _FORMATS))}, and folders of TIFF "
            "files, whose name has no suffix",
        )
    content = content_of(data, units, axes)
    writer(target, content, compression, chunks)
    return target


def _hdf5(path: Path, content: Content, compression: Choice, chunks: Chunks) -> None:
    chosen = None if compression == "default" else compression
    chunks = chunks or frame_chunks(content.shape, content.dtype.itemsize)
    if is_dask(content.data) and content.shape and 0 not in content.shape:
        from daisy_kernel.io.writing.parts import write_parts

        write_parts(path, content, chosen, chunks)
        return
    given = content.shape or None
    signal = Field(
        content.blocks() if given else next(iter(content.blocks())),
        content.units,
        compression=chosen,
        chunks=chunks,
        shape=given,
        dtype=content.dtype if given else None,
    )
    write_nexus(path, plot(content, signal))


def plot(content: Content, signal: Any) -> Branch:
    """Give the tree of a file whose default plot is the signal."""
    members = {NAME: signal}
    for axis in content.axes:
        if axis.name and axis.values is not None:
            members[axis.name] = Field(axis.values, axis.units)
    # a name without values would be a link to nowhere
    names = [a.name if a.values is not None and a.name else "." for a in content.axes]
    data = Branch("NXdata", members, {"signal": NAME, "axes": names})
    entry = Branch("NXentry", {"data": data}, {"default": "data"})
    return Branch("NXroot", {"entry": entry}, {"default": "entry"})


def _zarr(path: Path, content: Content, compression: Choice, chunks: Chunks) -> None:
    try:
        from daisy_kernel.io.writing.zarr import write_zarr
    except ModuleNotFoundError as error:
        raise OptionalPackageMissing("zarr", "zarr") from error
    chosen = "bitshuffle-zstd" if compression == "default" else compression
    write_zarr(path, content, chosen, chunks)


def _tiff(path: Path, content: Content, compression: Choice, chunks: Chunks) -> None:
    from daisy_kernel.io.writing.tiff import write_tiff_folder

    if compression not in ("default", None, "zstd"):
        raise FormatNotSupported(str(path), f"no TIFF file has {compression}")
    if len(content.shape) not in (_FRAME, _FRAME + 1):
        raise FormatNotSupported(
            str(path), f"data of shape {content.shape} are no frames of two axes"
        )
    frames: Iterable[Any] = content.blocks()
    if len(content.shape) > _FRAME:
        frames = (frame for block in frames for frame in block)
    write_tiff_folder(
        path,
        frames,
        compression="zstd" if compression == "zstd" else None,
        units=content.units,
    )


_FORMATS: dict[str, Callable[[Path, Content, Choice, Chunks], None]] = {
    ".h5": _hdf5,
    ".hdf5": _hdf5,
    ".nxs": _hdf5,
    ".zarr": _zarr,
    "": _tiff,
}
