"""Job that writes the curves of a plot down as one table, at full resolution."""

from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Any

import numpy as np

from daisy_kernel.model import Scan
from daisy_lab.jobs.cuts import Cut, cut_of
from daisy_lab.jobs.datasets import TooLarge, numbers_of, open_scan
from daisy_lab.jobs.exports import MOST_TEXT, check_present, number_text, whole_text
from daisy_lab.jobs.lines import points_within, positions_of
from daisy_lab.jobs.values import Json, Result

Array = np.ndarray[Any, Any]
Column = tuple[str, Array]


@dataclass(frozen=True)
class Curve:
    """A curve in the range that is seen: where its points stand, and their values."""

    name: str
    cut: Cut
    x: Array
    x_title: str

    @property
    def title(self) -> str:
        """Its name, with units."""
        return _titled(self.name, self.cut.dataset.units)

    @property
    def place(self) -> str:
        """Where its values are in the file."""
        return f"{self.cut.dataset.path}{whole_text(self.cut.selection)}"

    def read(self) -> Array:
        """Read its values as they are in the file."""
        return np.asarray(self.cut.dataset.read(self.cut.selection))


def export_curves(
    path: str,
    roots: list[str],
    curves: list[Json],
    axis: int,
    x: str,
    over: str,
    within: list[float] | None,
    offset: float,
    source: str,
) -> Result:
    """Write a column of positions, and one for each curve.

    Curves that stand at positions of their own have a pair of columns each.

    Parameters
    ----------
    curves
        `node`, `index` and `label` of each.
    axis, x, over, within
        As for `series`: the axis that runs, the dataset of the positions, or the
        curve whose positions they are, and the range of these that is seen.
    offset
        How far each curve is lifted above the one before; the values are not.
    source
        How the scan is called in the file.

    Returns
    -------
    :
        What `export_plan` tells, and the text.
    """
    with open_scan(path, roots) as scan:
        found = [_curve(scan, wish, axis, x, over, within) for wish in curves]
        count = sum(curve.cut.elements for curve in found)
        if count > MOST_TEXT:
            raise TooLarge(
                f"{count} values are too many for text, {MOST_TEXT} are the most: "
                "zoom in, draw fewer curves, or choose NumPy or HDF5"
            )
        size = 0
        for curve in found:
            bytes_of_curve = curve.cut.elements * curve.cut.dataset.dtype.itemsize
            check_present(curve.cut.dataset, curve.cut.selection, bytes_of_curve)
            size += bytes_of_curve
        told: Json = {
            "dataset": found[0].cut.dataset.path if len(found) == 1 else "curves",
            "selection": found[0].cut.index if len(found) == 1 else (),
            "shape": [0],
            "itemsize": 1,
            "bytes": size,
            "files": sorted({f for c in found for f in c.cut.dataset.files}),
            "wish": [curves, axis, x, over, within, offset],
        }
        head = [f"# {source}", *(f"# {c.title}: {c.place}" for c in found)]
        if offset and len(found) > 1:
            head += [f"# drawn with an offset of {offset:g}, not in these numbers"]
        return told, _table(head, _columns(found))


def _curve(
    scan: Scan,
    wish: Json,
    axis: int,
    x: str,
    over: str,
    within: list[float] | None,
) -> Curve:
    dataset = numbers_of(scan, wish["node"])
    cut = cut_of(dataset, [axis], wish["index"])
    positions, label, units = positions_of(scan, cut, x, over)
    first, end = points_within(positions, within, cut.shape[0])
    counted = np.arange(first, end)
    return Curve(
        name=_word(wish["label"]) or dataset.name,
        cut=replace(cut, within=(first, end)),
        x=counted if positions is None else positions[first:end],
        x_title=_titled(label, units),
    )


def _columns(curves: list[Curve]) -> list[Column]:
    first, *others = curves
    if all(_stand_alike(first, other) for other in others):
        return [(first.x_title, first.x), *((c.title, c.read()) for c in curves)]
    pairs = [[(c.x_title, c.x), (c.title, c.read())] for c in curves]
    return [column for pair in pairs for column in pair]


def _stand_alike(one: Curve, other: Curve) -> bool:
    return one.x_title == other.x_title and np.array_equal(one.x, other.x)


def _table(head: list[str], columns: list[Column]) -> bytes:
    """Fill up shorter columns with what every reader takes for no number."""
    values = [[number_text(value) for value in column] for _, column in columns]
    titles = ", ".join(title for title, _ in columns)
    rows = (",".join(row) for row in zip_longest(*values, fillvalue="nan"))
    return ("\n".join([*head, f"# {titles}", *rows]) + "\n").encode()


def _titled(name: str, units: str | None) -> str:
    return _word(f"{name} ({units})" if units else name)


def _word(text: str) -> str:
    # a line of titles has commas between them
    return " ".join(text.replace(",", " ").split())
