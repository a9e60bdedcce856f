"""What a reader process can be asked for: each job gives a JSON value and bytes.

Only public names of daisy_kernel are used here, and nothing of the server.
"""

import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Literal

import numpy as np

import daisy_kernel as daisy
from daisy_kernel import catalog, native
from daisy_kernel.model import Dataset, Group, Scan
from daisy_kernel.model.errors import (
    DaisyError,
    FieldNotFound,
    FileMissing,
    NothingToShow,
    OutsideData,
)

Json = dict[str, Any]
Result = tuple[Any, bytes]

LARGEST_READ = 2**30  # bytes of one frame or line in memory
EXACT = 2**53  # larger integers are no longer exact in a browser
SHOWN_VALUES = 200
SHOWN_TEXT = 4000
AXIS_VALUES = 10_000
IMAGE_AXES = 2


class TooLarge(Exception):
    """A request for more than the server reads for a page."""


def warm() -> None:
    """Do once what the first request would wait for."""
    native.tile(np.zeros((8, 8), np.uint16))


def run(job: str, arguments: Json) -> Result:
    """Run a job by its name."""
    return JOBS[job](**arguments)


def failure(error: Exception) -> Json:
    """Map an error to a status and a message; the only place that does."""
    if isinstance(error, TooLarge):
        status = 413
    elif isinstance(error, OutsideData | PermissionError):
        status = 403
    elif isinstance(error, FieldNotFound | FileMissing | FileNotFoundError):
        status = 404
    elif isinstance(error, DaisyError | OSError | MemoryError):
        status = 422
    else:
        status = 500
    message = str(error) or type(error).__name__
    return {"status": status, "error": type(error).__name__, "message": message}


# --- jobs


def proposals(root: str) -> Result:
    """List the proposals below the data folder."""
    found = catalog.proposals(Path(root))
    return [
        {
            "beamline": p.beamline,
            "name": p.name,
            "path": str(p.path),
            "title": p.title,
            "problem": p.problem,
        }
        for p in found
    ], b""


def scans(proposal: str, offset: int, limit: int, filter: str) -> Result:
    """List a page of the scans of a proposal, newest first."""
    page = catalog.scans(Path(proposal), offset=offset, limit=limit, filter=filter)
    items = [
        {
            "name": s.name,
            "path": str(s.path),
            "area": s.area,
            "kind": s.kind,
            "size": s.size,
            "mtime": s.mtime,
            "title": s.title,
            "technique": s.technique,
            "start_time": s.start_time,
            "sample": s.sample,
            "problem": s.problem,
        }
        for s in page.items
    ]
    return {"items": items, "total": page.total, "offset": page.offset}, b""


def children(
    path: str, roots: list[str], node: str, offset: int, limit: int, filter: str
) -> Result:
    """List a page of the members of a group."""
    with _open(path, roots) as scan:
        group = scan[node] if node.strip("/") else scan.root
        if isinstance(group, Dataset):
            return {"items": [], "total": 0, "offset": 0}, b""
        page = group.children(offset=offset, limit=limit, filter=filter)
        items = [
            {"name": c.name, "path": c.path, "kind": c.kind, "detail": c.detail}
            for c in page.items
        ]
        return {"items": items, "total": page.total, "offset": page.offset}, b""


def node(path: str, roots: list[str], node: str) -> Result:
    """Describe one group or dataset."""
    with _open(path, roots) as scan:
        found: Dataset | Group = scan[node] if node.strip("/") else scan.root
        answer: Json = {
            "path": found.path,
            "name": found.name or Path(path).name,
            "attributes": [
                {"name": str(name), "value": _plain(value)}
                for name, value in found.attrs.items()
            ],
        }
        if isinstance(found, Dataset):
            answer |= {"kind": "dataset", **_describe(found)}
            answer["value"] = _value(found)
        else:
            answer["kind"] = "group"
        return answer, b""


def plot(path: str, roots: list[str], node: str) -> Result:
    """Describe what to draw first: the default plot, or *node*."""
    with _open(path, roots) as scan:
        signals = scan.signals
        chosen = scan.get(node) if node else None
        signal = chosen if isinstance(chosen, Dataset) else next(iter(signals), None)
        return {
            "format": scan.format,
            **_about(scan),
            "signal": None if signal is None else _signal(scan, signal),
            "signals": [
                {"path": s.path, "shape": list(s.shape), "dtype": str(s.dtype)}
                for s in signals
            ],
            "notes": [*scan.notes, *(() if signal is None else signal.notes)],
            "missing": [
                {"path": m.path, "kind": m.kind, "reason": m.reason}
                for m in scan.missing
            ],
        }, b""


