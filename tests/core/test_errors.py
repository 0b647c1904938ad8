"""Errors have three parts, are caught as Python's own kinds, and survive a trip."""

import pickle

import pytest

from lamina.core import errors

KINDS = {
    "ArgumentError": ValueError,
    "ArgumentTypeError": TypeError,
    "CaptureError": RuntimeError,
    "DataError": ValueError,
    "DeviceError": RuntimeError,
    "DtypeError": TypeError,
    "LoadError": ValueError,
    "MissingExtraError": ImportError,
    "MissingNameError": AttributeError,
    "ShapeError": ValueError,
    "StateError": RuntimeError,
    "StorageError": OSError,
}


@pytest.mark.parametrize(("name", "kind"), KINDS.items())
def test_error_is_also_one_of_pythons(name, kind):
    assert issubclass(getattr(errors, name), (errors.LaminaError, kind))
    assert issubclass(getattr(errors, name), kind)


@pytest.mark.parametrize("name", KINDS)
def test_error_survives_pickling(name):
    error = pickle.loads(pickle.dumps(getattr(errors, name)("p", expected="e", fix="f")))

    assert type(error).__name__ == name
    assert (error.problem, error.expected, error.fix) == ("p", "e", "f")
    assert str(error) == "p\n  expected: e\n  fix: f"
