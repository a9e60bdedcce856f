"""Errors cross processes: they pickle, and say file and cause."""

import inspect
import pickle

import pytest

from daisy_kernel import errors

CASES = [
    errors.FieldNotFound("scan.h5", "data", ["entry"]),
    errors.FileDamaged("scan.h5", "it is cut"),
    errors.InputMissing("the scan has no flats"),
    errors.ItemEndsWorkers(5, "rows 0 to 16", 3, "tcp://10.0.0.1:8000"),
    errors.ResultExists("/tmp/run"),
    errors.WriteFailed("/tmp/run", "no space left on device"),
    errors.NotInStore("x", ["y", "z"]),
    errors.NotAligned("xrf and xrd", "x has shape (7, 101), the data (2, 2)"),
    errors.StoreFull("maps", "it is pinned"),
    errors.SearchNotUnderstood("foo:bar", "fields are name:"),
    errors.EnvironmentRefused("there is an environment mine already"),
    errors.GalleryRefused("there is no proposal B9/X here"),
    errors.WatchRefused("anna is no member of a proposal B2/2026-0107."),
    errors.OptionalPackageMissing("dask", "cluster"),
]


@pytest.mark.parametrize("error", CASES, ids=lambda e: type(e).__name__)
def test_error_survives_pickling(error: Exception) -> None:
    back = pickle.loads(pickle.dumps(error))

    assert type(back) is type(error)
    assert str(back) == str(error)


def test_every_error_is_in_the_drawn_tree() -> None:
    names = [
        name
        for name, thing in inspect.getmembers(errors, inspect.isclass)
        if issubclass(thing, Exception) and not name.startswith("_")
    ]

    assert all(name in (errors.__doc__ or "") for name in names)


def test_missing_field_names_what_the_file_has() -> None:
    error = errors.FieldNotFound("scan.h5", "data", ["entry", "control"])

    assert "entry, control" in str(error)