def tile(
    path: str,
    roots: list[str],
    node: str,
    index: list[int],
    max_shape: list[int],
    box: list[int] | None,
    lo: float | None,
    hi: float | None,
    scale: Literal["linear", "log", "sqrt"],
) -> Result:
    """Make one 8-bit picture of a frame, no larger than the page can show."""
    with _open(path, roots) as scan:
        dataset = _dataset(scan, node)
        if len(dataset.shape) < IMAGE_AXES or dataset.dtype.kind not in "biufc":
            raise NothingToShow(path, f"{dataset.path} is not a picture")
        lead = _leading(dataset, index, IMAGE_AXES)
        _check_size(dataset, math.prod(dataset.shape[-IMAGE_AXES:]), lead)
        frame = _real(dataset.read(lead))
        if not frame.size:
            raise NothingToShow(path, f"{dataset.path} has no pixels")
        made = native.tile(
            frame,
            max_shape=(max_shape[0], max_shape[1]),
            box=None if box is None else (box[0], box[1], box[2], box[3]),
            lo=lo,
            hi=hi,
            scale=scale,
            invalid=dataset.invalid or None,
        )
        value = {
            "shape": list(made.data.shape),
            "full": list(frame.shape),
            "box": list(made.box),
            "level": made.level,
            "lo": _finite(made.lo),
            "hi": _finite(made.hi),
            "minimum": _finite(made.minimum),
            "maximum": _finite(made.maximum),
            "bad": int(made.bad),
            "hot": int(made.hot),
            "histogram": [int(n) for n in made.histogram],
            "scale": scale,
            "index": list(lead),
        }
        return value, made.data.tobytes()


def series(
    path: str, roots: list[str], node: str, index: list[int], points: int
) -> Result:
    """Read one line, and thin it to the smallest and largest value per bin."""
    with _open(path, roots) as scan:
        dataset = _dataset(scan, node)
        if not dataset.shape or dataset.dtype.kind not in "biufc":
            raise NothingToShow(path, f"{dataset.path} is not a line")
        lead = _leading(dataset, index, 1)
        _check_size(dataset, dataset.shape[-1], lead)
        line = _real(dataset.read(lead)).astype(np.float64)
        name = dataset.axes[-1] if dataset.axes else None
        axis = _axis(scan, dataset, name)
        x = np.arange(line.size, dtype=np.float64)
        label, units = "index", None
        if axis is not None and axis.shape == (line.size,):
            x = np.asarray(axis.read(), np.float64)
            label, units = axis.name, axis.units
        low, high, at = _thin(line, x, points)
        return {
            "x": _numbers(at),
            "lo": _numbers(low),
            "hi": _numbers(high),
            "total": int(line.size),
            "label": label,
            "units": units,
            "y": {"label": dataset.name, "units": dataset.units},
        }, b""


def pixel(
    path: str, roots: list[str], node: str, index: list[int], row: int, column: int
) -> Result:
    """Read the exact value of one pixel."""
    with _open(path, roots) as scan:
        dataset = _dataset(scan, node)
        lead = _leading(dataset, index, IMAGE_AXES)
        value = dataset.read((*lead, row, column))
        return {"value": str(value), "units": dataset.units}, b""


JOBS: dict[str, Callable[..., Result]] = {
    "proposals": proposals,
    "scans": scans,
    "children": children,
    "node": node,
    "plot": plot,
    "tile": tile,
    "series": series,
    "pixel": pixel,
}


# --- parts


def _open(path: str, roots: list[str]) -> Scan:
    return daisy.open(path, roots=roots)


def _about(scan: Scan) -> Json:
    """Read what a scan says of itself, through its own confined links."""
    entry = next(
        (c.path for c in scan.children(limit=20) if c.detail.startswith("NXentry")), ""
    )
    return {
        "title": _text(scan, f"{entry}/title"),
        "technique": _technique(scan, entry),
        "sample": _text(scan, f"{entry}/sample/name"),
        "start_time": _text(scan, f"{entry}/start_time"),
    }


def _technique(scan: Scan, entry: str) -> str:
    # Data Exchange names no technique; flat fields are what tomography has
    if not entry and isinstance(scan.get("exchange/data_white"), Dataset):
        return "tomo"
    return _text(scan, f"{entry}/definition").removeprefix("NX")


def _text(scan: Scan, path: str) -> str:
    found = scan.get(path)
    if not isinstance(found, Dataset) or found.size != 1:
        return ""
    try:
        return str(_plain(found.read().reshape(-1)[0])).strip()
    except DaisyError:
        return ""


def _dataset(scan: Scan, node: str) -> Dataset:
    found = scan[node] if node else scan.signal
    if not isinstance(found, Dataset):
        raise NothingToShow(scan.path, f"{node or 'the file'} holds no numbers")
    return found


