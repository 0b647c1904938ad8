"""Sound programs of many kinds, on which the checks have nothing to say but hints."""

from collections.abc import Callable

import numpy as np
import torch

import lamina as keras
from lamina import layers
from tests.preflight.programs import (
    Program,
    binary,
    classes,
    classifier,
    numbers,
    one_hot,
    pictures,
    regressor,
    rng,
    stack,
    table,
)

CLEAN: dict[str, Callable[[], Program]] = {}


def clean(make: Callable[[], Program]) -> Callable[[], Program]:
    CLEAN[make.__name__.replace("_", " ")] = make
    return make


@clean
def regression_with_one_output():
    return Program(regressor(metrics=["mae"]), table(), numbers(), {"validation_split": 0.2})


@clean
def a_single_linear_layer():
    return Program(stack(layers.Dense(1)), table(), numbers(), {})


@clean
def a_single_linear_layer_of_zeros():
    model = stack(layers.Dense(1, kernel_initializer="zeros"))
    return Program(model, table(), numbers(), {})


@clean
def logistic_regression():
    model = stack(layers.Dense(1, "sigmoid"), loss="binary_crossentropy", metrics=["accuracy"])
    return Program(model, table(), binary(), {"validation_split": 0.2})


@clean
def classification_with_logits():
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return Program(
        classifier(activation=None, loss=loss, metrics=["accuracy"]), table(), classes(), {}
    )


@clean
def yes_or_no_with_logits():
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    return Program(classifier(1, None, loss=loss), table(), binary(), {})


@clean
def one_hot_rows():
    model = classifier(loss="categorical_crossentropy", metrics=["accuracy"])
    return Program(model, table(), one_hot(classes()), {"validation_split": 0.25})


@clean
def float_labels_that_are_whole():
    return Program(classifier(), table(), classes().astype("float32"), {})


@clean
def labels_as_a_column():
    return Program(classifier(), table(), classes()[:, None], {})


@clean
def labels_without_axis_for_a_regression():
    return Program(regressor(loss="mae"), table(), numbers(), {})


@clean
def several_targets():
    y = rng().normal(size=(200, 3)).astype("float32")
    return Program(regressor(units=3), table(), y, {})


@clean
def autoencoder_of_pixels():
    x = rng().random((200, 20)).astype("float32")
    model = stack(
        layers.Dense(8, "relu"),
        layers.Dense(20, "sigmoid"),
        loss="binary_crossentropy",
        shape=(20,),
    )
    return Program(model, x, x, {})


@clean
def linear_autoencoder():
    x = rng().normal(size=(200, 20)).astype("float32")
    model = stack(layers.Dense(2), layers.Dense(20), shape=(20,))
    return Program(model, x, x, {})


@clean
def embedding_of_ids():
    ids = rng().integers(0, 500, size=(200, 10))
    model = stack(
        layers.Embedding(500, 8),
        layers.GlobalAveragePooling1D(),
        layers.Dense(1, "sigmoid"),
        loss="binary_crossentropy",
        shape=(10,),
    )
    return Program(model, ids, binary(), {"validation_split": 0.2})


@clean
def several_tags():
    y = (rng().random((200, 4)) > 0.7).astype("float32")
    model = classifier(4, "sigmoid", loss="binary_crossentropy")
    return Program(model, table(), y, {})


@clean
def rare_class_with_weights():
    y = (np.arange(400) % 40 == 0).astype(int)
    model = classifier(1, "sigmoid", loss="binary_crossentropy")
    return Program(model, table(400), y, {"class_weight": {0: 1.0, 1: 20.0}})


