"""What is particular to losses beyond agreeing with Keras: stability, kernels, names, user code."""

import numpy as np
import pytest
import torch
from torch.testing import assert_close
from torch.utils._python_dispatch import TorchDispatchMode

from lamina import losses
from lamina.core.errors import DataError
from lamina.losses.averages import MEAN_FORMS

LARGE = torch.tensor([[1e4, -1e4, 0.0], [-1e4, 1e4, 300.0]])
ONE_HOT = torch.tensor([[0.0, 1.0, 0.0], [0.0, 1.0, 0.0]])
CLASSES = torch.tensor([1, 1])
SCORES = torch.tensor([[0.3, -1.0, 2.0], [0.5, 1.5, 0.0]])
LOGIT_LOSSES = {
    "binary_crossentropy": ONE_HOT,
    "binary_focal_crossentropy": ONE_HOT,
    "categorical_crossentropy": ONE_HOT,
    "categorical_focal_crossentropy": ONE_HOT,
    "sparse_categorical_crossentropy": CLASSES,
}
# Where predictions equal to the labels are the minimum, and the gradient is 0 there.
MINIMA = {
    "mean_squared_error": torch.tensor([[1.0, 2.0]]),
    "mean_absolute_error": torch.tensor([[1.0, 2.0]]),
    "mean_absolute_percentage_error": torch.tensor([[1.0, 2.0]]),
    "mean_squared_logarithmic_error": torch.tensor([[1.0, 2.0]]),
    "huber": torch.tensor([[1.0, 2.0]]),
    "log_cosh": torch.tensor([[1.0, 2.0]]),
    "cosine_similarity": torch.tensor([[1.0, 2.0]]),
    "binary_crossentropy": torch.tensor([[0.2, 0.7]]),
    "categorical_crossentropy": torch.tensor([[0.3, 0.7]]),
}


def gradient(function, y_true, y_pred, **arguments):
    y_pred = y_pred.clone().requires_grad_()
    result = function(y_true, y_pred, **arguments).sum()
    return result.detach(), torch.autograd.grad(result, y_pred)[0]


@pytest.mark.parametrize("scale", [1.0, 1e30])
@pytest.mark.parametrize(("name", "y_true"), LOGIT_LOSSES.items())
def test_extreme_logits_stay_finite(name, y_true, scale):
    value, slope = gradient(getattr(losses, name), y_true, LARGE * scale, from_logits=True)

    assert value.isfinite()
    assert slope.isfinite().all()


@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
@pytest.mark.parametrize("name", ["binary_focal_crossentropy", "categorical_focal_crossentropy"])
def test_focal_gradient_is_finite_at_certain_answers(name, gamma):
    certain = torch.tensor([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])

    _, slope = gradient(getattr(losses, name), ONE_HOT, certain, gamma=gamma)

    assert slope.isfinite().all()


@pytest.mark.parametrize("name", ["binary_crossentropy", "categorical_crossentropy", "poisson"])
def test_probabilities_of_0_and_1_stay_finite(name):
    value, slope = gradient(getattr(losses, name), ONE_HOT, torch.eye(3)[:2])

    assert value.isfinite()
    assert slope.isfinite().all()


def test_generalized_cross_entropy_has_a_finite_gradient_at_probability_0():
    loss = losses.CategoricalGeneralizedCrossEntropy()

    _, slope = gradient(loss, torch.tensor([0]), torch.tensor([[0.0, 1.0]]))

    assert slope.isfinite().all()


def test_cosine_of_zeros_is_0_with_a_finite_gradient():
    value, slope = gradient(losses.cosine_similarity, torch.ones(1, 3), torch.zeros(1, 3))

    assert value == 0
    assert slope.isfinite().all()


def test_circle_of_lonely_classes_has_a_finite_gradient():
    embeddings = torch.nn.functional.normalize(torch.tensor([[1.0, 2.0], [2.0, 1.0]]), dim=1)

    _, slope = gradient(losses.circle, torch.tensor([0, 1]), embeddings)

    assert slope.isfinite().all()


@pytest.mark.parametrize("miss", [-1e4, 1e4])
def test_log_cosh_of_large_misses_is_their_size_less_log_2(miss):
    result = losses.log_cosh(torch.zeros(1, 1), torch.tensor([[miss]]))

    assert_close(result, torch.tensor([1e4 - np.log(2.0)]).float())


@pytest.mark.parametrize(("name", "y"), MINIMA.items())
def test_gradient_is_0_at_the_minimum(name, y):
    _, slope = gradient(getattr(losses, name), y, y)

    assert_close(slope - slope.mean(), torch.zeros_like(y), atol=1e-6, rtol=0)


