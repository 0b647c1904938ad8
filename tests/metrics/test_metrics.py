"""What is particular to metrics beyond agreeing with Keras: exactness, kernels, user code."""

import numpy as np
import pytest
import sklearn.metrics
import torch
from torch.testing import assert_close
from torch.utils._python_dispatch import TorchDispatchMode

from lamina import metrics

LABELS = torch.tensor([0, 2, 1, 2])
SCORES = torch.tensor([[0.7, 0.2, 0.1], [0.2, 0.5, 0.3], [0.1, 0.8, 0.1], [0.0, 0.1, 0.9]])


class Calls(TorchDispatchMode):
    """The kernels that are called, in order."""

    def __init__(self):
        super().__init__()
        self.names = []

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.names.append(func.overloadpacket.__name__)
        return func(*args, **(kwargs or {}))


@pytest.mark.parametrize(
    ("metric", "y_true", "y_pred", "kernels"),
    [
        (
            metrics.SparseCategoricalAccuracy(),
            LABELS,
            SCORES,
            ["argmax", "eq", "sum", "add_", "add_"],
        ),
        (
            metrics.BinaryAccuracy(),
            LABELS[:, None],
            SCORES[:, :1],
            ["gt", "eq", "sum", "add_", "add_"],
        ),
        (
            metrics.MeanAbsoluteError(),
            SCORES,
            SCORES,
            ["sub", "abs", "mean", "sum", "add_", "add_"],
        ),
        (metrics.Mean(), LABELS, None, ["sum", "add_", "add_"]),
    ],
    ids=lambda value: getattr(value, "name", ""),
)
def test_update_takes_these_kernels_and_no_more(metric, y_true, y_pred, kernels):
    with Calls() as calls:
        metric.update_state(y_true, y_pred)

    assert calls.names == kernels


def test_epoch_is_exact_when_the_last_batch_is_smaller():
    metric = metrics.MeanSquaredError()

    metric.update_state(torch.zeros(3, 1), torch.ones(3, 1))
    metric.update_state(torch.zeros(1, 1), torch.full((1, 1), 3.0))

    assert metric.result() == (3 * 1 + 9) / 4


def test_function_that_returns_a_mean_is_exact_over_the_epoch_too():
    metric = metrics.MeanMetricWrapper(lambda y_true, y_pred: (y_pred - y_true).abs().mean())

    metric.update_state(torch.zeros(3, 1), torch.ones(3, 1))
    metric.update_state(torch.zeros(1, 1), torch.full((1, 1), 5.0))

    assert metric.result() == (3 * 1 + 5) / 4


def test_updates_leave_no_graph_behind():
    metric = metrics.MeanSquaredError()

    metric.update_state(torch.zeros(2, 1), torch.ones(2, 1, requires_grad=True))

    assert not metric.result().requires_grad


def test_metrics_are_0_before_the_first_batch():
    assert metrics.Precision().result() == 0
    assert metrics.MeanSquaredError().result() == 0


def test_r2_equals_that_of_scikit_learn_far_from_0():
    rng = np.random.default_rng(3)
    y_true = rng.normal(200_000.0, 30.0, size=(60, 2))
    y_pred = y_true + rng.normal(0.0, 10.0, size=(60, 2))
    y_true, y_pred = y_true.astype("float32"), y_pred.astype("float32")
    metric = metrics.R2Score(class_aggregation=None)

    for part in (slice(0, 25), slice(25, 50), slice(50, 60)):
        metric.update_state(torch.tensor(y_true[part]), torch.tensor(y_pred[part]))

    expected = sklearn.metrics.r2_score(
        y_true.astype("float64"), y_pred.astype("float64"), multioutput="raw_values"
    )
    assert_close(metric.result(), torch.tensor(expected).float(), rtol=1e-4, atol=0)


def test_r2_ignores_batches_whose_weights_are_all_0():
    metric = metrics.R2Score()

    metric.update_state(torch.tensor([[1.0], [3.0]]), torch.tensor([[1.0], [2.0]]))
    metric.update_state(torch.full((2, 1), 9.0), torch.zeros(2, 1), torch.zeros(2))

    assert metric.result() == 1 - 1 / 2


def test_auc_comes_near_that_of_scikit_learn():
    rng = np.random.default_rng(5)
    y_true = rng.integers(0, 2, size=300)
    y_pred = np.clip(rng.normal(0.4 + 0.2 * y_true, 0.2), 0, 1)
    metric = metrics.AUC(num_thresholds=1000)

    result = metric(y_true, y_pred)

    # Half a threshold's distance: (1 / 1000) of the range.
    assert abs(result.item() - sklearn.metrics.roc_auc_score(y_true, y_pred)) < 2e-3


