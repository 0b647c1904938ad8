"""Losses, metrics and other parts that are called directly name the argument they cannot use."""

import numpy as np
import pytest
import torch

import lamina as keras
from lamina.core.errors import LaminaError

Y_TRUE = np.array([[0.0, 1.0], [1.0, 0.0]], "float32")
Y_PRED = np.array([[0.3, 0.7], [0.6, 0.4]], "float32")
NO_NUMBERS = {
    "None": None,
    "text": "abc",
    "dict": {},
    "object": object(),
    "texts": np.array([["a", "b"], ["c", "d"]]),
    "ragged": [[1, 2], [3]],
    "nones": np.array([[None]]),
    "complex": torch.ones(2, 2, dtype=torch.complex64),
    "huge": [10**20],
    "dates": np.zeros((2, 2), "datetime64[s]"),
}
LOSSES = [keras.losses.MeanSquaredError, keras.losses.BinaryCrossentropy, keras.losses.Dice]
METRICS = [keras.metrics.MeanSquaredError, keras.metrics.AUC, keras.metrics.F1Score]


@pytest.mark.parametrize("value", [*NO_NUMBERS.values()][1:], ids=[*NO_NUMBERS][1:])
@pytest.mark.parametrize("place", ["y_true", "y_pred", "sample_weight"])
@pytest.mark.parametrize("kind", LOSSES + METRICS, ids=lambda kind: kind.__name__)
def test_argument_without_numbers_is_named(kind, place, value):
    given = {"y_true": Y_TRUE, "y_pred": Y_PRED, place: value}

    with pytest.raises(LaminaError, match=rf"^{place} ") as caught:
        kind()(**given)

    assert caught.value.problem.startswith(place)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            "abc",
            "y_true is 'abc', which is no number.\n"
            "  expected: numbers: a tensor, an array, a list or a single number.\n"
            "  fix: turn y_true into an array of numbers first.",
        ),
        (
            None,
            "y_true is None.\n"
            "  expected: numbers: a tensor, an array, a list or a single number.\n"
            "  fix: turn y_true into an array of numbers first.",
        ),
        (
            [[1, 2], [3]],
            "y_true is a list whose parts differ in length: [[1, 2], [3]].\n"
            "  expected: lists of one length at every level.\n"
            "  fix: make all parts of one length, for example with keras.utils.pad_sequences.",
        ),
        (
            [1 + 2j],
            "y_true holds complex numbers.\n"
            "  expected: real numbers.\n"
            "  fix: pass y_true.real, or y_true.abs().",
        ),
    ],
)
def test_message_of_a_loss_is_whole(value, message):
    with pytest.raises(LaminaError, match=r"^y_true") as caught:
        keras.losses.MeanSquaredError()(value, Y_PRED)

    assert str(caught.value) == message