def _describe(dataset: Dataset) -> Json:
    return {
        "shape": list(dataset.shape),
        "dtype": str(dataset.dtype),
        "units": dataset.units,
        "chunks": None if dataset.chunks is None else list(dataset.chunks),
        "filters": list(dataset.filters),
        "axes": list(dataset.axes),
        "stored": dataset.stored_bytes,
        "bytes": int(dataset.nbytes),
        "missing": list(dataset.missing_sources),
        "plot": _plot_kind(dataset),
    }


def _signal(scan: Scan, dataset: Dataset) -> Json:
    kind = _plot_kind(dataset)
    leading = len(dataset.shape) - (IMAGE_AXES if kind == "image" else 1)
    axes: list[Json] = []
    for length, name in zip(
        dataset.shape[: max(leading, 0)], dataset.axes, strict=False
    ):
        axis = _axis(scan, dataset, name)
        if axis is None or axis.shape != (length,) or length > AXIS_VALUES:
            axes.append({"name": name, "units": None, "values": None})
        else:
            values = _numbers(np.asarray(axis.read(), np.float64))
            axes.append({"name": axis.name, "units": axis.units, "values": values})
    return {
        "path": dataset.path,
        "name": dataset.name,
        "leading": axes,
        "first": scan.first_frame(dataset),
        **_describe(dataset),
    }


def _plot_kind(dataset: Dataset) -> str:
    """Say how a dataset is drawn: image, line or text."""
    if dataset.dtype.kind not in "biufc" or not dataset.shape:
        return "text"
    if len(dataset.shape) == 1 or 1 in dataset.shape[-IMAGE_AXES:]:
        return "line" if dataset.shape[-1] > 1 else "text"
    return "image"


def _axis(scan: Scan, dataset: Dataset, name: str | None) -> Dataset | None:
    if not name:
        return None
    near = f"{dataset.path.rpartition('/')[0]}/{name}"
    found = scan.get(name if "/" in name else near)
    if isinstance(found, Dataset) and found.dtype.kind in "iuf":
        return found
    return None


def _leading(dataset: Dataset, index: list[int], last: int) -> tuple[int, ...]:
    """Return the position on the leading axes, zero where none was named."""
    wanted = len(dataset.shape) - last
    return tuple([*index, *([0] * wanted)][:wanted])


def _check_size(dataset: Dataset, elements: int, lead: tuple[int, ...]) -> None:
    size = elements * dataset.dtype.itemsize
    if size > LARGEST_READ:
        at = ", ".join(str(i) for i in lead) or "..."
        raise TooLarge(
            f"{dataset.path} needs {size / 2**30:.1f} GiB for one picture. "
            f'Read it in a notebook: daisy.open(...)["{dataset.path}"][{at}]'
        )


def _real(array: Any) -> Any:
    array = np.asarray(array)
    if array.dtype.kind == "b":
        array = array.view(np.uint8)
    elif array.dtype.kind == "c":
        array = np.abs(array)
    elif array.dtype == np.float16:
        array = array.astype(np.float32)
    native_order = array.dtype.newbyteorder("=")
    return np.ascontiguousarray(array, dtype=native_order)


def _thin(line: Any, x: Any, points: int) -> tuple[Any, Any, Any]:
    if line.size <= points:
        return line, line, x
    edges = np.linspace(0, line.size, points + 1).astype(np.int64)[:-1]
    low = np.fmin.reduceat(line, edges)
    high = np.fmax.reduceat(line, edges)
    return low, high, x[edges]


def _value(dataset: Dataset) -> Any:
    """Return small values and texts whole, for the panel; None for the rest."""
    if dataset.size > SHOWN_VALUES and dataset.dtype.kind in "biufc":
        return None
    if dataset.size > SHOWN_VALUES:
        first = (slice(0, SHOWN_VALUES),) if dataset.ndim else ()
        return _plain(dataset.read(first))
    return _plain(dataset.read())


def _plain(value: Any) -> Any:
    """Return something JSON can carry without loss; the rest as text."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")[:SHOWN_TEXT]
    if isinstance(value, str):
        return value[:SHOWN_TEXT]
    if isinstance(value, bool | np.bool_) or value is None:
        return None if value is None else bool(value)
    if isinstance(value, int | np.integer):
        return int(value) if abs(int(value)) < EXACT else str(int(value))
    if isinstance(value, float | np.floating):
        return _finite(value)
    if isinstance(value, np.void) and value.dtype.names:
        return {name: _plain(value[name]) for name in value.dtype.names}
    if isinstance(value, np.ndarray):
        if value.ndim == 0:
            return _plain(value[()])
        return [_plain(item) for item in value[:SHOWN_VALUES]]
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value[:SHOWN_VALUES]]
    return str(value)[:SHOWN_TEXT]


def _finite(value: Any) -> float | str:
    number = float(value)
    return number if math.isfinite(number) else str(number)


def _numbers(values: Iterable[Any]) -> list[float | None]:
    return [float(v) if math.isfinite(v) else None for v in values]