@clean
def pictures_through_convolutions():
    model = stack(
        layers.Rescaling(1 / 255),
        layers.Conv2D(4, 3, activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(8, 3, activation="relu"),
        layers.Flatten(),
        layers.Dense(16, "relu"),
        layers.Dropout(0.5),
        layers.Dense(4, "softmax"),
        loss="sparse_categorical_crossentropy",
        shape=(12, 12, 3),
    )
    return Program(model, pictures(), classes(60), {"validation_split": 0.2})


@clean
def raw_pictures_through_batch_normalization():
    model = stack(
        layers.BatchNormalization(),
        layers.Conv2D(4, 3, activation="relu"),
        layers.GlobalAveragePooling2D(),
        layers.Dense(4, "softmax"),
        loss="sparse_categorical_crossentropy",
        shape=(12, 12, 3),
    )
    return Program(model, pictures(), classes(60), {"batch_size": 16})


@clean
def raw_pictures_with_convolution_and_batch_normalization():
    model = stack(
        layers.Conv2D(4, 3, use_bias=False),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.GlobalAveragePooling2D(),
        layers.Dense(4, "softmax"),
        loss="sparse_categorical_crossentropy",
        shape=(12, 12, 3),
    )
    return Program(model, pictures(), classes(60), {"batch_size": 16})


@clean
def pictures_scaled_by_a_function():
    x = layers.Input((12, 12, 3))
    h = layers.Flatten()(x / 255.0)
    y = layers.Dense(4, "softmax")(layers.Dense(16, "relu")(h))
    model = keras.Model(x, y)
    model.compile("adam", "sparse_categorical_crossentropy")
    return Program(model, pictures(), classes(60), {})


@clean
def pictures_scaled_beforehand():
    model = stack(
        layers.Flatten(),
        layers.Dense(16, "relu"),
        layers.Dense(4, "softmax"),
        loss="sparse_categorical_crossentropy",
        shape=(12, 12, 3),
    )
    return Program(model, pictures() / 255.0, classes(60), {"validation_split": 0.1})


@clean
def a_raw_table_through_normalization():
    x = table() * np.array([1, 10, 100, 1000, 1e4, 0.1], dtype="float32") + 50
    model = stack(layers.Normalization(), layers.Dense(16, "relu"), layers.Dense(1))
    return Program(model, x, numbers(), {"validation_split": 0.2})


@clean
def frozen_layers():
    base = layers.Dense(16, "relu", trainable=False)
    model = stack(base, layers.Dense(4, "softmax"), loss="sparse_categorical_crossentropy")
    return Program(model, table(), classes(), {})


@clean
def frozen_projection_without_activation():
    base = layers.Dense(16, trainable=False)
    return Program(stack(base, layers.Dense(1)), table(), numbers(), {})


@clean
def exclusive_or():
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype="float32")
    y = np.array([0, 1, 1, 0])
    model = stack(
        layers.Dense(8, "tanh"),
        layers.Dense(1, "sigmoid"),
        loss="binary_crossentropy",
        shape=(2,),
    )
    return Program(model, x, y, {"epochs": 300})


@clean
def exclusive_or_repeated():
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype="float32").repeat(50, 0)
    y = np.array([0, 1, 1, 0]).repeat(50)
    model = stack(
        layers.Dense(8, "tanh"),
        layers.Dense(1, "sigmoid"),
        loss="binary_crossentropy",
        shape=(2,),
    )
    return Program(model, x, y, {"validation_split": 0.2})


@clean
def targets_near_one():
    y = 1 + 0.3 * numbers()
    return Program(regressor(), table(), y, {})


@clean
def counts_with_poisson():
    y = rng().poisson(2.0, size=200)
    return Program(regressor("exponential", loss="poisson"), table(), y, {})


@clean
def softmax_inside_an_attention():
    x = layers.Input((5, 8))
    weights = layers.Softmax(axis=1)(layers.Dense(1)(x))
    y = layers.Dense(4, "softmax")((x * weights).sum(1))
    model = keras.Model(x, y)
    model.compile("adam", "sparse_categorical_crossentropy")
    return Program(model, rng().normal(size=(200, 5, 8)).astype("float32"), classes(), {})


@clean
def scaled_dot_product_attention():
    x = layers.Input((5, 8))
    q, k, v = layers.Dense(8)(x), layers.Dense(8)(x), layers.Dense(8)(x)
    scores = layers.Activation("softmax")(q @ k.transpose(1, 2) / 8**0.5)
    h = layers.LayerNormalization()(x + scores @ v)
    h = layers.LayerNormalization()(h + layers.Dense(8)(layers.Dense(16, "gelu")(h)))
    y = layers.Dense(4, "softmax")(layers.GlobalAveragePooling1D()(h))
    model = keras.Model(x, y)
    model.compile("adam", "sparse_categorical_crossentropy")
    return Program(model, rng().normal(size=(200, 5, 8)).astype("float32"), classes(), {})


@clean
def two_inputs_and_two_outputs():
    a, b = layers.Input((6,), name="a"), layers.Input((4,), name="b")
    h = layers.Concatenate()([layers.Dense(8, "relu")(a), layers.Dense(8, "relu")(b)])
    price = layers.Dense(1, name="price")(h)
    kind = layers.Dense(4, "softmax", name="kind")(h)
    model = keras.Model([a, b], [price, kind])
    model.compile("adam", loss=["mse", "sparse_categorical_crossentropy"])
    return Program(model, [table(), table()[:, :4]], [numbers(), classes()], {})


@clean
def residual_block():
    x = layers.Input((6,))
    h = layers.Dense(6, "relu")(x)
    h = layers.Add()([x, layers.Dense(6, kernel_initializer="zeros")(h)])
    model = keras.Model(x, layers.Dense(1)(layers.Activation("relu")(h)))
    model.compile("adam", "mse")
    return Program(model, table(), numbers(), {})


@clean
def separable_convolutions():
    model = stack(
        layers.Rescaling(1 / 255),
        layers.DepthwiseConv2D(3),
        layers.BatchNormalization(),
        layers.Conv2D(8, 1, activation="relu"),
        layers.GlobalAveragePooling2D(),
        layers.Dense(4, "softmax"),
        loss="sparse_categorical_crossentropy",
        shape=(12, 12, 3),
    )
    return Program(model, pictures(), classes(60), {"batch_size": 16})


