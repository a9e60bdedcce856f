"""A SPEC file as a scan.

The names are those that silx gives, so that paths from elsewhere work here:
`1.1/measurement/<column>`, `1.1/instrument/positioners/<motor>`,
`1.1/measurement/mca_0/data`; a slash in a name is written as %. The numbers are not
those of silx, which rounds columns to four bytes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from silx.io.specfile import SpecFile

from daisy_kernel.io.tree import Node, TreeArray, TreeGroup
from daisy_kernel.model import Problem
from daisy_kernel.model.errors import FieldNotFound, FileDamaged
from daisy_kernel.model.nodes import ArraySource

_MOST_SIGNALS = 20
Members = dict[str, Callable[[], Node]]


class SpecScan:
    """Implements ScanSource for a SPEC file; its root holds one group per scan."""

    format = "spec"

    def __init__(self, path: Path) -> None:
        self.path = str(path)
        self._lock = threading.Lock()  # the parser is not made for threads
        self.refresh()

    def refresh(self) -> None:
        """Look again at what is being written."""
        with self._lock:
            try:
                self._file = SpecFile(self.path)
                keys = list(self._file.keys())
            except Exception as error:  # its own errors, and those of its parser
                raise FileDamaged(self.path, f"cannot be read: {error}") from error
        members: Members = {key: partial(self._entry, key) for key in keys}
        self.root = TreeGroup(self.path, "", members, {"NX_class": "NXroot"})

    def signals(self) -> tuple[ArraySource, ...]:
        """Give the last column of each scan, which counts what was measured."""
        found: list[ArraySource] = []
        for key in list(self._file.keys())[:_MOST_SIGNALS]:
            labels = self._labels(key)
            if len(labels) > 1:
                path = f"{key}/measurement/{labels[-1]}"
                found.append(self.root.get(path))  # type: ignore[arg-type]
        return tuple(found)

    def notes(self) -> tuple[str, ...]:
        """Say what should be known about the choice of the signal."""
        return ()

    def missing(self) -> tuple[Problem, ...]:
        """List links and virtual sources without target."""
        return ()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._file.close()

    def _entry(self, key: str) -> Node:
        header = self._ask(key, lambda scan: scan.scan_header_dict)
        title = str(header.get("S", "")).partition(" ")[2].strip()
        members: Members = {
            "title": self._value(f"{key}/title", title),
            "start_time": self._value(f"{key}/start_time", str(header.get("D", ""))),
            "measurement": partial(self._measurement, key),
            "instrument": partial(self._instrument, key),
        }
        return TreeGroup(self.path, key, members, {"NX_class": "NXentry"})

    def _measurement(self, key: str) -> Node:
        path, labels = f"{key}/measurement", self._labels(key)
        data = self._ask(key, lambda scan: np.array(scan.data, np.float64))
        if not data.size:  # stopped before the first point
            data = np.empty((len(labels), 0))
        axes = (labels[0],) if labels else ()
        members: Members = {
            name: self._value(f"{path}/{name}", column, axes)
            for name, column in zip(labels, data, strict=False)
        }
        for number in range(self._analysers(key)):
            members[f"mca_{number}"] = partial(self._spectra, key, number)
        attrs = {"NX_class": "NXcollection"}
        return TreeGroup(self.path, path, members, attrs)

    def _spectra(self, key: str, number: int) -> Node:
        path, count = f"{key}/measurement/mca_{number}", self._analysers(key)
        data, channels, calibration = self._ask(
            key,
            lambda scan: (
                np.array(list(scan.mca)[number::count], np.float64),
                _nth(scan.mca.channels, number),
                _nth(scan.mca.calibration, number),
            ),
        )
        members: Members = {
            "data": self._value(f"{path}/data", data, (None, "channels")),
            "channels": self._value(f"{path}/channels", channels),
            "calibration": self._value(f"{path}/calibration", calibration),
        }
        return TreeGroup(self.path, path, members, {"NX_class": "NXdetector"})

    def _instrument(self, key: str) -> Node:
        path = f"{key}/instrument"
        names, places = self._ask(
            key, lambda scan: (list(scan.motor_names), list(scan.motor_positions))
        )
        positioners: Members = {
            _name(name): self._value(f"{path}/positioners/{_name(name)}", place)
            for name, place in zip(names, places, strict=False)
        }
        attrs = {"NX_class": "NXcollection"}
        group = TreeGroup(self.path, f"{path}/positioners", positioners, attrs)
        members: Members = {"positioners": lambda: group}
        return TreeGroup(self.path, path, members, {"NX_class": "NXinstrument"})

    def _labels(self, key: str) -> list[str]:
        labels = self._ask(key, lambda scan: list(scan.labels))
        return unique([_name(label) for label in labels])

    def _analysers(self, key: str) -> int:
        """Count the spectra of each point."""
        spectra, shape = self._ask(key, lambda s: (len(s.mca), np.shape(s.data)))
        points = shape[1] if len(shape) > 1 else 0
        return int(spectra // points if points else min(1, spectra))

    def _value(
        self, path: str, data: Any, axes: tuple[str | None, ...] = ()
    ) -> Callable[[], Node]:
        return lambda: TreeArray(self.path, path, data, reopen, axes)

    def _ask(self, key: str, question: Callable[[Any], Any]) -> Any:
        """Ask the parser about a scan; it can fail in many ways on broken lines."""
        with self._lock:
            try:
                return question(self._file[key])
            except Exception as error:
                raise FileDamaged(
                    f"{self.path}: {key}", f"the scan cannot be read: {error}"
                ) from error


def reopen(file: str, path: str) -> ArraySource:
    """Open an array again in another process: what a pickle stands for."""
    node: Any = SpecScan(Path(file)).root.get(path)
    if isinstance(node, TreeGroup):
        raise FieldNotFound(file, path, ())
    found: ArraySource = node
    return found


def _nth(values: Any, number: int) -> Any:
    """Give what belongs to an analyser; one line of the header may stand for all."""
    return values[min(number, len(values) - 1)] if len(values) else []


def unique(names: list[str]) -> list[str]:
    """Put numbers behind names that occur again."""
    return [
        name if name not in names[:i] else f"{name}_{names[:i].count(name) + 1}"
        for i, name in enumerate(names)
    ]


def _name(label: str) -> str:
    return label.replace("/", "%")