@pytest.mark.parametrize(
    ("name", "y_true", "y_pred"),
    [
        ("mean_squared_error", torch.zeros(3, 4, 2), torch.rand(3, 4, 2)),
        ("huber", torch.zeros(3, 4, 2), torch.rand(3, 4, 2)),
        ("binary_crossentropy", torch.ones(3, 4, 2), torch.rand(3, 4, 2)),
        ("categorical_crossentropy", torch.ones(3, 4, 2), torch.rand(3, 4, 2)),
        ("sparse_categorical_crossentropy", torch.ones(3, 4).long(), torch.rand(3, 4, 2)),
        ("hinge", torch.ones(3, 4, 2), torch.rand(3, 4, 2)),
        ("dice", torch.ones(3, 4, 2), torch.rand(3, 4, 2)),
    ],
)
def test_members_under_vmap_equal_separate_calls(name, y_true, y_pred):
    loss = losses.as_loss(name)

    together = torch.func.vmap(torch.func.grad(lambda p, t: loss(t, p)))(y_pred, y_true)

    separate = [
        gradient(loss, truth, member)[1] for truth, member in zip(y_true, y_pred, strict=True)
    ]
    assert_close(together, torch.stack(separate))


class Calls(TorchDispatchMode):
    """The kernels that are called, in order."""

    def __init__(self):
        super().__init__()
        self.names = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.names.append(func.overloadpacket.__name__)
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize(
    ("loss", "y_true", "kernels"),
    [
        (losses.MeanSquaredError(), ONE_HOT, ["mse_loss"]),
        (losses.MeanAbsoluteError(), ONE_HOT, ["sub", "abs", "mean"]),
        (losses.Huber(), ONE_HOT, ["huber_loss"]),
        (
            losses.BinaryCrossentropy(),
            ONE_HOT,
            ["hardtanh", "neg", "log1p", "log", "lerp", "neg", "mean"],
        ),
        (
            losses.BinaryCrossentropy(from_logits=True),
            ONE_HOT,
            ["binary_cross_entropy_with_logits"],
        ),
        (
            losses.SparseCategoricalCrossentropy(from_logits=True),
            CLASSES,
            ["_log_softmax", "nll_loss_forward"],
        ),
        (
            losses.SparseCategoricalCrossentropy(),
            CLASSES,
            ["sum", "div", "hardtanh", "log", "nll_loss_forward"],
        ),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_common_losses_take_these_kernels_and_no_more(loss, y_true, kernels):
    with Calls() as calls:
        loss(y_true, ONE_HOT)

    assert calls.names == kernels


@pytest.mark.parametrize("function", MEAN_FORMS, ids=lambda function: function.__name__)
def test_short_form_equals_the_mean_of_the_loss(function):
    y_true = CLASSES if function is losses.sparse_categorical_crossentropy else ONE_HOT
    y_pred = torch.tensor([[0.2, 0.5, 0.3], [0.1, 0.8, 0.1]])

    assert_close(MEAN_FORMS[function](y_true, y_pred), function(y_true, y_pred).mean())


def test_weights_of_examples_fit_values_of_sequences():
    y_pred = torch.arange(12.0).reshape(2, 3, 2)
    loss = losses.MeanSquaredError(reduction="none")

    weighted = loss(torch.zeros(2, 3, 2), y_pred, torch.tensor([1.0, 0.5]))

    assert_close(weighted, y_pred.square().mean(-1) * torch.tensor([[1.0], [0.5]]))


def test_weights_of_0_give_a_loss_of_0_under_the_weighted_mean():
    loss = losses.MeanSquaredError(reduction="mean_with_sample_weight")

    value, slope = gradient(
        lambda t, p: loss(t, p, torch.zeros(2)), torch.zeros(2, 1), torch.ones(2, 1)
    )

    assert value == 0
    assert (slope == 0).all()


def test_class_numbers_are_not_turned_into_floats():
    with Calls() as calls:
        losses.SparseCategoricalCrossentropy()(CLASSES, ONE_HOT)

    assert "_to_copy" not in calls.names


def test_lists_and_arrays_are_taken_as_they_are():
    assert_close(losses.mse([[0, 1]], np.array([[1.0, 3.0]])), torch.tensor([2.5]).double())
    assert losses.MeanSquaredError()([[0.0], [1.0]], [[1], [1]]) == 0.5


@pytest.mark.parametrize(
    ("identifier", "expected"),
    [
        ("mse", losses.mean_squared_error),
        ("MSE", losses.mean_squared_error),
        ("kullback_leibler_divergence", losses.kl_divergence),
        ("logcosh", losses.log_cosh),
        (losses.huber, losses.huber),
        (None, None),
    ],
)
def test_names_mean_functions(identifier, expected):
    assert losses.get(identifier) is expected


@pytest.mark.parametrize(
    "identifier",
    ["MeanSquaredError", losses.MeanSquaredError, {"class_name": "MeanSquaredError", "config": {}}],
)
def test_classes_mean_an_object_of_them(identifier):
    assert isinstance(losses.get(identifier), losses.MeanSquaredError)


def test_facts_tell_what_a_loss_expects():
    loss = losses.SparseCategoricalCrossentropy(from_logits=True)

    assert (loss.labels, loss.expects) == ("classes", "logits")
    assert losses.facts_of("nothing") is None
    assert losses.facts_of(losses.binary_crossentropy) == losses.LossFacts(
        "binary", "probabilities", has_logits=True
    )


def test_function_of_the_user_is_weighted_and_reduced():
    def fourth_power(y_true, y_pred):
        return (y_pred - y_true).pow(4).mean(-1)

    loss = losses.as_loss(fourth_power)

    assert loss.name == "fourth_power"
    assert loss(torch.zeros(2, 1), torch.tensor([[1.0], [2.0]]), torch.tensor([0.0, 1.0])) == 8


def test_class_of_the_user_is_built_again_from_its_arguments():
    class Scaled(losses.Loss):
        def __init__(self, factor=2.0, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, y_true, y_pred):
            return self.factor * (y_pred - y_true).abs().mean(-1)

    loss = Scaled(3.0, name="mine", reduction="sum")

    copy = losses.deserialize(losses.serialize(loss), custom_objects={"Scaled": Scaled})

    assert copy.get_config() == {"factor": 3.0, "name": "mine", "reduction": "sum"}
    assert copy(torch.zeros(2, 1), torch.ones(2, 1)) == 6


def test_wrapper_of_a_public_function_survives_as_plain_data():
    loss = losses.LossFunctionWrapper(losses.huber, delta=0.5)

    copy = losses.deserialize(losses.serialize(loss))

    assert_close(copy([[0.0]], [[3.0]]), loss([[0.0]], [[3.0]]))


@pytest.mark.parametrize("label", [-100, -1, 3])
@pytest.mark.parametrize("from_logits", [True, False])
def test_class_numbers_out_of_range_are_no_secret(label, from_logits):
    loss = losses.SparseCategoricalCrossentropy(from_logits=from_logits)

    with pytest.raises(DataError, match="class number") as caught:
        loss(torch.tensor([label]), ONE_HOT[:1])

    assert str(caught.value) == (
        "loss 'sparse_categorical_crossentropy' received the class number "
        f"{label}, and y_pred has classes 0 to 2.\n"
        "  expected: class numbers from 0 to 2.\n"
        "  fix: check the labels, or give the last layer one unit a class."
    )


def test_second_derivatives_of_the_cross_entropy_equal_those_of_its_formula():
    y_pred = torch.tensor([[0.2, 0.5, 0.3], [0.1, 0.6, 0.3]], dtype=torch.float64)
    loss = losses.SparseCategoricalCrossentropy(dtype="float64")

    curvature = torch.autograd.functional.hessian(lambda p: loss(CLASSES, p), y_pred)

    def formula(p):
        return -(p[:, 1] / p.sum(-1)).log().mean()

    assert_close(curvature, torch.autograd.functional.hessian(formula, y_pred))


@pytest.mark.parametrize(
    "loss",
    [torch.nn.functional.cross_entropy, torch.nn.CrossEntropyLoss()],
    ids=["function", "module"],
)
def test_losses_of_torch_receive_their_arguments_in_their_own_order(loss):
    result = losses.as_loss(loss)(CLASSES, SCORES)

    assert_close(result, torch.nn.functional.cross_entropy(SCORES, CLASSES))


# -- no number -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["binary_crossentropy", "binary_focal_crossentropy"])
def test_an_output_that_is_no_number_has_a_loss_that_is_none(name):
    outputs = torch.tensor([[torch.nan], [0.5]])

    found = getattr(losses, name)(torch.ones(2, 1), outputs)

    assert found.isnan().tolist() == [True, False]


def test_two_answers_cost_what_torch_says():
    outputs, labels = torch.tensor([[0.1, 0.9, 0.5]]), torch.tensor([[0.0, 1.0, 0.3]])
    ours, slope = gradient(losses.binary_crossentropy, labels, outputs)
    theirs, wanted = gradient(
        lambda y, p: torch.nn.functional.binary_cross_entropy(p, y), labels, outputs
    )

    assert_close(ours, theirs)
    assert_close(slope, wanted)
