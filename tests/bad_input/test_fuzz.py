"""Whatever is passed to fit, evaluate, predict or compile: it works, or the error is ours."""

import math

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lamina.core.errors import LaminaError
from tests.bad_input import programs as p

JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 5),
    st.sampled_from([2**31, 2**64, -(2**64)]),
    st.floats(),
    st.complex_numbers(),
    st.text(max_size=4),
    st.binary(max_size=4),
    st.lists(st.one_of(st.integers(-2, 3), st.none(), st.text(max_size=2)), max_size=3),
    st.dictionaries(st.integers(-1, 3), st.one_of(st.floats(), st.none()), max_size=3),
    st.sampled_from(
        [
            object(),
            print,
            int,
            slice(3),
            {1, 2},
            frozenset(),
            range(3),
            (1, 2, 3, 4),
            ((), ()),
            [[]],
            [[1, 2], [3]],
            np.float64("nan"),
            np.array(3),
            np.array(None),
            np.array("a"),
            np.zeros(0),
            np.zeros((2, 0)),
            np.zeros((64, 8)),
            np.ones(64),
            np.arange(64) % 3,
            np.full((64, 8), math.inf),
            np.zeros((64, 8), "datetime64[D]"),
            np.array([[None, 1]]),
            np.zeros(3, [("a", int)]),
            torch.zeros(()),
            torch.ones(64, 8),
            torch.zeros(64, 8, dtype=torch.complex64),
            torch.zeros(64, device="meta"),
            torch.zeros(64, 8, device="meta"),
            torch.ones(64, 8, dtype=torch.bfloat16),
            torch.ones(64, 8).to_sparse(),
            torch.nn.Linear(2, 2),
            memoryview(b"abc"),
        ]
    ),
)
QUICK = settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),  # a busy machine is no failure
)
FIT = [
    "x",
    "y",
    "batch_size",
    "epochs",
    "verbose",
    "callbacks",
    "validation_split",
    "validation_data",
    "shuffle",
    "class_weight",
    "sample_weight",
    "initial_epoch",
    "steps_per_epoch",
    "validation_steps",
    "validation_batch_size",
    "validation_freq",
    "validation_mode",
    "nan",
]
EVALUATE = ["x", "y", "batch_size", "verbose", "sample_weight", "steps", "callbacks", "nan"]
COMPILE = [
    "optimizer",
    "loss",
    "loss_weights",
    "metrics",
    "weighted_metrics",
    "run_eagerly",
    "steps_per_execution",
    "jit_compile",
    "auto_scale_loss",
    "jit",
]


def works_or_is_ours(call):
    """Whether the call worked; an error of ours stands alone in three parts."""
    try:
        call()
    except LaminaError as error:
        return len(str(error).splitlines()[0]) <= 200 and str(error).count("\n") == 2
    return True


@pytest.mark.parametrize("argument", FIT)
@QUICK
@given(junk=JUNK)
def test_fit_trains_or_raises_an_error_of_ours(argument, junk):
    good = {"x": p.x(), "y": p.y(), "epochs": 1, "verbose": 0}
    if argument in ("validation_freq", "validation_steps", "validation_batch_size"):
        good["validation_data"] = (p.x(), p.y())
    junk = 2 if argument == "epochs" and isinstance(junk, int) and junk > 2 else junk
    assert works_or_is_ours(lambda: MODEL.fit(**{**good, argument: junk}))


@pytest.mark.parametrize("argument", EVALUATE)
@QUICK
@given(junk=JUNK)
def test_evaluate_works_or_raises_an_error_of_ours(argument, junk):
    good = {"x": p.x(), "y": p.y(), "verbose": 0}
    assert works_or_is_ours(lambda: MODEL.evaluate(**{**good, argument: junk}))


@pytest.mark.parametrize("argument", ["x", "batch_size", "verbose", "steps", "callbacks", "nan"])
@QUICK
@given(junk=JUNK)
def test_predict_works_or_raises_an_error_of_ours(argument, junk):
    good = {"x": p.x(), "verbose": 0}
    MODEL.fit(p.x(), p.y(), verbose=0)  # predict compares its inputs with those of training
    assert works_or_is_ours(lambda: MODEL.predict(**{**good, argument: junk}))


@pytest.mark.parametrize("argument", COMPILE)
@QUICK
@given(junk=JUNK)
def test_compile_works_or_raises_an_error_of_ours(argument, junk):
    model = p.classifier()
    good = {"optimizer": "sgd", "loss": "sparse_categorical_crossentropy"}
    assert works_or_is_ours(lambda: model.compile(**{**good, argument: junk}))


@QUICK
@given(arguments=st.lists(JUNK, min_size=2, max_size=2))
def test_fit_on_junk_for_data_raises_an_error_of_ours(arguments):
    assert works_or_is_ours(lambda: MODEL.fit(*arguments, verbose=0))


MODEL = p.classifier()
