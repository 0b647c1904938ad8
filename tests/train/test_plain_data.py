"""Plain data come back from JSON as they went in."""

import json
import math
import re

import numpy as np
import pytest

from lamina.core.errors import ArgumentTypeError
from lamina.train.plain_data import decode, encode

VALUES = [
    None, True, 0, -3, 2**53, 2**70, 0.1, 1e-320, -0.0, math.inf, -math.inf, "text", "$int", [],
    [1, [2.5]], (1, ("a",)), {"a": {"b": None}}, {1: "one", (2, 3): "two"}, {"$int": "5"},
]  # fmt: skip


def there_and_back(value):
    return decode(json.loads(json.dumps(encode(value, "x"), allow_nan=False)))


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_value_comes_back(value):
    found = there_and_back(value)

    assert repr(found) == repr(value)


def test_nan_comes_back():
    assert math.isnan(there_and_back(math.nan))


def test_array_comes_back():
    array = np.array([[1.5, np.nan], [np.inf, -0.0]], dtype=np.float32)

    found = there_and_back(array)

    np.testing.assert_array_equal(found, array)
    assert found.dtype == array.dtype


def test_numbers_of_numpy_become_plain():
    assert type(there_and_back(np.float32(0.5))) is float


def test_other_objects_are_refused():
    message = "callback Mine holds <object object"
    with pytest.raises(ArgumentTypeError, match=f"^{re.escape(message)}"):
        encode({"a": object()}, "callback Mine")