@clean
def a_mask_for_each_pixel():
    x = pictures()
    y = (x[..., :1] > 128).astype("float32")
    model = stack(
        layers.Rescaling(1 / 255),
        layers.Conv2D(4, 3, padding="same", activation="relu"),
        layers.Conv2D(1, 1, activation="sigmoid"),
        loss="binary_crossentropy",
        shape=(12, 12, 3),
    )
    return Program(model, x, y, {})


@clean
def a_class_for_each_step():
    x = rng().normal(size=(100, 5, 6)).astype("float32")
    y = rng().integers(0, 4, size=(100, 5))
    model = stack(
        layers.Dense(8, "relu"),
        layers.Dense(4, "softmax"),
        loss="sparse_categorical_crossentropy",
        shape=(5, 6),
    )
    return Program(model, x, y, {})


@clean
def plain_torch_layers():
    model = stack(torch.nn.Linear(6, 16), torch.nn.ReLU(), torch.nn.Linear(16, 1))
    return Program(model, table(), numbers(), {})


@clean
def a_model_written_as_a_class():
    class Net(keras.Model):
        def __init__(self):
            super().__init__()
            self.hidden = layers.Dense(16)
            self.last = layers.Dense(4, "softmax")

        def call(self, x):
            return self.last(torch.relu(self.hidden(x)))

    model = Net()
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return Program(model, table(), classes(), {"validation_split": 0.2})


@clean
def a_model_inside_a_model():
    body = keras.Sequential([layers.Input((6,)), layers.Dense(16, "relu"), layers.Dense(8, "relu")])
    x = layers.Input((6,))
    model = keras.Model(x, layers.Dense(4, "softmax")(body(x)))
    model.compile("adam", "sparse_categorical_crossentropy")
    return Program(model, table(), classes(), {})


@clean
def an_own_loss_that_aligns_shapes():
    class Squared(keras.losses.Loss):
        def call(self, y_true, y_pred):
            return ((y_true.reshape(y_pred.shape) - y_pred) ** 2).mean(-1)

    return Program(regressor(loss=Squared()), table(), numbers(), {})


@clean
def an_own_loss_that_reads_further_columns():
    def weighted(y_true, y_pred):
        return (y_true[:, 1] * (y_true[:, 0] - y_pred[:, 0]) ** 2).mean()

    y = np.abs(rng().normal(size=(200, 2))).astype("float32")
    return Program(regressor(loss=weighted), table(), y, {})


@clean
def a_scaler_fitted_on_the_training_part():
    x = table(300) * 3 + 1
    x = (x - x[:200].mean(0)) / x[:200].std(0)
    y = numbers(300)
    return Program(regressor(), x[:200], y[:200], {"validation_data": (x[200:], y[200:])})


@clean
def a_time_series_in_order():
    x = np.lib.stride_tricks.sliding_window_view(np.sin(np.arange(230) / 9), 6)[:200]
    y = np.sin(np.arange(6, 206) / 9)
    return Program(regressor(), x.astype("float32"), y, {"shuffle": False})


@clean
def a_retrained_model():
    model = regressor()
    model.fit(table(), numbers(), verbose=0)
    return Program(model, table(), numbers(), {})


@clean
def a_few_rows():
    model = stack(layers.Dense(1), shape=(1,))
    x = np.array([[-1.0], [0.0], [1.0], [2.0], [3.0], [4.0]])
    return Program(model, x, np.array([-3.0, -1.0, 1.0, 3.0, 5.0, 7.0]), {"epochs": 500})


@clean
def ratings_as_numbers():
    y = rng().integers(3, 9, size=200).astype("float32")
    return Program(regressor(metrics=["mae"]), table(), y, {})


@clean
def targets_scaled_inside_the_model():
    y = numbers() * 1000 + 5000
    model = stack(layers.Dense(16, "relu"), layers.Dense(1), layers.Rescaling(1000.0, 5000.0))
    return Program(model, table(), y, {})


@clean
def hinge_with_tanh():
    return Program(classifier(1, "tanh", loss="hinge"), table(), binary() * 2 - 1, {})


@clean
def soft_labels():
    y = rng().dirichlet(np.ones(4), size=200).astype("float32")
    return Program(classifier(loss="categorical_crossentropy"), table(), y, {})


@clean
def a_generator_of_batches():
    loader = torch.utils.data.DataLoader(_Rows(), batch_size=16)
    return Program(classifier(), loader, None, {})


@clean
def a_layer_of_ones_own_that_bends():
    class Bent(layers.Dense):
        def call(self, x):
            return torch.relu(super().call(x))

    return Program(stack(Bent(16), layers.Dense(1)), table(), numbers(), {})


class _Rows(torch.utils.data.Dataset):
    def __init__(self):
        self.x, self.y = torch.as_tensor(table(64)), torch.as_tensor(classes(64))

    def __len__(self):
        return 64

    def __getitem__(self, index):
        return self.x[index], self.y[index]
