"""Every public metric beside the real Keras: several updates, weights, resets, configurations."""

import inspect
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from torch.testing import assert_close
from torch.utils._python_dispatch import TorchDispatchMode

from lamina import metrics
from lamina.core.crossentropies import binary_crossentropy

RANDOM = np.random.default_rng(11)


def softmax(x):
    return np.exp(x) / np.exp(x).sum(-1, keepdims=True)


def floats(x):
    return np.asarray(x, dtype="float32")


def normal(*shape):
    return floats(RANDOM.normal(size=shape))


def uniform(*shape):
    return floats(RANDOM.uniform(size=shape))


def whole(high, *shape):
    return RANDOM.integers(0, high, size=shape)


def one_hot(*shape):
    return floats(np.eye(3)[whole(3, *shape)])


# Each gives one batch of n examples.
BATCHES = {
    "values": lambda n: (normal(n, 3), normal(n, 3)),
    "sequences": lambda n: (normal(n, 5, 3), normal(n, 5, 3)),
    "a flat target": lambda n: (normal(n), normal(n, 1)),
    "a column": lambda n: (normal(n, 1), normal(n, 1)),
    "positive": lambda n: (uniform(n, 3) + 0.1, uniform(n, 3) + 0.1),
    "equal numbers": lambda n: (whole(3, n, 2), whole(3, n, 2)),
    "flat binary": lambda n: (floats(whole(2, n)), uniform(n)),
    "binary": lambda n: (floats(whole(2, n, 3)), uniform(n, 3)),
    "binary integers": lambda n: (whole(2, n, 1), uniform(n, 1)),
    "a flat binary target": lambda n: (whole(2, n), uniform(n, 1)),
    "binary logits": lambda n: (floats(whole(2, n, 3)), 3 * normal(n, 3)),
    "signs": lambda n: (floats(2 * whole(2, n, 3) - 1), normal(n, 3)),
    "one-hot": lambda n: (one_hot(n), floats(softmax(normal(n, 3)))),
    "one-hot logits": lambda n: (one_hot(n), normal(n, 3)),
    "one-hot sequences": lambda n: (one_hot(n, 5), floats(softmax(normal(n, 5, 3)))),
    "classes": lambda n: (whole(3, n), floats(softmax(normal(n, 3)))),
    "float classes": lambda n: (floats(whole(3, n)), floats(softmax(normal(n, 3)))),
    "classes in a column": lambda n: (whole(3, n, 1), floats(softmax(normal(n, 3)))),
    "class logits": lambda n: (whole(3, n), normal(n, 3)),
    "class sequences": lambda n: (whole(3, n, 5), floats(softmax(normal(n, 5, 3)))),
    "sorted classes": lambda n: (whole(3, n), np.argsort(normal(n, 3), -1)),
    "regions": lambda n: (whole(3, n, 4), whole(3, n, 4)),
    "binary regions": lambda n: (whole(2, n, 4), uniform(n, 4)),
    "one-hot regions": lambda n: (one_hot(n, 4), floats(softmax(normal(n, 4, 3)))),
}


class Case(NamedTuple):
    """One metric with its arguments, and the batches it is fed."""

    name: str
    inputs: str
    arguments: dict[str, Any] = {}  # noqa: RUF012 (never changed)


