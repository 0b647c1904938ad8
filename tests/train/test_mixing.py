"""MixUp and CutMix inside a model: fit mixes the labels as the layer mixed the images."""

import numpy as np
import pytest
import torch

import lamina as keras
from lamina import layers
from lamina.core.errors import DataError

CLASSES = np.random.default_rng(1).integers(0, 3, 48)
Y = np.eye(3, dtype="float32")[CLASSES]
X = np.broadcast_to(Y[:, None, None], (48, 6, 6, 3)).copy()  # each image shows its label


def net(*mixers):
    keras.backend.clear_session()
    keras.utils.set_random_seed(0)
    return keras.Sequential(
        [
            layers.Input((6, 6, 3)),
            *(make() for make in mixers),
            layers.GlobalAveragePooling2D(),
            layers.Dense(3, use_bias=False, kernel_initializer="identity"),
        ]
    )


def gap(y_true, y_pred):
    return (y_true - y_pred).abs().mean(-1)


MIXERS = {
    "mixup": ((lambda: layers.MixUp(1.0),), 1e-6),
    "cutmix": ((layers.CutMix,), 0.12),
    "both": ((lambda: layers.MixUp(1.0), layers.CutMix), 0.12),
}


@pytest.mark.parametrize(("mixers", "tolerance"), MIXERS.values(), ids=MIXERS)
def test_labels_are_mixed_as_the_images_are(mixers, tolerance):
    model = net(*mixers)
    model.compile(keras.optimizers.SGD(1e-12), gap)

    history = model.fit(X, Y, batch_size=16, epochs=3, verbose=0, check="off")

    assert max(history.history["loss"]) <= tolerance
    outputs = model(torch.from_numpy(X), training=False)
    torch.testing.assert_close(outputs, torch.from_numpy(Y))


@pytest.mark.parametrize(("mixers", "tolerance"), MIXERS.values(), ids=MIXERS)
def test_captured_step_equals_the_eager_one(mixers, tolerance):
    def trained(jit):
        model = net(*mixers)
        loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
        model.compile("adam", loss, metrics=["accuracy"], jit=jit)
        return model, model.fit(X, Y, batch_size=16, epochs=3, verbose=0)

    (eager, first), (captured, second) = trained(False), trained(True)

    assert second.history == first.history
    assert all(map(torch.equal, captured.weights, eager.weights))
    assert (second.tier, second.refusals) == ("captured", [])


@pytest.mark.parametrize("labels", [CLASSES, CLASSES[:, None]], ids=["flat", "column"])
def test_class_numbers_are_refused(labels):
    model = net(layers.MixUp)
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))

    with pytest.raises(DataError, match="mix_up received whole numbers as labels"):
        model.fit(X, labels, verbose=0)


def test_a_call_without_labels_is_still_refused():
    model = net(layers.MixUp)

    with pytest.raises(DataError, match="mix_up received images without labels"):
        model(torch.from_numpy(X), training=True)
