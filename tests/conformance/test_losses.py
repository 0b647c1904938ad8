"""Every public loss beside the real Keras: values, gradients, weights, reductions."""

from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from lamina import losses
from lamina.losses.base import REDUCTIONS

RANDOM = np.random.default_rng(7)


def softmax(x):
    return np.exp(x) / np.exp(x).sum(-1, keepdims=True)


def floats(x):
    return np.asarray(x, dtype="float32")


SCORES = floats(RANDOM.normal(size=(4, 3)))
CLASSES = np.array([0, 2, 1, 2])
INPUTS = {
    "values": (floats(RANDOM.normal(size=(4, 3))), SCORES),
    "images": (floats(RANDOM.normal(size=(2, 4, 3))), floats(RANDOM.normal(size=(2, 4, 3)))),
    "a flat target": (floats([0, 1, 2, 3]), floats(RANDOM.normal(size=(4, 1)))),
    "a flat output": (floats(RANDOM.normal(size=(4, 1))), floats([0, 1, 2, 3])),
    "integers": (RANDOM.integers(0, 5, size=(4, 3)), SCORES),
    "positive": (
        floats(RANDOM.uniform(0.1, 3, size=(4, 3))),
        floats(RANDOM.uniform(0.1, 3, size=(4, 3))),
    ),
    "binary": (floats(RANDOM.integers(0, 2, size=(4, 3))), floats(1 / (1 + np.exp(-SCORES)))),
    "binary logits": (floats(RANDOM.integers(0, 2, size=(4, 3))), 3 * SCORES),
    "signs": (floats([[-1, 1, 1], [1, -1, 1], [1, 1, 1], [-1, -1, -1]]), SCORES),
    "one-hot": (floats(np.eye(3)[CLASSES]), floats(softmax(SCORES))),
    "one-hot logits": (floats(np.eye(3)[CLASSES]), SCORES),
    "unnormalized": (floats(np.eye(3)[CLASSES]), floats(np.exp(SCORES))),
    "classes": (CLASSES, floats(softmax(SCORES))),
    "classes in a column": (CLASSES[:, None], floats(softmax(SCORES))),
    "class logits": (CLASSES, SCORES),
    "class sequences": (
        RANDOM.integers(0, 3, size=(2, 4)),
        floats(softmax(RANDOM.normal(size=(2, 4, 3)))),
    ),
    "class sequence logits": (
        RANDOM.integers(0, 3, size=(2, 4)),
        floats(RANDOM.normal(size=(2, 4, 3))),
    ),
    "classes first": (RANDOM.integers(0, 3, size=(2, 4)), floats(RANDOM.normal(size=(2, 3, 4)))),
    "embeddings": (
        np.array([0, 1, 0, 1, 2, 2]),
        floats(
            (lambda x: x / np.linalg.norm(x, axis=-1, keepdims=True))(RANDOM.normal(size=(6, 3)))
        ),
    ),
}


class Case(NamedTuple):
    """One call of a loss: the function's name, its class, the inputs and further arguments."""

    function: str
    kind: str
    inputs: str
    arguments: dict[str, Any] = {}  # noqa: RUF012 (never changed)


