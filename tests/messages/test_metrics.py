"""The full text of every error about metrics."""

import re

import pytest
import torch

from lamina import metrics
from lamina.core.errors import (
    ArgumentError,
    ArgumentTypeError,
    DtypeError,
    ShapeError,
    StateError,
)

y = torch.zeros(4, 3)


def check(kind, call, problem, expected, fix):
    text = f"{problem}\n  expected: {expected}\n  fix: {fix}"
    with pytest.raises(kind, match=f"^{re.escape(text)}$"):
        call()


def test_one_hot_labels_for_class_numbers_are_refused():
    check(
        ShapeError,
        lambda: metrics.SparseCategoricalAccuracy()(y, y),
        "sparse_categorical_accuracy received y_true of shape (4, 3) and y_pred of shape (4, 3).",
        "y_true of shape (4,): one class number for each prediction.",
        'for one-hot labels use "categorical_accuracy".',
    )


@pytest.mark.parametrize(
    ("metric", "name"),
    [
        (metrics.CategoricalAccuracy(), "categorical_accuracy"),
        (metrics.Precision(name="precise"), "precise"),
        (metrics.F1Score(), "f1_score"),
        (metrics.MeanIoU(3, name="overlap"), "overlap"),
    ],
)
def test_another_number_of_examples_is_refused(metric, name):
    check(
        ShapeError,
        lambda: metric(torch.zeros(5, 3), y),
        f"{name} received y_true of shape (5, 3) and y_pred of shape (4, 3).",
        "one shape for both; they are never broadcast.",
        "bring y_true to the shape (4, 3).",
    )


def test_class_out_of_range_is_refused():
    check(
        ShapeError,
        lambda: metrics.Recall(class_id=3, name="found")(y, y),
        "found counts class 3 and received shape (4, 3).",
        "a last axis with more than 3 classes.",
        "pass one-hot labels and one prediction a class, or class_id=None.",
    )


def test_columns_without_a_second_axis_are_refused():
    check(
        ShapeError,
        lambda: metrics.AUC(multi_label=True, name="area")(torch.zeros(4), torch.zeros(4)),
        "area received y_pred of shape (4,) with multi_label=True.",
        "y_pred of shape (batch, labels).",
        "reshape y_true and y_pred to two axes.",
    )


def test_columns_without_multi_label_are_refused():
    check(
        ArgumentError,
        lambda: metrics.AUC(num_labels=3),
        "AUC(num_labels=3) needs multi_label=True.",
        "'num_labels' only together with multi_label=True.",
        "pass multi_label=True, or leave num_labels out.",
    )


def test_f_score_of_class_numbers_is_refused():
    check(
        ShapeError,
        lambda: metrics.F1Score()(torch.zeros(4), y),
        "f1_score received y_true of shape (4,) and y_pred of shape (4, 3).",
        "two axes, (batch, classes), in both.",
        "one-hot the labels, for example with keras.utils.to_categorical(y).",
    )


def test_r2_of_sequences_is_refused():
    check(
        ShapeError,
        lambda: metrics.R2Score()(torch.zeros(4, 3, 2), torch.zeros(4, 3, 2)),
        "r2_score received y_true of shape (4, 3, 2) and y_pred of shape (4, 3, 2).",
        "two axes, (batch, outputs), in both.",
        "reshape both, for example with y.reshape(len(y), -1).",
    )


def test_fractions_are_not_counted_as_whole_numbers():
    check(
        DtypeError,
        lambda: metrics.MeanIoU(2, name="overlap")([0, 1], [0, 1], [0.5, 0.5]),
        "overlap counts whole numbers and received weights that are fractions.",
        "integer weights, or a metric that counts fractions.",
        'MeanIoU(..., dtype="float32").',
    )


def test_unknown_initializer_is_refused():
    check(
        ArgumentError,
        lambda: metrics.Metric(name="mine").add_variable((), "normal"),
        "metric 'mine' has no initializer 'normal'.",
        '"zeros", "ones", or a function of (shape, dtype).',
        'pass initializer="zeros".',
    )


def test_variable_before_the_constructor_of_the_base_is_refused():
    class Early(metrics.Metric):
        def __init__(self):
            self.total = self.add_weight(name="total")

    check(
        StateError,
        Early,
        "Early adds a variable before super().__init__() was called.",
        "super().__init__(name=name) as the first line of __init__.",
        "move super().__init__(name=name) to the top of __init__.",
    )


