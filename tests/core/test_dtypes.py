"""Names of dtypes, the default float, and policies for computing in half precision."""

import numpy as np
import pytest
import torch

from lamina import backend, config, mixed_precision
from lamina.core import dtypes
from lamina.core.errors import ArgumentError


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch):
    monkeypatch.setattr(dtypes, "_settings", dict(dtypes._settings))


@pytest.mark.parametrize(
    ("dtype", "name"),
    [
        ("float32", "float32"),
        ("float", "float32"),
        ("double", "float64"),
        ("half", "float16"),
        ("int", "int32"),
        (torch.bfloat16, "bfloat16"),
        (np.float64, "float64"),
        (np.dtype("uint8"), "uint8"),
        (float, "float32"),
        (int, "int32"),
        (bool, "bool"),
        (str, "string"),
        (None, "float32"),
    ],
)
def test_standard_name(dtype, name):
    assert backend.standardize_dtype(dtype) == name


def test_unknown_dtype_is_refused_with_the_nearest():
    with pytest.raises(ArgumentError, match=r'did you mean "float32"\?$'):
        dtypes.to_torch("float23")


def test_default_float_changes_what_none_means():
    backend.set_floatx("float64")

    assert dtypes.to_torch(None) == torch.float64
    assert config.floatx() == "float64"
    assert config.dtype_policy().compute_dtype == "float64"


@pytest.mark.parametrize("value", ["int32", "float8", 32, None])
def test_default_float_is_a_float(value):
    with pytest.raises(ArgumentError, match="'float16', 'bfloat16', 'float32', 'float64'"):
        backend.set_floatx(value)


@pytest.mark.parametrize("value", [0, -1.0, "1e-7", float("nan")])
def test_epsilon_is_positive(value):
    with pytest.raises(ArgumentError, match="greater than 0"):
        backend.set_epsilon(value)


def test_epsilon_is_kept():
    backend.set_epsilon(1e-3)

    assert config.epsilon() == 1e-3


@pytest.mark.parametrize(
    ("name", "compute", "variable"),
    [
        ("float32", "float32", "float32"),
        ("mixed_bfloat16", "bfloat16", "float32"),
        ("mixed_float16", "float16", "float32"),
        ("bfloat16", "bfloat16", "bfloat16"),
    ],
)
def test_policy_says_both_dtypes(name, compute, variable):
    policy = mixed_precision.Policy(name)

    assert (policy.compute_dtype, policy.variable_dtype) == (compute, variable)
    assert policy == dtypes.DTypePolicy(name)


def test_global_policy_is_set_and_read():
    mixed_precision.set_global_policy("mixed_bfloat16")

    assert mixed_precision.global_policy().name == "mixed_bfloat16"
    assert config.dtype_policy().compute_dtype == "bfloat16"


@pytest.mark.parametrize("policy", [3, None, torch.float16])
def test_global_policy_must_be_a_name_or_a_policy(policy):
    with pytest.raises(ArgumentError, match="'policy' as a name or a DTypePolicy"):
        mixed_precision.set_global_policy(policy)
