"""The full text of every error about losses."""

import re

import pytest
import torch

from lamina import losses
from lamina.core.errors import ArgumentError, ArgumentTypeError, ShapeError

y = torch.zeros(4, 3, requires_grad=True)


def check(kind, call, problem, expected, fix):
    text = f"{problem}\n  expected: {expected}\n  fix: {fix}"
    with pytest.raises(kind, match=f"^{re.escape(text)}$"):
        call()


def test_one_value_an_example_is_never_broadcast():
    check(
        ShapeError,
        lambda: losses.mean_squared_error(torch.zeros(4), y),
        "mean_squared_error received y_true of shape (4,) and y_pred of shape (4, 3).",
        "one shape for both; they are never broadcast.",
        "end the model in 1 unit instead of 3, or, where y_true holds class numbers, use "
        "sparse_categorical_crossentropy.",
    )


def test_another_number_of_outputs_is_refused():
    check(
        ShapeError,
        lambda: losses.MeanAbsoluteError()(torch.zeros(4, 2), y),
        "mean_absolute_error received y_true of shape (4, 2) and y_pred of shape (4, 3).",
        "one shape for both; they are never broadcast.",
        "end the model in 2 units instead of 3.",
    )


def test_another_number_of_examples_is_refused():
    check(
        ShapeError,
        lambda: losses.huber(torch.zeros(5, 3), y),
        "huber received y_true of shape (5, 3) and y_pred of shape (4, 3).",
        "one shape for both; they are never broadcast.",
        "bring y_true to the shape (4, 3).",
    )


def test_one_hot_labels_for_class_numbers_are_refused():
    check(
        ShapeError,
        lambda: losses.SparseCategoricalCrossentropy()(torch.zeros(4, 3), y),
        "sparse_categorical_crossentropy received y_true of shape (4, 3) and y_pred of shape "
        "(4, 3).",
        "y_true of shape (4,): one class number for each prediction.",
        'use loss="categorical_crossentropy" for one-hot labels.',
    )


def test_other_labels_for_class_numbers_are_refused():
    check(
        ShapeError,
        lambda: losses.sparse_categorical_crossentropy(torch.zeros(4, 2), y),
        "sparse_categorical_crossentropy received y_true of shape (4, 2) and y_pred of shape "
        "(4, 3).",
        "y_true of shape (4,): one class number for each prediction.",
        "pass labels of shape (4,), class numbers from 0 to 2.",
    )


def test_one_hot_labels_for_the_generalized_cross_entropy_are_refused():
    check(
        ShapeError,
        lambda: losses.categorical_generalized_cross_entropy(torch.zeros(4, 3), y, q=0.5),
        "categorical_generalized_cross_entropy received y_true of shape (4, 3) and y_pred of "
        "shape (4, 3).",
        "y_true of shape (4,): one class number a prediction.",
        "turn one-hot labels into class numbers with y.argmax(-1).",
    )


def test_weights_that_do_not_fit_are_refused():
    check(
        ShapeError,
        lambda: losses.MeanSquaredError()(y, y, torch.ones(5)),
        "sample_weight of shape (5,) does not fit values of shape (4,).",
        "one weight an example, or one for each value.",
        "pass sample_weight of shape (4,).",
    )


def test_unknown_reduction_names_the_nearest():
    check(
        ArgumentError,
        lambda: losses.Huber(reduction="sums"),
        "Huber(reduction='sums') is not possible.",
        "'reduction' as one of 'sum_over_batch_size', 'sum', 'mean', 'mean_with_sample_weight', "
        "'none', None.",
        'did you mean "sum"?',
    )


@pytest.mark.parametrize(
    ("word", "fix"),
    [
        ("mean_square_error", 'did you mean "mean_squared_error"?'),
        ("crossentropie", 'did you mean "binary_crossentropy"?'),
    ],
)
def test_unknown_name_names_the_nearest(word, fix):
    check(
        ArgumentError,
        lambda: losses.get(word),
        f"{word!r} is not a loss.",
        f"one of {', '.join(sorted(losses.names.TABLE))}.",
        fix,
    )


def test_crossentropy_without_shapes_is_refused():
    check(
        ArgumentError,
        lambda: losses.get("crossentropy"),
        'loss "crossentropy" needs the shapes of the output and the labels to choose.',
        "a call from fit(), or output_shape= and target_shape=.",
        'name it: "binary_crossentropy", "categorical_crossentropy" or '
        '"sparse_categorical_crossentropy".',
    )


def test_what_is_no_loss_is_refused():
    check(
        ArgumentTypeError,
        lambda: losses.get(3),
        "3 is no loss.",
        "a name, a function of (y_true, y_pred) or a Loss.",
        'pass for example loss="mse".',
    )