def test_unknown_name_names_the_nearest():
    check(
        ArgumentError,
        lambda: metrics.get("mean_absolut_error"),
        "'mean_absolut_error' is not a metric.",
        f"one of {', '.join(sorted(metrics.names.TABLE))}.",
        'did you mean "mean_absolute_error"?',
    )


def test_crossentropy_without_shapes_is_refused():
    check(
        ArgumentError,
        lambda: metrics.get("ce"),
        'metric "ce" needs the shapes of the output and the labels to choose.',
        "a call from fit(), or output_shape= and target_shape=.",
        'name it: "binary_crossentropy", "categorical_crossentropy" or '
        '"sparse_categorical_crossentropy".',
    )


def test_what_is_no_metric_is_refused():
    check(
        ArgumentTypeError,
        lambda: metrics.get(3),
        "3 is no metric.",
        "a name, a function of (y_true, y_pred) or a Metric.",
        'pass for example metrics=["accuracy"].',
    )


def test_class_that_is_no_metric_is_refused():
    check(
        ArgumentTypeError,
        lambda: metrics.get(torch.nn.Linear),
        "class Linear is no metric.",
        "a subclass of keras.metrics.Metric, or an object of one.",
        "derive Linear from keras.metrics.Metric.",
    )


def test_class_that_needs_arguments_is_refused():
    check(
        ArgumentTypeError,
        lambda: metrics.get("MeanIoU"),
        "metric class MeanIoU was passed in place of an object, and missing a required argument: "
        "'num_classes'.",
        "an object: MeanIoU(...).",
        "pass MeanIoU(...) with its arguments.",
    )


def test_function_of_one_argument_is_refused():
    def lonely(y_pred):
        return y_pred

    check(
        ArgumentTypeError,
        lambda: metrics.as_metric(lonely),
        "metric function lonely(y_pred) cannot be called with (y_true, y_pred): too many "
        "positional arguments.",
        "a function of (y_true, y_pred) that returns one value an example.",
        "define it as def lonely(y_true, y_pred): ...",
    )


def test_wrapper_of_no_function_is_refused():
    check(
        ArgumentTypeError,
        lambda: metrics.MeanMetricWrapper("mse"),
        "'mse' is no metric function.",
        "a function of (y_true, y_pred).",
        'pass a function, or a name such as "accuracy".',
    )


@pytest.mark.parametrize(
    ("call", "problem", "expected", "fix"),
    [
        (
            lambda: metrics.Precision(thresholds=[0.5, 2]),
            "Precision(thresholds=2) is not possible.",
            "'thresholds' as a number from 0 to 1.",
            "pass for example thresholds=0.5.",
        ),
        (
            lambda: metrics.SensitivityAtSpecificity(1.5),
            "SensitivityAtSpecificity(specificity=1.5) is not possible.",
            "'specificity' as a number from 0 to 1.",
            "pass for example specificity=0.5.",
        ),
        (
            lambda: metrics.AUC(curve="roc-curve"),
            "AUC(curve='ROC-CURVE') is not possible.",
            "'curve' as one of 'ROC', 'PR', 'PRGAIN'.",
            "choose one of the 3 names above.",
        ),
        (
            lambda: metrics.TopKCategoricalAccuracy(k=0),
            "TopKCategoricalAccuracy(k=0) is not possible.",
            "'k' as a whole number of at least 1.",
            "pass for example k=1.",
        ),
        (
            lambda: metrics.FBetaScore(average="mean"),
            "FBetaScore(average='mean') is not possible.",
            "'average' as one of 'micro', 'macro', 'weighted', None.",
            "choose one of the 3 names above.",
        ),
        (
            lambda: metrics.IoU(2, [2]),
            "IoU(target_class_ids=2) is not possible.",
            "'target_class_ids' as a whole number from 0 to 1.",
            "pass for example target_class_ids=1.",
        ),
        (
            lambda: metrics.R2Score(num_regressors=-1),
            "R2Score(num_regressors=-1) is not possible.",
            "'num_regressors' as a whole number of at least 0.",
            "pass for example num_regressors=1.",
        ),
    ],
)
def test_argument_out_of_range_is_refused(call, problem, expected, fix):
    check(ArgumentError, call, problem, expected, fix)
