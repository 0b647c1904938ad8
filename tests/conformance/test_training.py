"""Whole trainings give the curves and weights of the real Keras, epoch by epoch."""

import numpy as np
import pytest

import lamina

RANDOM = np.random.default_rng(0)
TABLE = RANDOM.normal(size=(96, 8)).astype("float32")
PICTURES = RANDOM.uniform(size=(64, 8, 8, 3)).astype("float32")
CLASSES = RANDOM.integers(0, 3, 96)


def table_net(k):
    x = k.layers.Input((8,))
    h = k.layers.Dense(16, activation="swish", kernel_regularizer="l2")(x)
    h = k.layers.BatchNormalization()(h)
    return k.models.Model(x, k.layers.Dense(1)(h))


def class_net(k):
    return k.Sequential(
        [
            k.layers.Input((8,)),
            k.layers.Dense(12, activation="relu"),
            k.layers.Dense(3, activation="softmax"),
        ]
    )


def picture_net(k):
    return k.Sequential(
        [
            k.layers.Input((8, 8, 3)),
            k.layers.Conv2D(6, 3, padding="same", activation="relu"),
            k.layers.MaxPooling2D(),
            k.layers.Conv2D(8, 3, strides=2, padding="same", use_bias=False),
            k.layers.BatchNormalization(),
            k.layers.Activation("relu"),
            k.layers.GlobalAveragePooling2D(),
            k.layers.Dense(3, activation="softmax"),
        ]
    )


def binary_net(k):
    return k.Sequential([k.layers.Input((8,)), k.layers.Dense(1, activation="sigmoid")])


PROGRAMS = {
    "regression with adam": (
        table_net,
        TABLE,
        TABLE[:, :1] ** 2,
        {"optimizer": "adam", "loss": "mse", "metrics": ["mae"]},
        {},
    ),
    "classes with sgd": (
        class_net,
        TABLE,
        CLASSES,
        {"optimizer": "sgd", "loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]},
        {},
    ),
    "class weights": (
        class_net,
        TABLE,
        CLASSES,
        {
            "optimizer": "rmsprop",
            "loss": "sparse_categorical_crossentropy",
            "metrics": ["accuracy"],
            "weighted_metrics": ["accuracy"],
        },
        {"class_weight": {0: 1.0, 1: 2.0, 2: 0.5}},
    ),
    "sample weights": (
        table_net,
        TABLE,
        TABLE[:, :1],
        {"optimizer": "nadam", "loss": "mae"},
        {"sample_weight": np.linspace(0.5, 2.0, 96).astype("float32")},
    ),
    "pictures with adamw": (
        picture_net,
        PICTURES,
        CLASSES[:64],
        {"optimizer": "adamw", "loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]},
        {},
    ),
    "binary": (
        binary_net,
        TABLE,
        (TABLE[:, :1] > 0).astype("float32"),
        {"optimizer": "adam", "loss": "binary_crossentropy", "metrics": ["accuracy", "AUC"]},
        {},
    ),
}


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_training_follows_keras(keras, program):
    make, x, y, compiled, fitted = program
    ours, theirs = make(lamina), make(keras)
    ours.set_weights(theirs.get_weights())
    histories = []
    for model in (ours, theirs):
        model.compile(**compiled)
        data = {"validation_data": (x[:30], y[:30]), "shuffle": False, "verbose": 0}
        histories.append(model.fit(x, y, batch_size=20, epochs=4, **data, **fitted).history)

    mine, wanted = histories
    assert sorted(mine) == sorted(wanted)
    for name, values in wanted.items():
        # Sums run in another order: float32 rounding grows over twenty updates.
        np.testing.assert_allclose(mine[name], values, rtol=2e-3, atol=2e-4, err_msg=name)
    for weight, other in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(weight, other, rtol=2e-3, atol=5e-4)
    assert ours.count_params() == theirs.count_params()
    np.testing.assert_allclose(
        ours.predict(x[:9], verbose=0), theirs.predict(x[:9], verbose=0), rtol=5e-3, atol=1e-3
    )