CASES = [
    *[
        Case(function, kind, inputs)
        for function, kind in {
            "mean_squared_error": "MeanSquaredError",
            "mean_absolute_error": "MeanAbsoluteError",
            "huber": "Huber",
            "log_cosh": "LogCosh",
        }.items()
        for inputs in ("values", "images", "a flat target", "a flat output", "integers")
    ],
    Case("mean_absolute_percentage_error", "MeanAbsolutePercentageError", "values"),
    Case("mean_squared_logarithmic_error", "MeanSquaredLogarithmicError", "values"),
    Case("mean_squared_logarithmic_error", "MeanSquaredLogarithmicError", "positive"),
    Case("huber", "Huber", "values", {"delta": 0.3}),
    Case("poisson", "Poisson", "positive"),
    Case("kl_divergence", "KLDivergence", "one-hot"),
    Case("cosine_similarity", "CosineSimilarity", "values"),
    Case("cosine_similarity", "CosineSimilarity", "images", {"axis": 1}),
    Case("hinge", "Hinge", "signs"),
    Case("hinge", "Hinge", "binary"),
    Case("squared_hinge", "SquaredHinge", "signs"),
    Case("squared_hinge", "SquaredHinge", "binary"),
    Case("categorical_hinge", "CategoricalHinge", "one-hot"),
    Case("binary_crossentropy", "BinaryCrossentropy", "binary"),
    Case("binary_crossentropy", "BinaryCrossentropy", "binary", {"label_smoothing": 0.2}),
    Case("binary_crossentropy", "BinaryCrossentropy", "binary logits", {"from_logits": True}),
    Case("binary_crossentropy", "BinaryCrossentropy", "binary", {"axis": 0}),
    Case("binary_focal_crossentropy", "BinaryFocalCrossentropy", "binary"),
    Case(
        "binary_focal_crossentropy",
        "BinaryFocalCrossentropy",
        "binary logits",
        {"from_logits": True, "apply_class_balancing": True, "gamma": 1.5, "label_smoothing": 0.1},
    ),
    Case("categorical_crossentropy", "CategoricalCrossentropy", "one-hot"),
    Case("categorical_crossentropy", "CategoricalCrossentropy", "unnormalized"),
    Case(
        "categorical_crossentropy", "CategoricalCrossentropy", "one-hot", {"label_smoothing": 0.2}
    ),
    Case(
        "categorical_crossentropy",
        "CategoricalCrossentropy",
        "one-hot logits",
        {"from_logits": True, "label_smoothing": 0.2},
    ),
    Case("categorical_focal_crossentropy", "CategoricalFocalCrossentropy", "one-hot"),
    Case(
        "categorical_focal_crossentropy",
        "CategoricalFocalCrossentropy",
        "one-hot logits",
        {"from_logits": True, "alpha": 0.4, "gamma": 1.0, "label_smoothing": 0.1},
    ),
    *[
        Case("sparse_categorical_crossentropy", "SparseCategoricalCrossentropy", inputs, arguments)
        for inputs, arguments in [
            ("classes", {}),
            ("classes in a column", {}),
            ("class logits", {"from_logits": True}),
            ("class sequences", {}),
            ("class sequence logits", {"from_logits": True}),
            ("classes first", {"from_logits": True, "axis": 1}),
            ("classes", {"ignore_class": 2}),
            ("class logits", {"from_logits": True, "ignore_class": 2}),
            ("class sequence logits", {"from_logits": True, "ignore_class": 0}),
        ]
    ],
    Case(
        "categorical_generalized_cross_entropy",
        "CategoricalGeneralizedCrossEntropy",
        "classes",
        {"q": 0.7},
    ),
    Case("dice", "Dice", "binary"),
    Case("dice", "Dice", "binary", {"axis": 1}),
    Case("dice", "Dice", "images", {"axis": (1, 2)}),
    Case("tversky", "Tversky", "binary"),
    Case("tversky", "Tversky", "binary", {"alpha": 0.3, "beta": 0.7, "axis": -1}),
    Case("circle", "Circle", "embeddings"),
    Case("circle", "Circle", "embeddings", {"gamma": 8.0, "remove_diagonal": False}),
    Case("circle", "Circle", "embeddings", {"gamma": 8.0, "margin": 0.25}),
]
# What has no row: the parts of the machinery, tested beside, and second names.
NO_LOSSES = {
    "Loss", "LossFacts", "LossFunctionWrapper",
    "as_loss", "deserialize", "facts_of", "get", "serialize",
}  # fmt: skip
ALIASES = {
    "BCE": "binary_crossentropy",
    "KLD": "kl_divergence",
    "MAE": "mean_absolute_error",
    "MAPE": "mean_absolute_percentage_error",
    "MSE": "mean_squared_error",
    "MSLE": "mean_squared_logarithmic_error",
    "bce": "binary_crossentropy",
    "cosine": "cosine_similarity",
    "kld": "kl_divergence",
    "kullback_leibler_divergence": "kl_divergence",
    "logcosh": "log_cosh",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "mse": "mean_squared_error",
    "msle": "mean_squared_logarithmic_error",
}
every_case = pytest.mark.parametrize(
    "case", CASES, ids=lambda case: f"{case.function}-{case.inputs}-{case.arguments}"
)


def run(function, y_true, y_pred, *further):
    """The result, and the gradient of its sum with respect to the predictions."""
    y_pred = torch.tensor(y_pred, requires_grad=True)
    result = function(torch.tensor(y_true), y_pred, *further)
    (gradient,) = torch.autograd.grad(result.sum(), y_pred)
    return result.detach(), gradient


def test_every_public_loss_has_a_row():
    rows = {case.function for case in CASES} | {case.kind for case in CASES}

    assert set(losses.__all__) - NO_LOSSES - set(ALIASES) == rows


@pytest.mark.parametrize(("alias", "name"), ALIASES.items())
def test_alias_is_the_function_itself(alias, name):
    assert getattr(losses, alias) is getattr(losses, name)


@every_case
def test_function_equals_keras(keras, case):
    y_true, y_pred = INPUTS[case.inputs]
    ours, theirs = getattr(losses, case.function), getattr(keras.losses, case.function, None)
    if theirs is None:
        theirs = keras.src.losses.losses.categorical_generalized_cross_entropy

    result = run(lambda t, p: ours(t, p, **case.arguments), y_true, y_pred)

    assert_close(result, run(lambda t, p: theirs(t, p, **case.arguments), y_true, y_pred))


