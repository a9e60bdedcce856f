"""What counts as the same code."""

import importlib.util
import linecache
import pickle
import sys
import textwrap
from pathlib import Path
from types import ModuleType

import cloudpickle
import pytest

from daisy_kernel.workflow.code import code_digest

BASE = '''
import numpy as np
import daisy_kernel as daisy

LEVEL = 3

def helper(values):
    return values + LEVEL

@daisy.algorithm(pattern="point")
def work(values: np.ndarray, *, by: float = 2.0) -> np.ndarray:
    """Say something."""
    return helper(values) * by

@daisy.algorithm(pattern="point")
class Kept:
    def initialize(self, *, by: float = 1.0) -> None:
        self._by = by

    def execute(self, values: np.ndarray) -> np.ndarray:
        return helper(values) * self._by
'''


def load(folder: Path, text: str, name: str) -> ModuleType:
    path = folder / f"{name}.py"
    path.write_text(textwrap.dedent(text))
    spec = importlib.util.spec_from_file_location("own_code", path)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["own_code"] = module
    assert spec.loader is not None
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ('"""Say something."""', '"""Say another thing."""', True),
        (
            "    return helper(values) * by",
            "    # why\n    return helper(values)*by",
            True,
        ),
        ("helper(values) * by", "helper(values) / by", False),
        ("values + LEVEL", "values - LEVEL", False),
        ("LEVEL = 3", "LEVEL = 4", False),
        ("by: float = 2.0", "by: float = 2.5", False),
        ('pattern="point")\ndef', 'pattern="frame")\ndef', False),
        ("    def initialize", "    def other(self): ...\n\n    def initialize", True),
    ],
)
def test_only_what_changes_the_result_changes_the_code(
    tmp_path: Path, old: str, new: str, same: bool
) -> None:
    assert old in BASE
    before = load(tmp_path, BASE, "before")
    first = code_digest(before.work), code_digest(before.Kept)

    after = load(tmp_path, BASE.replace(old, new), "after")

    assert (code_digest(after.work) == first[0]) is same


def test_methods_of_a_class_count(tmp_path: Path) -> None:
    before = code_digest(load(tmp_path, BASE, "before").Kept)

    text = BASE.replace("helper(values) * self._by", "helper(values) - self._by")

    assert code_digest(load(tmp_path, text, "after").Kept) != before


def test_an_algorithm_without_its_source_has_the_code_it_came_with(
    tmp_path: Path,
) -> None:
    module = load(tmp_path, BASE, "before")
    before = code_digest(module.work)
    del sys.modules["own_code"]  # as for another process
    text = cloudpickle.dumps(module.work)

    (tmp_path / "before.py").unlink()
    linecache.clearcache()
    again = pickle.loads(text)

    assert code_digest(again) == before
    assert again(2.0, by=3.0) == 15.0
