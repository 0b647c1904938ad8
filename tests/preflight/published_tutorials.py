"""Sound programs as tutorials show them, cut short: what they have not learned is no mistake."""

from typing import Any

import numpy as np

import lamina as keras
from lamina import layers
from tests.preflight import published_data as data
from tests.preflight.programs import Program
from tests.preflight.published import O, net
from tests.preflight.published_clean import SOUND, sound
from tests.preflight.published_questions import classes, pictures

L = layers
__all__ = ["SOUND"]


def cars(rows: int = 300) -> tuple[np.ndarray, np.ndarray]:
    """Columns of very different size, and miles per gallon: about 25."""
    random = data.generator()
    size = random.uniform(70, 450, rows)
    weight = 1500 + 8 * size + random.normal(0, 200, rows)
    year = random.integers(70, 83, rows)
    miles = 46 - 0.006 * weight + 0.6 * (year - 76) + random.normal(0, 2, rows)
    return np.stack([size, weight, year], 1).astype("float32"), miles.astype("float32")


def compiled(shape: Any, *parts: Any, **plan: Any) -> Any:
    plan = {"loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"], **plan}
    return net(shape, *parts, **plan)


# -- numbers to predict that are tens, not ones ----------------------------------------------


@sound
def miles_a_gallon():
    x, y = cars()
    model = net(
        (3,),
        L.Normalization(),
        L.Dense(32, "relu"),
        L.Dense(32, "relu"),
        L.Dense(1),
        loss="mean_absolute_error",
        optimizer=O.Adam(0.003),
    )
    return Program(model, x, y, {"validation_split": 0.2, "epochs": 40})


@sound
def miles_a_gallon_by_a_straight_line():
    x, y = cars()
    model = net((3,), L.Normalization(), L.Dense(1), loss="mae", optimizer=O.Adam(0.1))
    return Program(model, x, y, {"epochs": 60})


@sound
def degrees_of_two_scales():
    celsius = np.array([-40, -10, 0, 8, 15, 22, 38], dtype="float32")
    model = net((1,), L.Dense(1), loss="mean_squared_error", optimizer=O.Adam(0.1))
    return Program(model, celsius[:, None], 1.8 * celsius + 32, {"epochs": 300})


@sound
def scores_as_shares_from_a_sigmoid():
    x = data.generator().normal(size=(400, 5)).astype("float32")
    scores = np.clip(55 + 15 * x[:, 0] - 8 * x[:, 1], 0, 100) / 100
    model = net((5,), L.Dense(16, "relu"), L.Dense(1, "sigmoid"), loss="mse", optimizer="adam")
    return Program(model, x, scores, {"epochs": 15})


@sound
def likings_from_products_of_embeddings():
    random = data.generator()
    users, films = random.integers(0, 100, 3000), random.integers(0, 80, 3000)
    taste, kind = random.normal(size=(100, 4)), random.normal(size=(80, 4))
    liking = np.round(9 / (1 + np.exp(-(taste[users] * kind[films]).sum(1)))) / 9
    a, b = keras.Input((1,), dtype="int32"), keras.Input((1,), dtype="int32")
    keras.utils.set_random_seed(3)
    product = L.Dot(axes=2)([L.Embedding(100, 8)(a), L.Embedding(80, 8)(b)])
    model = keras.Model([a, b], L.Activation("sigmoid")(L.Flatten()(product)))
    model.compile("adam", "binary_crossentropy")
    fit = {"epochs": 5, "batch_size": 64, "validation_split": 0.1}
    return Program(model, [users[:, None], films[:, None]], liking, fit)


# -- few updates -----------------------------------------------------------------------------


@sound
def waves_with_averages_that_lag():
    random = data.generator()
    y, steps = random.integers(0, 2, 300), np.arange(64)
    waves = np.sin(steps / (4 + 3 * y[:, None]) + 6 * random.random((300, 1)))
    x = (waves + 0.3 * random.normal(size=waves.shape)).astype("float32")[..., None]
    parts = [L.Conv1D(16, 3, padding="same"), L.BatchNormalization(), L.ReLU()]
    parts += [L.Conv1D(16, 3, padding="same"), L.BatchNormalization(), L.ReLU()]
    end = [L.GlobalAveragePooling1D(), L.Dense(2, "softmax")]
    model = compiled((64, 1), *parts, *end, optimizer="adam")
    return Program(model, x, y, {"epochs": 6, "validation_split": 0.2})


@sound
def a_falling_rate_with_momentum_and_averages():
    x, y = data.digits(600)
    rate = keras.optimizers.schedules.ExponentialDecay(0.1, 1000, 0.96)
    parts = [L.Rescaling(1 / 255), L.Reshape((28, 28, 1))]
    for filters in (8, 16):
        parts.append(L.Conv2D(filters, 3, strides=2, use_bias=False))
        parts += [L.BatchNormalization(), L.Activation("relu")]
    end = [L.GlobalAveragePooling2D(), L.Dense(10, "softmax")]
    model = compiled((28, 28), *parts, *end, optimizer=O.SGD(rate, momentum=0.9, nesterov=True))
    return Program(model, x, y, {"epochs": 4, "batch_size": 64, "validation_split": 0.1})


@sound
def a_new_head_for_a_few_steps():
    x, y = pictures(200, 2)
    base = keras.Sequential([L.Input((12, 12, 3)), L.Conv2D(16, 3, strides=2, activation="relu")])
    base.trainable = False
    model = net(
        (12, 12, 3),
        L.Rescaling(2.0, offset=-1.0),
        base,
        L.GlobalAveragePooling2D(),
        L.Dropout(0.2),
        L.Dense(1),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
        optimizer="adam",
    )
    return Program(model, x, y, {"epochs": 8})


@sound
def depthwise_convolutions():
    x, y = pictures()
    parts = [L.Conv2D(8, 3, padding="same", use_bias=False), L.BatchNormalization(), L.ReLU(6.0)]
    parts += [L.DepthwiseConv2D(3, padding="same", use_bias=False), L.BatchNormalization()]
    parts += [L.ReLU(6.0), L.Conv2D(16, 1, use_bias=False), L.BatchNormalization(), L.ReLU(6.0)]
    end = [L.GlobalAveragePooling2D(), L.Dropout(0.1), L.Dense(4, "softmax")]
    return Program(compiled((12, 12, 3), *parts, *end, optimizer="adam"), x, y, {"epochs": 4})


# -- rates -----------------------------------------------------------------------------------


@sound
def fine_tuning_with_a_very_low_rate():
    x, y = classes(3)
    model = compiled((12,), L.Dense(32, "relu"), L.Dense(3, "softmax"), optimizer=O.Adam(0.01))
    model.fit(x, y, epochs=10, verbose=0, check="off")
    model.compile(O.Adam(1e-5), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return Program(model, x, y, {"epochs": 4})


@sound
def a_rate_that_warms_up_and_falls():
    x, y = classes(3)
    rate = keras.optimizers.schedules.CosineDecay(0.0, 120, warmup_target=2e-3, warmup_steps=20)
    model = compiled((12,), L.Dense(32, "relu"), L.Dense(3, "softmax"), optimizer=O.Adam(rate))
    return Program(model, x, y, {"epochs": 6})


@sound
def selu_with_alpha_dropout():
    x, y = classes(3)
    dense = [L.Dense(24, "selu", kernel_initializer="lecun_normal") for _ in range(3)]
    parts = [part for one in dense for part in (one, L.AlphaDropout(0.1))]
    model = compiled((12,), *parts, L.Dense(3, "softmax"), optimizer="nadam")
    return Program(model, x, y, {"epochs": 10, "validation_split": 0.2})