@pytest.mark.parametrize(
    "make",
    [
        lambda: keras.losses.BinaryCrossentropy(from_logits="yes"),
        lambda: keras.losses.BinaryCrossentropy(label_smoothing=True),
        lambda: keras.losses.BinaryCrossentropy(axis=None),
        lambda: keras.losses.BinaryFocalCrossentropy(gamma=-1.0),
        lambda: keras.losses.BinaryFocalCrossentropy(alpha=float("nan")),
        lambda: keras.losses.Tversky(alpha=[1.0, 2.0]),
        lambda: keras.losses.Dice(axis="all"),
        lambda: keras.losses.Huber(delta=0),
        lambda: keras.losses.MeanSquaredError(name=5),
        lambda: keras.losses.MeanSquaredError(dtype=object()),
        lambda: keras.metrics.Precision(top_k=0),
        lambda: keras.metrics.Recall(class_id="1"),
        lambda: keras.metrics.IoU(2, target_class_ids=1),
        lambda: keras.metrics.MeanIoU(2, axis=0.5),
        lambda: keras.metrics.AUC(thresholds=0.5),
        lambda: keras.metrics.AUC(num_thresholds=10**12),
        lambda: keras.metrics.Mean(dtype="int32"),
        lambda: keras.optimizers.Muon(exclude_layers=["("]),
        lambda: keras.optimizers.schedules.CosineDecay(0.1, 10)("x"),
        lambda: keras.optimizers.schedules.PiecewiseConstantDecay([5, 2], [1.0, 2.0, 3.0]),
        lambda: keras.initializers.Zeros()("shape"),
        lambda: keras.initializers.GlorotUniform()((2, -1)),
        lambda: keras.initializers.RandomNormal()((2, 2), "int32"),
        lambda: keras.constraints.MaxNorm(axis="x"),
        lambda: keras.constraints.UnitNorm(axis=3)(torch.ones(2, 2)),
        lambda: keras.regularizers.L2()("weights"),
        lambda: keras.random.normal(2.5),
        lambda: keras.random.uniform((2,), minval=None),
        lambda: keras.random.shuffle([1, 2], axis=4),
        lambda: keras.random.beta((2,), -1.0, 1.0),
        lambda: keras.callbacks.CSVLogger(5),
        lambda: keras.callbacks.ModelCheckpoint(""),
        lambda: keras.callbacks.BackupAndRestore("a\0b"),
        lambda: keras.callbacks.LambdaCallback(on_epoch_end=lambda: None),
        lambda: keras.layers.Dense.from_config(None),
        lambda: keras.layers.Dense(2)(np.array([["a"]])),
        lambda: keras.Sequential([keras.layers.Dense(2)]).build(3),
    ],
)
def test_argument_that_means_nothing_is_refused(make):
    with pytest.raises(LaminaError, match="expected: ") as caught:
        make()

    assert caught.value.expected
    assert caught.value.fix


@pytest.mark.parametrize(
    "make",
    [
        lambda: keras.losses.BinaryCrossentropy(True, np.float32(0.1))(Y_TRUE, Y_PRED),
        lambda: keras.losses.CategoricalFocalCrossentropy(alpha=[0.2, 0.8])(Y_TRUE, Y_PRED),
        lambda: keras.losses.Dice(axis=(0, 1))(Y_TRUE.tolist(), Y_PRED.tolist()),
        lambda: keras.losses.MeanSquaredError()(Y_TRUE[:, ::-1], Y_PRED.astype("longdouble")),
        lambda: keras.metrics.Sum(dtype="int64")([1, 2]),
        lambda: keras.metrics.Precision(thresholds=[0.2, 0.5], class_id=-1)(Y_TRUE, Y_PRED),
        lambda: keras.random.normal([2, np.int64(3)], mean=torch.zeros(3)),
        lambda: keras.random.randint((2,), 0.0, torch.tensor(3)),
        lambda: keras.initializers.Constant([1.0, 2.0])((3, 2)),
        lambda: keras.constraints.MaxNorm(2, axis=[0, 1])(np.ones((2, 2), "float32")),
    ],
)
def test_what_keras_takes_is_taken(make):
    assert torch.isfinite(torch.as_tensor(make(), dtype=torch.float64)).all()


def test_gradients_flow_through_a_list_of_tensors():
    y_pred = torch.ones(2, requires_grad=True)

    keras.losses.MeanSquaredError()([[0.0, 0.0]], [y_pred]).backward()

    assert y_pred.grad.tolist() == [1.0, 1.0]


@pytest.mark.parametrize(("first", "second"), [(None, 1.0), (1.0, None)])
def test_sample_weights_of_some_batches_only_are_refused(first, second):
    def batches():
        for weight in (first, second):
            x, y = np.ones((4, 2), "float32"), np.ones((4, 1), "float32")
            yield (x, y) if weight is None else (x, y, np.full(4, weight))

    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    has, had = ("none", "them") if second is None else ("them", "none")
    with pytest.raises(LaminaError, match=r"^sample weights") as caught:
        model.fit(batches(), verbose=0, check="off")

    assert caught.value.problem == f"sample weights: batch 1 of x has {has}, batch 0 had {had}."


def test_length_that_is_none_is_named():
    class Endless(keras.utils.PyDataset):
        def __len__(self):
            return -1

        def __getitem__(self, index):
            return np.ones((1, 2)), np.ones((1, 1))

    model = keras.Sequential([keras.layers.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    with pytest.raises(LaminaError, match=r"^Endless") as caught:
        model.fit(Endless(), verbose=0)

    assert caught.value.problem == (
        "Endless.__len__() returned no number of batches: __len__() should return >= 0."
    )