def test_class_that_is_no_loss_is_refused():
    check(
        ArgumentTypeError,
        lambda: losses.get(torch.nn.Linear),
        "class Linear is no loss.",
        "a subclass of keras.losses.Loss, or an object of one.",
        "derive Linear from keras.losses.Loss and define call(y_true, y_pred).",
    )


def test_class_that_needs_arguments_is_refused():
    class Scaled(losses.Loss):
        def __init__(self, factor):
            super().__init__()
            self.factor = factor

    check(
        ArgumentTypeError,
        lambda: losses.get(Scaled),
        "loss class Scaled was passed in place of an object, and missing a required argument: "
        "'factor'.",
        "an object: Scaled(factor).",
        "pass Scaled(...) with its arguments.",
    )


def test_configuration_without_a_class_is_refused():
    check(
        ArgumentError,
        lambda: losses.get({"delta": 1.0}),
        "{'delta': 1.0} does not say which object it means.",
        'a loss as {"class_name": ..., "config": ...}.',
        "pass what serialize() returned.",
    )


def test_function_of_one_argument_is_refused():
    def lonely(y_pred):
        return y_pred

    check(
        ArgumentTypeError,
        lambda: losses.as_loss(lonely),
        "loss function lonely(y_pred) cannot be called with (y_true, y_pred): too many positional "
        "arguments.",
        "a function of (y_true, y_pred) that returns one value an example.",
        "define it as def lonely(y_true, y_pred): ...",
    )


def test_wrapper_of_no_function_is_refused():
    check(
        ArgumentTypeError,
        lambda: losses.LossFunctionWrapper("mse"),
        "'mse' is no loss function.",
        "a function of (y_true, y_pred).",
        'pass a function, or a name such as "mean_squared_error".',
    )


def test_result_that_is_no_tensor_is_refused():
    def constant(y_true, y_pred):
        return 1.0

    check(
        ArgumentTypeError,
        lambda: losses.as_loss(constant)(y, y),
        "loss 'constant' returned 1.0, which is no tensor.",
        "a tensor with one value an example.",
        "compute with torch functions and return their result.",
    )


def test_result_without_one_value_an_example_is_refused():
    def of_columns(y_true, y_pred):
        return (y_pred - y_true).mean(0)

    check(
        ShapeError,
        lambda: losses.as_loss(of_columns)(y, y),
        "loss 'of_columns' returned shape (3,) for y_pred of shape (4, 3).",
        "one value an example, shape (4,), or a single number.",
        "reduce over the axes after the first only, for example .mean(-1).",
    )


def test_result_without_a_gradient_is_refused():
    def rights(y_true, y_pred):
        return (y_pred.argmax(-1) == y_true.argmax(-1)).float()

    check(
        ArgumentTypeError,
        lambda: losses.as_loss(rights)(torch.zeros(4, 3), y),
        "loss 'rights' returned a tensor that gradients cannot flow through.",
        "a result computed from y_pred by differentiable torch functions.",
        "avoid detach(), numpy(), round, argmax and comparisons on the way from y_pred.",
    )


@pytest.mark.parametrize(
    ("call", "problem", "expected", "fix"),
    [
        (
            lambda: losses.BinaryCrossentropy(label_smoothing=2),
            "BinaryCrossentropy(label_smoothing=2) is not possible.",
            "'label_smoothing' as a number from 0 to 1.",
            "pass for example label_smoothing=0.5.",
        ),
        (
            lambda: losses.Huber(delta=0),
            "Huber(delta=0) is not possible.",
            "'delta' as a number greater than 0.",
            "pass for example delta=1.",
        ),
        (
            lambda: losses.CategoricalGeneralizedCrossEntropy(q=1),
            "CategoricalGeneralizedCrossEntropy(q=1) is not possible.",
            "'q' as a number above 0 up to, not including, 1.",
            "pass for example q=0.5.",
        ),
        (
            lambda: losses.Circle(margin=-1),
            "Circle(margin=-1) is not possible.",
            "'margin' as a number from 0 to 1.",
            "pass for example margin=0.5.",
        ),
    ],
)
def test_argument_out_of_range_is_refused(call, problem, expected, fix):
    check(ArgumentError, call, problem, expected, fix)


def test_weights_for_a_single_number_are_refused():
    def mean_of_all(y_true, y_pred):
        return (y_pred - y_true).square().mean()

    check(
        ShapeError,
        lambda: losses.as_loss(mean_of_all)(y, y, torch.ones(4)),
        "loss 'mean_of_all' returned one number for a whole batch, which sample weights cannot "
        "weigh.",
        "one value an example, shape (4,).",
        'leave the mean over the batch out, for example .mean(-1), or reduction="none".',
    )
