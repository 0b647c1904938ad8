"""Full text of the errors of activations, initializers, regularizers and constraints."""

import re

import pytest
import torch

from lamina.core.errors import ArgumentError, ArgumentTypeError, ShapeError, StateError
from lamina.layers import activations, constraints, initializers, regularizers

ROWS = {
    "unknown regularizer": (
        ArgumentError,
        lambda: regularizers.get("l3"),
        "'l3' is not a regularizer.",
        "one of L1, L1L2, L2, OrthogonalRegularizer, Regularizer, l1, l1_l2, l1l2, l2, "
        "orthogonal_regularizer.",
        None,
    ),
    "no regularizer": (
        ArgumentTypeError,
        lambda: regularizers.get(0.01),
        "0.01 is not a regularizer.",
        "a name, a configuration, a function or an object.",
        'pass for example "l1".',
    ),
    "negative strength": (
        ArgumentError,
        lambda: regularizers.L2(-0.1),
        "L2(l2=-0.1) is not possible.",
        "'l2' as a number of at least 0.",
        "pass for example l2=0.01.",
    ),
    "orthogonal rows of a vector": (
        ShapeError,
        lambda: regularizers.OrthogonalRegularizer()(torch.ones(3)),
        "OrthogonalRegularizer received a weight of shape (3,).",
        "a matrix, a weight with 2 axes.",
        "use it on Dense kernels, or reshape the weight.",
    ),
    "unknown constraint": (
        ArgumentError,
        lambda: constraints.get("max_normm"),
        "'max_normm' is not a constraint.",
        "one of Constraint, MaxNorm, MinMaxNorm, NonNeg, UnitNorm, max_norm, maxnorm, "
        "min_max_norm, minmaxnorm, non_neg, nonneg, unit_norm, unitnorm.",
        None,
    ),
    "rate of a constraint": (
        ArgumentError,
        lambda: constraints.MinMaxNorm(rate=1.5),
        "MinMaxNorm(rate=1.5) is not possible.",
        "'rate' as a number from 0 to 1.",
        "pass for example rate=0.5.",
    ),
    "an activation without a name": (
        ArgumentError,
        lambda: activations.serialize(
            type("", (), {"__call__": None, "__repr__": lambda _: "f"})()
        ),
        "activation f has no name to be saved under.",
        "a named function or an object with get_config().",
        "define it with def.",
    ),
    "no activation": (
        ArgumentTypeError,
        lambda: activations.get(3),
        "3 is not an activation.",
        "a name, a configuration, a function or an object.",
        'pass for example "celu".',
    ),
    "identity of a vector": (
        ShapeError,
        lambda: initializers.Identity()((3,)),
        "Identity was asked for a weight of shape (3,).",
        "a matrix, a shape with 2 axes.",
        'use another initializer here, for example "orthogonal".',
    ),
    "orthogonal vector": (
        ShapeError,
        lambda: initializers.Orthogonal()((3,)),
        "Orthogonal was asked for a weight of shape (3,).",
        "a shape with at least 2 axes.",
        'use another initializer here, for example "zeros" for a bias.',
    ),
    "window of another length": (
        ShapeError,
        lambda: initializers.STFT(window=[1.0, 1.0])((4, 1, 3)),
        "STFT received a window of shape (2,).",
        "one value for each of the 4 steps of a frame.",
        "pass an array of length 4, or a name such as 'hann'.",
    ),
    "seed": (
        ArgumentError,
        lambda: initializers.GlorotUniform(seed=1.5),
        "GlorotUniform(seed=1.5) is not possible.",
        "'seed' as a whole number from 0 to 9223372036854775807.",
        "pass for example seed=1.",
    ),
    "scale": (
        ArgumentError,
        lambda: initializers.VarianceScaling(scale=0.0),
        "VarianceScaling(scale=0.0) is not possible.",
        "'scale' as a number greater than 0.",
        "pass for example scale=1.",
    ),
    "mode": (
        ArgumentError,
        lambda: initializers.VarianceScaling(mode="fan_inn"),
        "VarianceScaling(mode='fan_inn') is not possible.",
        "'mode' as one of 'fan_in', 'fan_out', 'fan_avg'.",
        'did you mean "fan_in"?',
    ),
    "an initializer without a rule": (
        StateError,
        lambda: initializers.Initializer()((2,)),
        "initializer Initializer has no __call__().",
        "a method __call__(self, shape, dtype=None) that returns a tensor.",
        "write it as def __call__(self, shape, dtype=None): return ...",
    ),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_impossible_parts_are_refused(row):
    kind, call, problem, expected, fix = row
    message = re.escape(f"{problem}\n  expected: {expected}\n  fix: ")

    with pytest.raises(kind, match=f"^{message}{'.+' if fix is None else re.escape(fix)}$"):
        call()


@pytest.mark.parametrize(
    ("get", "word", "near"),
    [
        (activations.get, "swissh", "swish"),
        (activations.get, "leakyrelu", "leaky_relu"),
        (initializers.get, "glorot_unform", "glorot_uniform"),
        (initializers.get, "he-normal", "he_normal"),
        (regularizers.get, "orthogonal", "orthogonal_regularizer"),
        (constraints.get, "minmax_nrm", "minmaxnorm"),
    ],
)
def test_a_near_miss_names_the_nearest_word(get, word, near):
    with pytest.raises(ArgumentError, match=f'did you mean "{near}"') as caught:
        get(word)

    assert caught.value.problem.startswith(f"'{word}' is not a")
