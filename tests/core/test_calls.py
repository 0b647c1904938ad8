"""Misspelled, missing and spare arguments are refused by name; signatures stay as they are."""

import copy
import inspect
import pickle

import pytest

import lamina as keras
from lamina.core.calls import explained
from lamina.core.errors import ArgumentTypeError


def model():
    network = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
    network.compile("sgd", "mse")
    return network


@pytest.mark.parametrize(
    ("call", "problem", "fix"),
    [
        (lambda: model().fit(epoch=3), "fit() has no argument 'epoch'.", 'did you mean "epochs"?'),
        (
            lambda: model().compile(lost="mse"),
            "compile() has no argument 'lost'.",
            'did you mean "loss"?',
        ),
        (
            lambda: model().predict([[1.0, 2.0]], batchsize=2),
            "predict() has no argument 'batchsize'.",
            'did you mean "batch_size"?',
        ),
        (
            lambda: keras.losses.SparseCategoricalCrossentropy(from_logit=True),
            "SparseCategoricalCrossentropy() has no argument 'from_logit'.",
            'did you mean "from_logits"?',
        ),
        (
            lambda: keras.metrics.AUC(curv="PR"),
            "AUC() has no argument 'curv'.",
            'did you mean "curve"?',
        ),
        (
            lambda: keras.callbacks.EarlyStopping(patienc=3),
            "EarlyStopping() has no argument 'patienc'.",
            'did you mean "patience"?',
        ),
        (
            lambda: keras.layers.Dense(),
            "Dense() missing 1 required positional argument: 'units'.",
            "compare the call with help(Dense).",
        ),
        (
            lambda: keras.regularizers.L2(1, 2),
            "L2() takes from 1 to 2 positional arguments but 3 were given.",
            "compare the call with help(L2).",
        ),
    ],
)
def test_call_that_cannot_be_bound_is_explained(call, problem, fix):
    with pytest.raises(ArgumentTypeError, match="argument") as caught:
        call()

    assert (caught.value.problem, caught.value.fix) == (problem, fix)
    assert isinstance(caught.value, TypeError)


def test_message_is_whole():
    with pytest.raises(ArgumentTypeError, match="dleta") as caught:
        keras.losses.Huber(dleta=2.0)

    assert str(caught.value) == (
        "Huber() has no argument 'dleta'.\n"
        "  expected: arguments among delta, reduction, name, dtype.\n"
        '  fix: did you mean "delta"?'
    )


def test_error_inside_of_the_function_passes_through():
    @explained
    def fails(x):
        return x + "text"

    with pytest.raises(TypeError, match="unsupported operand") as caught:
        fails(1)

    assert type(caught.value) is TypeError


def test_signatures_copies_and_pickles_are_as_before():
    loss = keras.losses.Huber(0.5)

    assert list(inspect.signature(keras.Model.fit).parameters)[:4] == [
        "self",
        "x",
        "y",
        "batch_size",
    ]
    assert copy.deepcopy(loss).get_config() == loss.get_config()
    assert pickle.loads(pickle.dumps(loss)).get_config() == loss.get_config()