CASES = [
    *[
        Case(name, inputs)
        for name in (
            "MeanSquaredError",
            "MeanAbsoluteError",
            "LogCoshError",
            "RootMeanSquaredError",
        )
        for inputs in ("values", "a flat target")
    ],
    Case("MeanAbsolutePercentageError", "values"),
    Case("MeanSquaredLogarithmicError", "positive"),
    Case("CosineSimilarity", "values"),
    Case("R2Score", "values"),
    Case("R2Score", "a column"),
    Case("R2Score", "values", {"class_aggregation": None}),
    Case("R2Score", "values", {"class_aggregation": "variance_weighted_average"}),
    Case("R2Score", "values", {"num_regressors": 4}),
    Case("PearsonCorrelation", "values"),
    Case("PearsonCorrelation", "sequences", {"axis": 1}),
    Case("CosineSimilarity", "sequences", {"axis": 1}),
    Case("ConcordanceCorrelation", "sequences", {"axis": 1}),
    Case("ConcordanceCorrelation", "values"),
    Case("Accuracy", "equal numbers"),
    Case("BinaryAccuracy", "binary"),
    Case("BinaryAccuracy", "flat binary"),
    Case("BinaryAccuracy", "binary integers", {"threshold": 0.3}),
    Case("BinaryAccuracy", "a flat binary target"),
    Case("CategoricalAccuracy", "one-hot"),
    Case("CategoricalAccuracy", "one-hot sequences"),
    Case("SparseCategoricalAccuracy", "classes"),
    Case("SparseCategoricalAccuracy", "float classes"),
    Case("SparseCategoricalAccuracy", "classes in a column"),
    Case("SparseCategoricalAccuracy", "class sequences"),
    Case("TopKCategoricalAccuracy", "one-hot", {"k": 2}),
    Case("TopKCategoricalAccuracy", "one-hot sequences", {"k": 2}),
    Case("SparseTopKCategoricalAccuracy", "classes", {"k": 2}),
    Case("SparseTopKCategoricalAccuracy", "class sequences", {"k": 2}),
    Case("SparseTopKCategoricalAccuracy", "sorted classes", {"k": 2, "from_sorted_ids": True}),
    Case("BinaryCrossentropy", "binary"),
    Case("BinaryCrossentropy", "binary logits", {"from_logits": True, "label_smoothing": 0.1}),
    Case("CategoricalCrossentropy", "one-hot"),
    Case("CategoricalCrossentropy", "one-hot logits", {"from_logits": True}),
    Case("CategoricalCrossentropy", "one-hot", {"label_smoothing": 0.1}),
    Case("SparseCategoricalCrossentropy", "classes"),
    Case("SparseCategoricalCrossentropy", "class logits", {"from_logits": True}),
    Case("SparseCategoricalCrossentropy", "class sequences"),
    Case("KLDivergence", "one-hot"),
    Case("Poisson", "positive"),
    Case("Hinge", "signs"),
    Case("SquaredHinge", "signs"),
    Case("CategoricalHinge", "one-hot"),
    *[
        Case(name, inputs, arguments)
        for name in ("TruePositives", "FalsePositives", "TrueNegatives", "FalseNegatives")
        for inputs, arguments in [
            ("binary", {}),
            ("flat binary", {"thresholds": 0.3}),
            ("a flat binary target", {"thresholds": [0.2, 0.7]}),
            ("binary", {"thresholds": [0.0, 0.5, 1.0]}),
        ]
    ],
    *[
        Case(name, inputs, arguments)
        for name in ("Precision", "Recall")
        for inputs, arguments in [
            ("binary", {}),
            ("flat binary", {"thresholds": 0.3}),
            ("binary", {"thresholds": [0.1, 0.2, 0.7]}),
            ("one-hot", {"top_k": 2}),
            ("one-hot", {"class_id": 1}),
            ("one-hot", {"class_id": 1, "top_k": 1, "thresholds": 0.4}),
        ]
    ],
    *[
        Case(name, inputs, {argument: 0.6, **further})
        for name, argument in {
            "SensitivityAtSpecificity": "specificity",
            "SpecificityAtSensitivity": "sensitivity",
            "PrecisionAtRecall": "recall",
            "RecallAtPrecision": "precision",
        }.items()
        for inputs, further in [
            ("flat binary", {}),
            ("binary", {"num_thresholds": 20}),
            ("one-hot", {"class_id": 1}),
            ("flat binary", {"num_thresholds": 1}),
        ]
    ],
    *[
        Case("AUC", "flat binary", {"curve": curve, "summation_method": method})
        for curve in ("ROC", "PR", "PRGAIN")
        for method in ("interpolation", "majoring", "minoring")
    ],
    Case("AUC", "binary", {"num_thresholds": 10}),
    Case("AUC", "binary", {"thresholds": [0.1, 0.25, 0.7]}),
    Case("AUC", "binary logits", {"from_logits": True}),
    Case("AUC", "binary logits"),
    Case("AUC", "binary", {"multi_label": True}),
    Case("AUC", "binary", {"multi_label": True, "num_labels": 3, "label_weights": [0.2, 0.5, 1.0]}),
    Case("AUC", "binary", {"multi_label": True, "curve": "PR"}),
    Case("AUC", "binary", {"label_weights": [0.2, 0.5, 1.0]}),
    Case("F1Score", "one-hot"),
    Case("F1Score", "binary", {"threshold": 0.4, "average": "micro"}),
    *[
        Case("FBetaScore", "one-hot", {"average": a, "beta": 2.0})
        for a in (None, "macro", "weighted")
    ],
    Case("IoU", "regions", {"num_classes": 3, "target_class_ids": [0, 2]}),
    Case("IoU", "regions", {"num_classes": 2, "target_class_ids": [1]}),
    Case("IoU", "regions", {"num_classes": 3, "target_class_ids": [0, 1], "ignore_class": 1}),
    Case("MeanIoU", "regions", {"num_classes": 3}),
    Case("MeanIoU", "regions", {"num_classes": 5, "dtype": "float32"}),
    Case("MeanIoU", "class sequences", {"num_classes": 3, "sparse_y_pred": False}),
    Case("BinaryIoU", "binary regions"),
    Case("BinaryIoU", "binary regions", {"target_class_ids": [1], "threshold": 0.3}),
    Case("OneHotIoU", "one-hot regions", {"num_classes": 3, "target_class_ids": [1, 2]}),
    Case("OneHotMeanIoU", "one-hot regions", {"num_classes": 3}),
]
# Functions, with the inputs of each.
FUNCTIONS = {
    "binary_accuracy": "binary",
    "binary_crossentropy": "binary",
    "binary_focal_crossentropy": "binary",
    "categorical_accuracy": "one-hot",
    "categorical_crossentropy": "one-hot",
    "categorical_focal_crossentropy": "one-hot",
    "categorical_hinge": "one-hot",
    "concordance_correlation": "values",
    "hinge": "signs",
    "huber": "values",
    "kl_divergence": "one-hot",
    "log_cosh": "values",
    "mean_absolute_error": "values",
    "mean_absolute_percentage_error": "values",
    "mean_squared_error": "values",
    "mean_squared_logarithmic_error": "positive",
    "pearson_correlation": "values",
    "poisson": "positive",
    "sparse_categorical_accuracy": "classes",
    "sparse_categorical_crossentropy": "classes",
    "sparse_top_k_categorical_accuracy": "classes",
    "squared_hinge": "signs",
    "top_k_categorical_accuracy": "one-hot",
}
# What has no row: the base, reductions (tested below), machinery and second names.
OTHERS = {
    "Mean", "MeanMetricWrapper", "Metric", "Sum", "as_metric", "deserialize", "get", "serialize",
}  # fmt: skip
ALIASES = {
    "BCE": "binary_crossentropy",
    "KLD": "kl_divergence",
    "MAE": "mean_absolute_error",
    "MAPE": "mean_absolute_percentage_error",
    "MSE": "mean_squared_error",
    "MSLE": "mean_squared_logarithmic_error",
    "bce": "binary_crossentropy",
    "kld": "kl_divergence",
    "kullback_leibler_divergence": "kl_divergence",
    "logcosh": "log_cosh",
    "mae": "mean_absolute_error",
    "mape": "mean_absolute_percentage_error",
    "mse": "mean_squared_error",
    "msle": "mean_squared_logarithmic_error",
}
# Configurations that differ from Keras's on purpose.
CONFIGURED_OTHERWISE = {
    "BinaryIoU": "counts are int64, so that pixels do not overflow",
    "IoU": "counts are int64, so that pixels do not overflow",
    "MeanIoU": "counts are int64, so that pixels do not overflow",
    "OneHotIoU": "counts are int64, so that pixels do not overflow",
    "OneHotMeanIoU": "counts are int64, so that pixels do not overflow",
}
# Weights that Keras does not take along, or takes in another way.
WEIGHTED_OTHERWISE = {
    "BinaryIoU": "Keras wants one weight a pixel",
    "IoU": "Keras wants one weight a pixel",
    "MeanIoU": "Keras wants one weight a pixel",
    "OneHotIoU": "Keras wants one weight a pixel",
    "OneHotMeanIoU": "Keras wants one weight a pixel",
}
every_case = pytest.mark.parametrize(
    "case", CASES, ids=lambda case: f"{case.name}-{case.inputs}-{case.arguments}"
)


