"""Sound programs of many domains, as tutorials and public answers show them."""

from collections.abc import Callable

import numpy as np
import torch

import lamina as keras
from lamina import layers
from tests.preflight import published_data as data
from tests.preflight.programs import Program
from tests.preflight.published import answer, mlp, net, value

L, O = layers, keras.optimizers  # noqa: E741
SOUND: dict[str, Callable[[], Program]] = {}


def sound(make: Callable[[], Program]) -> Callable[[], Program]:
    SOUND[make.__name__.replace("_", " ")] = make
    return make


# -- tables ----------------------------------------------------------------------------------


@sound
def iris_in_centimetres():
    x, y = data.iris(scaled=False)
    model = answer(4, L.Dense(3, "softmax"), loss="sparse_categorical_crossentropy")
    return Program(model, x, y, {"epochs": 30, "batch_size": 8, "validation_split": 0.2})


@sound
def wine_with_a_normalization_layer():
    x, y = data.wine(scaled=False)
    model = net(
        (13,),
        L.Normalization(),
        L.Dense(16, "relu"),
        L.Dense(3, "softmax"),
        loss="sparse_categorical_crossentropy",
        optimizer="adam",
        metrics=["accuracy"],
    )
    return Program(model, x, y, {"epochs": 20, "validation_split": 0.2})


@sound
def tumours_with_early_stopping():
    x, y = data.cancer()
    stop = keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True)
    return Program(
        answer(30, metrics=["accuracy", keras.metrics.AUC()]),
        x,
        y,
        {"epochs": 20, "validation_split": 0.2, "callbacks": [stop]},
    )


@sound
def fraud_with_class_weights():
    x, y = data.fraud()
    model = answer(8, metrics=[keras.metrics.Recall()])
    return Program(model, x, y, {"epochs": 5, "class_weight": {0: 0.5, 1: 40.0}})


@sound
def diabetes_in_units_of_150():
    x, y = data.diabetes()
    return Program(value(10, metrics=["mae"]), x, y / 150, {"epochs": 20, "validation_split": 0.2})


@sound
def houses_with_scaled_columns_and_log_price():
    x, y = data.prices()
    x = (x - x[:300].mean(0)) / x[:300].std(0)
    y = np.log(y / 300_000)
    held = (x[300:], y[300:])
    return Program(value(3), x[:300], y[:300], {"epochs": 40, "validation_data": held})


@sound
def counts_with_poisson():
    random = data.generator()
    x = random.normal(size=(500, 4)).astype("float32")
    y = random.poisson(np.exp(0.5 * x[:, 0] + 0.2)).astype("float32")
    return Program(value(4, L.Dense(1, "softplus"), loss="poisson"), x, y, {"epochs": 10})


@sound
def a_quantile_by_a_loss_of_the_user():
    def pinball(y_true, y_pred):
        gap = y_true - y_pred
        return torch.maximum(0.9 * gap, -0.1 * gap).mean(-1)

    x, y = data.sine()
    return Program(value(1, loss=pinball), x, y, {"epochs": 20})


@sound
def a_support_vector_machine():
    x, y = data.blobs(400, 2)
    model = net(
        (5,),
        L.Dense(1, kernel_regularizer=keras.regularizers.L2(0.01)),
        loss="hinge",
        optimizer=O.SGD(0.1),
    )
    return Program(model, x, y * 2 - 1, {"epochs": 10})


@sound
def several_answers_a_row():
    x, y = data.tags()
    model = answer(10, L.Dense(5, "sigmoid"), metrics=["binary_accuracy"])
    return Program(model, x, y, {"epochs": 10, "validation_split": 0.2})


@sound
def ratings_from_two_embeddings():
    random = data.generator()
    ids = random.integers(0, 30, size=(800, 2))
    taste = random.normal(size=30)
    y = np.clip(np.round(3.5 + taste[ids[:, 0]] * taste[ids[:, 1]]), 1, 5).astype("float32")
    user, item = L.Input((1,)), L.Input((1,))
    parts = [L.Flatten()(L.Embedding(30, 8)(one)) for one in (user, item)]
    joined = L.Dense(16, "relu")(L.Concatenate()(parts))
    model = keras.Model([user, item], L.Dense(1)(joined))
    model.compile("adam", "mse", metrics=["mae"])
    return Program(model, [ids[:, :1], ids[:, 1:]], y, {"epochs": 5, "validation_split": 0.1})


@sound
def stars_from_one_to_five_as_numbers():
    random = data.generator()
    x = random.normal(size=(500, 6)).astype("float32")
    y = np.clip(np.round(3 + x[:, 0] + 0.5 * x[:, 1]), 1, 5).astype("float32")
    return Program(value(6, loss="mae"), x, y, {"epochs": 10})


# -- small problems --------------------------------------------------------------------------