def test_auc_counts_predictions_outside_of_0_and_1_at_the_ends():
    metric = metrics.AUC()

    assert metric([0, 1], [-3.0, 7.0]) == 1


def test_counts_stay_exact_beyond_what_float32_can_hold():
    metric = metrics.MeanIoU(2)
    metric.total_cm.assign(torch.tensor([[2**24, 0], [0, 2**24]]))

    metric.update_state([0], [0])

    assert metric.total_cm[0, 0] == 2**24 + 1


def test_metric_in_the_style_of_keras_works():
    class Positives(metrics.Metric):
        def __init__(self, name="positives", **kwargs):
            super().__init__(name=name, **kwargs)
            self.total = self.add_weight(name="total", initializer="zeros")
            self.steps = self.add_weight("steps", shape=(), initializer="ones")

        def update_state(self, y_true, y_pred, sample_weight=None):
            self.total.assign_add((y_pred > 0).sum())
            self.steps.assign(self.steps + 1)

        def result(self):
            return {"positives": self.total.value, "steps": self.steps.value}

    metric = Positives()
    result = {name: value.item() for name, value in metric(LABELS, SCORES).items()}
    metric.reset_state()

    assert result == {"positives": 11, "steps": 2}
    assert [variable.item() for variable in metric.variables] == [0, 1]
    assert metric.get_config() == {"name": "positives", "dtype": "float32"}
    assert metric.total.path == "positives/total"


def test_metric_inside_a_metric_belongs_to_it():
    class F1(metrics.Metric):
        def __init__(self):
            super().__init__(name="f1")
            self.precision = metrics.Precision()
            self.recall = metrics.Recall()

        def update_state(self, y_true, y_pred, sample_weight=None):
            self.precision.update_state(y_true, y_pred, sample_weight)
            self.recall.update_state(y_true, y_pred, sample_weight)

        def result(self):
            p, r = self.precision.result(), self.recall.result()
            return 2 * p * r / (p + r)

    metric = F1()

    assert metric([0, 1, 1], [0.9, 0.8, 0.1]).item() == 0.5
    assert len(metric.variables) == 4
    metric.reset_state()
    assert all((variable == 0).all() for variable in metric.variables)


def test_moving_keeps_the_variables_the_same_objects():
    metric = metrics.AUC()
    before = metric.variables

    metric.to("cpu")

    assert all(old is new for old, new in zip(before, metric.variables, strict=True))


def test_state_that_depends_on_the_data_can_be_made_before_the_first_batch():
    metric = metrics.F1Score()

    metric.build((None, 3), (None, 3))

    assert [tuple(variable.shape) for variable in metric.variables] == [(3,)] * 3


@pytest.mark.parametrize(
    ("loss", "kind"),
    [
        ("sparse_categorical_crossentropy", metrics.SparseCategoricalAccuracy),
        ("CategoricalCrossentropy", metrics.CategoricalAccuracy),
        ("bce", metrics.BinaryAccuracy),
        ("mse", metrics.Accuracy),
        (None, metrics.Accuracy),
    ],
)
def test_accuracy_is_chosen_by_the_loss_where_shapes_are_unknown(loss, kind):
    metric = metrics.get("acc", loss=loss)

    assert type(metric) is kind
    assert metric.name == "acc"


@pytest.mark.parametrize(
    ("output", "target", "kind"),
    [
        ((8, 1), (8, 1), metrics.BinaryCrossentropy),
        ((8, 4), (8,), metrics.SparseCategoricalCrossentropy),
        ((8, 4), (8, 4), metrics.CategoricalCrossentropy),
    ],
)
@pytest.mark.parametrize("word", ["crossentropy", "ce"])
def test_crossentropy_is_chosen_by_shapes(word, output, target, kind):
    metric = metrics.as_metric(word, output_shape=output, target_shape=target)

    assert type(metric) is kind
    assert metric.name == word


def test_functions_are_reported_under_their_names():
    assert metrics.as_metric(metrics.mean_squared_error).name == "mean_squared_error"
    assert type(metrics.as_metric(metrics.sparse_categorical_accuracy)) is (
        metrics.SparseCategoricalAccuracy
    )


def test_objects_and_nothing_are_returned_as_they_are():
    metric = metrics.AUC(name="mine")

    assert metrics.get(metric) is metric
    assert metrics.get(None) is None


def test_wrapper_of_a_public_function_survives_as_plain_data():
    metric = metrics.MeanMetricWrapper(metrics.huber, delta=0.5)

    copy = metrics.deserialize(metrics.serialize(metric))

    assert_close(copy([[0.0]], [[3.0]]), metric([[0.0]], [[3.0]]))


def test_name_may_come_first_as_in_older_programs():
    assert metrics.Metric("mine").name == "mine"
    assert metrics.Metric("float64").dtype == "float64"