def pair(keras, case):
    return (
        getattr(metrics, case.name)(**case.arguments),
        getattr(keras.metrics, case.name)(**case.arguments),
    )


def feed(ours, theirs, inputs, weigh=None):
    """Gives both the same three batches, the last one smaller."""
    for count in (5, 5, 3):
        y_true, y_pred = (torch.tensor(values) for values in BATCHES[inputs](count))
        weights = None if weigh is None else weigh(count)
        ours.update_state(y_true, y_pred, weights)
        theirs.update_state(y_true, y_pred, weights)


def test_every_public_metric_has_a_row():
    rows = {case.name for case in CASES} | set(FUNCTIONS)

    assert set(metrics.__all__) - OTHERS - set(ALIASES) == rows


@pytest.mark.parametrize(("alias", "name"), ALIASES.items())
def test_alias_is_the_function_itself(alias, name):
    assert getattr(metrics, alias) is getattr(metrics, name)


@pytest.mark.parametrize(("name", "inputs"), FUNCTIONS.items())
def test_function_equals_keras(keras, name, inputs):
    y_true, y_pred = (torch.tensor(values) for values in BATCHES[inputs](6))
    few = {"k": 2} if "top_k" in name else {}

    result = getattr(metrics, name)(y_true, y_pred, **few)

    assert_close(result, getattr(keras.metrics, name)(y_true, y_pred, **few))