@sound
def xor_with_tanh_and_adam():
    x, y = data.xor()
    model = net(
        (2,),
        L.Dense(8, "tanh"),
        L.Dense(1, "sigmoid"),
        loss="binary_crossentropy",
        optimizer=O.Adam(0.1),
        metrics=["accuracy"],
    )
    return Program(model, x, y, {"epochs": 100, "batch_size": 4})


@sound
def a_sine_with_tanh():
    x, y = data.sine()
    model = net(
        (1,),
        L.Dense(32, "tanh"),
        L.Dense(32, "tanh"),
        L.Dense(1),
        loss="mse",
        optimizer=O.Adam(0.01),
    )
    return Program(model, x, y, {"epochs": 30})


@sound
def moons_with_a_falling_rate():
    x, y = data.moons()
    rate = O.schedules.ExponentialDecay(0.1, 100, 0.9)
    model = answer(2, optimizer=O.SGD(rate, momentum=0.9, nesterov=True))
    return Program(model, x, y, {"epochs": 20, "validation_split": 0.2})


@sound
def circles_with_elu_and_penalties():
    x, y = data.circles()
    penalty = keras.regularizers.L2(1e-4)
    model = net(
        (2,),
        L.Dense(32, "elu", kernel_regularizer=penalty),
        L.Dropout(0.2),
        L.Dense(32, "elu", kernel_regularizer=penalty),
        L.Dense(1, "sigmoid"),
        loss="binary_crossentropy",
        optimizer="rmsprop",
        metrics=["accuracy"],
    )
    return Program(model, x, y, {"epochs": 15})


@sound
def the_line_of_the_first_lesson():
    x = np.arange(-1, 5, dtype="float32")[:, None]
    model = net((1,), L.Dense(1), loss="mean_squared_error", optimizer="sgd")
    return Program(model, x, 2 * x - 1, {"epochs": 100})


# -- pictures --------------------------------------------------------------------------------


@sound
def digits_with_layers_and_dropout():
    x, y = data.flat_digits()
    model = net(
        (784,),
        L.Dense(128, "relu"),
        L.Dropout(0.2),
        L.Dense(128, "relu"),
        L.Dropout(0.2),
        L.Dense(10, "softmax"),
        loss="categorical_crossentropy",
        optimizer="rmsprop",
        metrics=["accuracy"],
    )
    return Program(model, x, data.one_hot(y), {"epochs": 5, "validation_split": 0.1})


@sound
def convolutions_with_batch_normalization():
    x, y = data.digits(300)
    model = net(
        (28, 28, 1),
        L.Rescaling(1 / 255),
        L.Conv2D(8, 3, strides=2, use_bias=False),
        L.BatchNormalization(),
        L.Activation("relu"),
        L.GlobalAveragePooling2D(),
        L.Dense(10),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        optimizer="adam",
        metrics=["accuracy"],
    )
    return Program(model, x[..., None], y, {"epochs": 3, "batch_size": 32})


@sound
def bytes_into_batch_normalization():
    x, y = data.digits(300)
    model = net(
        (28, 28, 1),
        L.BatchNormalization(),
        L.Flatten(),
        L.Dense(32, "relu"),
        L.Dense(10, "softmax"),
        loss="sparse_categorical_crossentropy",
        optimizer="adam",
    )
    return Program(model, x[..., None].astype("float32"), y, {"epochs": 3})


@sound
def an_autoencoder_of_digits():
    x, _ = data.flat_digits()
    model = net(
        (784,),
        L.Dense(64, "relu"),
        L.Dense(16, "relu"),
        L.Dense(64, "relu"),
        L.Dense(784, "sigmoid"),
        loss="binary_crossentropy",
        optimizer="adam",
    )
    return Program(model, x, x, {"epochs": 5, "batch_size": 64})


@sound
def a_mask_for_every_pixel():
    x, _ = data.digits(100)
    x = x[:, ::2, ::2, None] / 255.0
    model = net(
        (14, 14, 1),
        L.Conv2D(8, 3, padding="same", activation="relu"),
        L.Conv2DTranspose(8, 3, padding="same", activation="relu"),
        L.Conv2D(1, 1, activation="sigmoid"),
        loss="binary_crossentropy",
        optimizer="adam",
    )
    return Program(model, x, (x > 0.5).astype("float32"), {"epochs": 4})


@sound
def a_frozen_base_and_a_new_head():
    x, y = data.flat_digits(600)
    base = keras.Sequential([L.Input((784,)), L.Dense(64, "relu"), L.Dense(32, "relu")])
    base.trainable = False
    model = net(
        (784,),
        base,
        L.Dropout(0.2),
        L.Dense(10, "softmax"),
        loss="sparse_categorical_crossentropy",
        optimizer="adam",
        metrics=["accuracy"],
    )
    return Program(model, x, y, {"epochs": 5})


@sound
def a_student_that_learns_shares():
    x, y = data.flat_digits(600)
    shares = 0.9 * data.one_hot(y, 10) + 0.01
    return Program(mlp(loss="kl_divergence"), x, shares, {"epochs": 4})


# -- series and texts ------------------------------------------------------------------------