@every_case
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_class_equals_keras_under_every_reduction(keras, case, reduction):
    y_true, y_pred = INPUTS[case.inputs]
    arguments = {**case.arguments, "reduction": reduction}
    ours = getattr(losses, case.kind)(**arguments)
    theirs = getattr(keras.losses, case.kind)(**arguments)

    assert_close(run(ours, y_true, y_pred), run(theirs, y_true, y_pred))


# Where Keras's weights would have to broadcast along an axis that is not the last one, it
# broadcasts wrongly or not at all; test_weights_of_examples_fit_values_of_sequences covers these.
WEIGHTED = [
    case
    for case in CASES
    if case.inputs in ("values", "one-hot", "classes", "class logits", "binary", "embeddings",
                       "signs", "positive") and "axis" not in case.arguments
]  # fmt: skip


@pytest.mark.parametrize("case", WEIGHTED, ids=lambda c: f"{c.function}-{c.inputs}-{c.arguments}")
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_weights_act_as_in_keras(keras, case, reduction):
    y_true, y_pred = INPUTS[case.inputs]
    weights = torch.linspace(0.0, 2.0, len(y_pred))
    arguments = {**case.arguments, "reduction": reduction}
    ours = getattr(losses, case.kind)(**arguments)
    theirs = getattr(keras.losses, case.kind)(**arguments)

    assert_close(run(ours, y_true, y_pred, weights), run(theirs, y_true, y_pred, weights))


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_weights_in_a_column_act_as_in_keras_for_each_value(keras, reduction):
    y_true, y_pred = INPUTS["images"]
    weights = torch.linspace(0.0, 2.0, 8).reshape(2, 4)
    ours = losses.MeanSquaredError(reduction=reduction)
    theirs = keras.losses.MeanSquaredError(reduction=reduction)

    assert_close(run(ours, y_true, y_pred, weights), run(theirs, y_true, y_pred, weights))


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_masks_act_as_in_keras(keras, reduction):
    y_true, y_pred = INPUTS["images"]
    mask = torch.tensor([[True, True, False, False], [True, True, True, False]])

    def masked(loss):
        def call(t, p):
            p = p * 1.0
            p._keras_mask = mask
            return loss(t, p)

        return call

    ours = masked(losses.MeanSquaredError(reduction=reduction))
    theirs = masked(keras.losses.MeanSquaredError(reduction=reduction))

    assert_close(run(ours, y_true, y_pred), run(theirs, y_true, y_pred))


ADDED = {"SparseCategoricalCrossentropy": ["label_smoothing"]}  # at the end, 0.0 by default


@pytest.mark.parametrize("name", sorted({case.kind for case in CASES}))
def test_constructor_takes_the_arguments_of_keras_in_their_order(keras, name):
    import inspect  # noqa: PLC0415 (used by this test alone)

    ours = inspect.signature(getattr(losses, name)).parameters
    theirs = inspect.signature(getattr(keras.losses, name)).parameters

    assert [(p.name, p.default) for p in ours.values()] == [
        *((p.name, p.default) for p in theirs.values()),
        *((added, 0.0) for added in ADDED.get(name, [])),
    ]


@pytest.mark.parametrize(
    ("inputs", "arguments"),
    [
        ("classes", {}),
        ("class logits", {"from_logits": True}),
        ("class sequences", {}),
        ("class sequence logits", {"from_logits": True}),
    ],
)
@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "none"])
def test_smoothed_class_numbers_equal_smoothed_one_hot_labels(keras, inputs, arguments, reduction):
    y_true, y_pred = INPUTS[inputs]
    options = {**arguments, "label_smoothing": 0.2, "reduction": reduction}

    ours = losses.SparseCategoricalCrossentropy(**options)(y_true, y_pred)
    theirs = keras.losses.CategoricalCrossentropy(**options)(floats(np.eye(3)[y_true]), y_pred)

    np.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-5)


@pytest.mark.parametrize("name", sorted({case.kind for case in CASES}))
def test_configuration_builds_an_equal_loss(keras, name):
    loss = getattr(losses, name)()

    copy = losses.deserialize(losses.serialize(loss))

    assert copy.get_config() == loss.get_config()
    assert getattr(keras.losses, name)().get_config().items() <= copy.get_config().items()


@pytest.mark.parametrize(
    ("word", "output", "target"),
    [
        ("crossentropy", (8, 1), (8, 1)),
        ("ce", (8, 1), (8,)),
        ("crossentropy", (8, 4), (8,)),
        ("ce", (8, 4), (8, 1)),
        ("crossentropy", (8, 4), (8, 4)),
    ],
)
def test_crossentropy_is_resolved_as_in_keras(keras, word, output, target):
    from keras.src.trainers.compile_utils import get_loss  # noqa: PLC0415 (real Keras, by fixture)

    theirs = get_loss(word, torch.zeros(target), torch.zeros(output))

    assert losses.get(word, output_shape=output, target_shape=target).__name__ == theirs.fn.__name__