@every_case
def test_metric_equals_keras_after_several_batches(keras, case):
    ours, theirs = pair(keras, case)

    feed(ours, theirs, case.inputs)

    assert_close(ours.result(), theirs.result())


WEIGHTED = [case for case in CASES if case.name not in WEIGHTED_OTHERWISE]


@pytest.mark.parametrize("case", WEIGHTED, ids=lambda c: f"{c.name}-{c.inputs}-{c.arguments}")
def test_weights_act_as_in_keras(keras, case):
    ours, theirs = pair(keras, case)

    feed(ours, theirs, case.inputs, lambda count: torch.linspace(0.0, 2.0, count))

    assert_close(ours.result(), theirs.result())


def test_integer_weights_of_pixels_act_as_in_keras(keras):
    ours, theirs = metrics.MeanIoU(3), keras.metrics.MeanIoU(3)

    feed(ours, theirs, "regions", lambda count: torch.arange(count * 4).reshape(count, 4))

    assert_close(ours.result(), theirs.result())


@every_case
def test_metric_starts_again_after_a_reset_and_keeps_its_variables(keras, case):
    ours, theirs = pair(keras, case)
    feed(ours, theirs, case.inputs)
    before = [(id(variable), variable.data_ptr()) for variable in ours.variables]

    ours.reset_state()
    theirs.reset_state()
    feed(ours, theirs, case.inputs)

    assert_close(ours.result(), theirs.result())
    assert [(id(variable), variable.data_ptr()) for variable in ours.variables] == before


# Kernels whose result, or the shape of it, has to be known on the host.
READS = {"aten._local_scalar_dense", "aten.equal", "aten.nonzero", "aten.bincount", "aten.unique"}


class Calls(TorchDispatchMode):
    """Names of the kernels that are called."""

    def __init__(self):
        super().__init__()
        self.names = set()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.names.add(str(func.overloadpacket))
        return func(*args, **(kwargs or {}))