@sound
def reviews_with_convolutions():
    x, y = data.reviews()
    model = net(
        (20,),
        L.Embedding(200, 8),
        L.Conv1D(8, 3, activation="relu"),
        L.GlobalMaxPooling1D(),
        L.Dense(1, "sigmoid"),
        loss="binary_crossentropy",
        optimizer=O.Adam(0.01),
        metrics=["accuracy"],
    )
    return Program(model, x, y, {"epochs": 3, "validation_split": 0.2})


@sound
def stock_prices_scaled():
    x, y = data.series()
    low, high = x[:300].min(), x[:300].max()
    x, y = (x - low) / (high - low), (y - low) / (high - low)
    model = net(
        (12, 1),
        L.Conv1D(16, 4, activation="relu"),
        L.Flatten(),
        L.Dense(1),
        loss="mse",
        optimizer="adam",
    )
    return Program(model, x[:300], y[:300], {"epochs": 5, "validation_data": (x[300:], y[300:])})


@sound
def the_next_letter_at_each_place():
    ids = data.generator().integers(0, 12, size=(200, 9))
    ids[:, 1::2] = (ids[:, 0:-1:2] + 1) % 12
    model = net(
        (8,),
        L.Embedding(12, 8),
        L.Conv1D(16, 3, padding="causal", activation="relu"),
        L.Dense(12, "softmax"),
        loss="sparse_categorical_crossentropy",
        optimizer="adam",
    )
    return Program(model, ids[:, :-1], ids[:, 1:], {"epochs": 4})


@sound
def waves_with_convolutions():
    random = data.generator()
    y = random.integers(0, 2, 300)
    t = np.arange(64) / 64
    x = np.sin(2 * np.pi * t * (3 + 4 * y[:, None])) + 0.3 * random.normal(size=(300, 64))
    model = net(
        (64, 1),
        L.Conv1D(8, 5, activation="relu"),
        L.MaxPooling1D(2),
        L.Conv1D(8, 5, activation="relu"),
        L.GlobalMaxPooling1D(),
        L.Dense(1, "sigmoid"),
        loss="binary_crossentropy",
        optimizer="adam",
        metrics=["accuracy"],
    )
    return Program(model, x[..., None].astype("float32"), y, {"epochs": 5})


@sound
def an_attention_block():
    x, y = data.reviews(300)
    given = L.Input((20,))
    h = L.Embedding(200, 8)(given)
    h = L.LayerNormalization()(h + torch.nn.functional.scaled_dot_product_attention(h, h, h))
    h = L.LayerNormalization()(h + L.Dense(8)(L.Dense(16, "relu")(h)))
    ends = L.Dense(1, "sigmoid")(L.Dropout(0.1)(L.GlobalAveragePooling1D()(h)))
    model = keras.Model(given, ends)
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return Program(model, x, y, {"epochs": 3})


# -- graphs ----------------------------------------------------------------------------------


@sound
def a_residual_net_of_a_table():
    x, y = data.cancer()
    given = L.Input((30,))
    h = L.Dense(32)(given)
    for _ in range(3):
        h = L.Add()([h, L.Dense(32)(L.Activation("gelu")(L.Dense(32)(L.LayerNormalization()(h))))])
    model = keras.Model(given, L.Dense(1, "sigmoid")(L.LayerNormalization()(h)))
    model.compile("adamw", "binary_crossentropy", metrics=["accuracy"])
    return Program(model, x, y, {"epochs": 5, "validation_split": 0.2})


@sound
def two_outputs_of_two_kinds():
    x, y = data.diabetes()
    given = L.Input((10,))
    h = L.Dense(32, "relu")(given)
    model = keras.Model(given, {"value": L.Dense(1)(h), "high": L.Dense(1, "sigmoid")(h)})
    model.compile("adam", {"value": "mse", "high": "binary_crossentropy"})
    return Program(model, x, {"value": y / 150, "high": (y > 150).astype("int64")}, {"epochs": 8})


@sound
def two_branches_and_their_distance():
    x, y = data.blobs(400)
    random = data.generator()
    other = random.permutation(len(x))
    tower = keras.Sequential([L.Input((5,)), L.Dense(16, "relu"), L.Dense(8)])
    a, b = L.Input((5,)), L.Input((5,))
    gap = L.Lambda(lambda pair: (pair[0] - pair[1]).abs())([tower(a), tower(b)])
    model = keras.Model([a, b], L.Dense(1, "sigmoid")(gap))
    model.compile("adam", "binary_crossentropy")
    same = (y == y[other]).astype("int64")
    return Program(model, [x, x[other]], same, {"epochs": 8})


@sound
def batches_from_a_loader():
    x, y = data.moons()
    rows = torch.utils.data.TensorDataset(torch.as_tensor(x), torch.as_tensor(y))
    loader = torch.utils.data.DataLoader(rows, batch_size=32, shuffle=True)
    return Program(answer(2), loader, None, {"epochs": 5})