@every_case
@pytest.mark.parametrize("weights", [None, True])
def test_update_reads_no_value(case, weights):
    metric = getattr(metrics, case.name)(**case.arguments)
    y_true, y_pred = (torch.tensor(values) for values in BATCHES[case.inputs](4))

    with Calls() as calls:
        metric.update_state(y_true, y_pred, weights and torch.ones(4, dtype=torch.int64))

    assert calls.names & READS == set()


@pytest.mark.parametrize("name", sorted({case.name for case in CASES} | {"Mean", "Sum"}))
def test_constructor_takes_the_arguments_of_keras_in_their_order(keras, name):
    ours = inspect.signature(getattr(metrics, name)).parameters
    theirs = inspect.signature(getattr(keras.metrics, name)).parameters

    assert [(p.name, p.default) for p in ours.values()] == [
        (p.name, p.default) for p in theirs.values()
    ]


@every_case
def test_configuration_builds_an_equal_metric(case):
    metric = getattr(metrics, case.name)(**case.arguments)

    copy = metrics.deserialize(metrics.serialize(metric))

    assert copy.get_config() == metric.get_config()


CONFIGURED = [case for case in CASES if case.name not in CONFIGURED_OTHERWISE]


@pytest.mark.parametrize("case", CONFIGURED, ids=lambda c: f"{c.name}-{c.inputs}-{c.arguments}")
def test_configuration_holds_what_that_of_keras_holds(keras, case):
    named = Case(case.name, case.inputs, {**case.arguments, "name": "given"})
    ours, theirs = pair(keras, named)

    assert {k: v for k, v in theirs.get_config().items() if k != "label_weights"}.items() <= (
        ours.get_config().items()
    )


@pytest.mark.parametrize("name", ["Mean", "Sum"])
@pytest.mark.parametrize("shape", [(), (4,), (4, 3), (4, 3, 2)])
@pytest.mark.parametrize("weight_shape", [None, (4,), (4, 3)])
def test_reductions_equal_keras(keras, name, shape, weight_shape):
    if weight_shape is not None and len(weight_shape) > len(shape):
        weight_shape = None
    ours, theirs = getattr(metrics, name)(), getattr(keras.metrics, name)()
    weights = None if weight_shape is None else torch.tensor(uniform(*weight_shape))

    for _ in range(2):
        values = torch.tensor(normal(*shape))
        ours.update_state(values, weights)
        theirs.update_state(values, weights)

    assert_close(ours.result(), theirs.result())


def test_wrapper_of_a_function_equals_keras(keras):
    ours = metrics.MeanMetricWrapper(binary_crossentropy, name="given", from_logits=True)
    theirs = keras.metrics.MeanMetricWrapper(
        keras.losses.binary_crossentropy, name="given", from_logits=True
    )

    feed(ours, theirs, "binary logits", lambda count: torch.linspace(0.0, 2.0, count))

    assert_close(ours.result(), theirs.result())


@pytest.mark.parametrize("word", ["accuracy", "acc"])
@pytest.mark.parametrize(
    ("output", "target"),
    [((8, 1), (8, 1)), ((8, 1), (8,)), ((8, 4), (8,)), ((8, 4), (8, 1)), ((8, 4), (8, 4))],
)
def test_accuracy_is_resolved_and_named_as_in_keras(keras, word, output, target):
    from keras.src.trainers.compile_utils import get_metric  # noqa: PLC0415 (after the fixture)

    theirs = get_metric(word, torch.zeros(target), torch.zeros(output))
    ours = metrics.as_metric(word, output_shape=output, target_shape=target)

    assert (type(ours).__name__, ours.name) == (type(theirs).__name__, theirs.name)


@pytest.mark.parametrize(
    "word", ["mse", "MAE", "mean_squared_error", "AUC", "precision", "BinaryAccuracy", "recall"]
)
def test_words_are_resolved_and_named_as_in_keras(keras, word):
    from keras.src.trainers.compile_utils import get_metric  # noqa: PLC0415 (after the fixture)

    theirs = get_metric(word, torch.zeros(2, 1), torch.zeros(2, 1))
    ours = metrics.as_metric(word)

    assert (type(ours).__name__, ours.name) == (type(theirs).__name__, theirs.name)
