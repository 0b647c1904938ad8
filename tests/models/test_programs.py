"""Ordinary Keras programs run unchanged, in both tiers, with the same result."""

import numpy as np
import pytest
import torch

import lamina as keras
from lamina.utils import to_categorical

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(120, 8)).astype("float32")
Y = (X[:, :1] * X[:, 1:2] + 0.1).astype("float32")
CLASSES = RANDOM.integers(0, 3, 120)
layers = keras.layers


def run(make, fit, jit):
    keras.backend.clear_session()
    keras.utils.set_random_seed(3)
    model = make()
    history = fit(model, jit)
    return model, history


def assert_tiers_agree(make, fit, tier="captured"):
    eager, eager_history = run(make, fit, False)
    model, history = run(make, fit, True)

    np.testing.assert_equal(model.get_weights(), eager.get_weights())
    assert history.history == eager_history.history
    assert history.tier == tier
    return model, history


def fit_mse(model, jit):
    model.compile("adam", "mse", metrics=["mae"], jit=jit)
    return model.fit(X, Y, epochs=3, verbose=0, validation_data=(X[:50], Y[:50]))


def table_net():
    il = keras.layers.Input(shape=(8,))
    h = keras.layers.Dense(32, activation="swish")(il)
    h = keras.layers.Dense(32, activation="swish")(h)
    h = keras.layers.Dense(16, activation="swish")(h)
    h = keras.layers.Dense(8, activation="swish")(h)
    return keras.models.Model(inputs=il, outputs=keras.layers.Dense(1)(h))


def test_the_table_program():
    keras.backend.clear_session()
    model = table_net()
    model.compile(loss=keras.losses.mse, optimizer="adam")
    lines = []
    model.summary(print_fn=lines.append)
    history = model.fit(X, Y, epochs=2, verbose=0)

    assert model.count_params() == 2017
    assert all(word in lines[0] for word in ("InputLayer", "(None, 32)", "(None, 1)", "2,017"))
    assert history.history["loss"][1] < history.history["loss"][0]
    assert model.predict(X, verbose=0).shape == (120, 1)
    assert isinstance(model.evaluate(X, Y, verbose=0), float)


def test_flatten_in_the_model_equals_reshaping_before():
    pictures = RANDOM.integers(0, 256, size=(60, 4, 4, 3)).astype("float32") / 255
    labels = RANDOM.integers(0, 3, (60, 1))

    def train(first, x):
        keras.backend.clear_session()
        keras.utils.set_random_seed(5)
        model = keras.models.Sequential([*first, layers.Dense(3, activation="softmax")])
        model.compile("adam", "sparse_categorical_crossentropy")
        model.fit(x, labels, epochs=2, verbose=0)
        return model

    inside = train([layers.Input(shape=(4, 4, 3)), layers.Flatten()], pictures)
    before = train([layers.Input(shape=(48,))], pictures.reshape(pictures.shape[0], -1))

    np.testing.assert_equal(inside.get_weights(), before.get_weights())


def test_flatten_alone_has_a_shape_and_no_weights():
    model = keras.models.Sequential()
    model.add(layers.Input(shape=(32, 32, 3)))
    model.add(layers.Flatten())

    assert (model.output_shape, model.count_params()) == ((None, 3072), 0)


@pytest.mark.parametrize("scale", ["by hand", "rescaling", "learned"])
def test_three_ways_of_min_max_scaling_train_alike(scale):
    low, high = X.min(), X.max()

    def make():
        inputs = layers.Input((8,))
        x = inputs
        if scale == "rescaling":
            x = layers.Rescaling(1 / (high - low), offset=-low / (high - low))(x)
        if scale == "learned":
            x = layers.MinMaxScaling(axis=None)(x)
        return keras.Model(inputs, layers.Dense(1)(x))

    keras.utils.set_random_seed(1)
    model = make()
    model.compile("sgd", "mse")
    x = (X - low) / (high - low) if scale == "by hand" else X
    history = model.fit(x, Y, epochs=3, verbose=0, shuffle=False)

    expected = list(history.history["loss"])
    keras.utils.set_random_seed(1)
    plain = keras.Model(*(lambda i: (i, layers.Dense(1)(i)))(layers.Input((8,))))
    plain.compile("sgd", "mse")
    wanted = plain.fit((X - low) / (high - low), Y, epochs=3, verbose=0, shuffle=False)
    np.testing.assert_allclose(expected, wanted.history["loss"], rtol=1e-5)


def test_a_scaling_layer_learns_from_the_training_part_only():
    x = np.arange(100, dtype="float32")[:, None]
    model = keras.Sequential([layers.Input((1,)), layers.MinMaxScaling(), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(x, x, validation_split=0.2, validation_mode="last", epochs=1, verbose=0)

    scaled = model.layers[0](torch.tensor([[0.0], [79.0], [99.0]]))

    torch.testing.assert_close(scaled, torch.tensor([[0.0], [1.0], [99 / 79]]))


def test_one_hot_labels_and_class_numbers_train_alike():
    def train(loss, y):
        keras.utils.set_random_seed(2)
        model = keras.Sequential([layers.Input((8,)), layers.Dense(3, activation="softmax")])
        model.compile("adam", loss, metrics=["accuracy"])
        return model.fit(X, y, epochs=3, verbose=0).history

    one_hot = train("categorical_crossentropy", to_categorical(CLASSES, 3))
    numbers = train("sparse_categorical_crossentropy", CLASSES)

    assert one_hot["accuracy"] == numbers["accuracy"]
    np.testing.assert_allclose(one_hot["loss"], numbers["loss"], rtol=1e-6)


def test_several_inputs_and_outputs():
    def make():
        a, b = layers.Input((8,), name="a"), layers.Input((4,), name="b")
        h = layers.Concatenate()([layers.Dense(8, "relu")(a), layers.Dense(8, "relu")(b)])
        outputs = [layers.Dense(1, name="value")(h), layers.Dense(3, "softmax", name="kind")(h)]
        return keras.Model([a, b], outputs)

    def fit(model, jit):
        model.compile(
            "adam",
            loss={"value": "mse", "kind": "sparse_categorical_crossentropy"},
            metrics={"kind": ["accuracy"], "value": ["mae"]},
            loss_weights={"value": 0.5, "kind": 1.0},
            jit=jit,
        )
        data = {"a": X, "b": X[:, :4]}, {"value": Y, "kind": CLASSES}
        return model.fit(*data, epochs=2, verbose=0, validation_split=0.25)

    model, history = assert_tiers_agree(make, fit)
    last = {key: values[-1] for key, values in history.history.items()}
    names = ["kind_accuracy", "kind_loss", "loss", "value_loss", "value_mae"]
    assert sorted(last) == sorted(names + [f"val_{name}" for name in names])
    total = 0.5 * last["value_loss"] + last["kind_loss"]
    assert last["loss"] == pytest.approx(total, rel=1e-5)
    value, kind = model.predict([X, X[:, :4]], verbose=0)
    assert (value.shape, kind.shape) == ((120, 1), (120, 3))


def test_shared_layers_and_nested_models():
    def make():
        shared, x = layers.Dense(8), layers.Input((8,))
        inner = keras.Sequential([layers.Input((8,)), layers.Dense(4, activation="relu")])
        return keras.Model(x, layers.Dense(1)(inner(shared(shared(x)))))

    model, _ = assert_tiers_agree(make, fit_mse)
    assert model.count_params() == 72 + 36 + 5


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.first = layers.Dense(16, activation="relu")
        self.drop = layers.Dropout(0.5)
        self.rest = [layers.Dense(4), layers.Dense(1)]

    def call(self, x, training=None):
        x = self.drop(self.first(x), training=training)
        for layer in self.rest:
            x = layer(x)
        return x


class Affine(layers.Layer):
    def __init__(self, units=4, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.w = self.add_weight(shape=(input_shape[-1], self.units), initializer="he_normal")
        self.b = self.add_weight(shape=(self.units,), initializer="zeros", trainable=True)

    def call(self, x):
        self.add_loss(0.01 * (x**2).mean())
        return x @ self.w + self.b


def torch_net():
    torch.manual_seed(0)
    x = layers.Input((8,))
    h = torch.relu(torch.nn.Linear(8, 16)(x))
    h = torch.nn.BatchNorm1d(16)(h) * 2 + h[:, :1]
    h = torch.cat([h, x], dim=1).reshape(-1, 24).tanh()
    h = torch.nn.Sequential(torch.nn.Linear(24, 8), torch.nn.Dropout(0.2), torch.nn.ReLU())(h)
    return keras.Model(x, layers.Dense(1)(h))


NETS = {
    "subclassed model": Subclassed,
    "layer of one's own": lambda: keras.Sequential([layers.Input((8,)), Affine(), layers.Dense(1)]),
    "input from the data": lambda: keras.Sequential([Affine(), layers.Dense(1)]),
    "torch modules and functions": torch_net,
    "batch normalization": lambda: keras.Sequential(
        [layers.Input((8,)), layers.Dense(9), layers.BatchNormalization(), layers.Dense(1)]
    ),
}


@pytest.mark.parametrize("make", NETS.values(), ids=NETS)
def test_net_trains_alike_in_both_tiers(make):
    _, history = assert_tiers_agree(make, fit_mse)

    assert history.refusals == []


def test_a_model_trains_in_a_plain_torch_program():
    model = keras.Sequential([layers.Input((8,)), layers.Dense(4, "relu"), layers.Dense(1)])
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    x, y = torch.tensor(X), torch.tensor(Y)
    losses = []
    for _ in range(3):
        loss = (model(x) - y).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())

    assert losses[2] < losses[1] < losses[0]
    assert len(model.state_dict()) == 4
    assert next(model.to("cpu").parameters()).device.type == "cpu"


def test_a_branch_on_values_trains_eagerly_and_says_why():
    class Branch(layers.Layer):
        def call(self, x):
            return x * 2 if x.mean().item() > 1e9 else x

    make = lambda: keras.Sequential([layers.Input((8,)), Branch(), layers.Dense(1)])  # noqa: E731
    _, history = assert_tiers_agree(make, fit_mse, tier="eager")

    (refusal,) = history.refusals
    assert "test_programs.py" in refusal.problem
    assert "reads a tensor's value in Python" in refusal.problem


def test_a_train_step_of_ones_own_is_used():
    class Custom(keras.Model):
        def __init__(self):
            super().__init__()
            self.dense = layers.Dense(1)

        def call(self, x):
            return self.dense(x)

        def train_step(self, data):
            x, y = data
            self.zero_grad()
            loss = self.compute_loss(y=y, y_pred=self(x, training=True))
            loss.backward()
            weights = self.trainable_weights
            self.optimizer.apply([weight.grad for weight in weights], weights)
            return {"loss": loss, "twice": 2 * loss.detach()}

    model = Custom()
    model.compile("sgd", "mse")
    history = model.fit(X, Y, epochs=3, verbose=0)

    assert history.history["twice"][0] == pytest.approx(2 * history.history["loss"][0])
    assert history.history["loss"][-1] < history.history["loss"][0]
    assert "train_step" in history.refusals[0].problem


def test_batch_hooks_see_numbers_only_when_they_look():
    class Look(keras.callbacks.Callback):
        seen: list = []  # noqa: RUF012

        def on_train_batch_end(self, batch, logs=None):
            if batch == 2:
                self.seen.append(logs["loss"])

    model = keras.Sequential([layers.Input((8,)), layers.Dense(1)])
    model.compile("adam", "mse")
    model.fit(X, Y, epochs=1, verbose=0, callbacks=[Look()])

    assert len(Look.seen) == 1
    assert Look.seen[0] > 0


def test_a_learning_rate_set_between_batches_counts_from_the_next_update():
    def train(rate):
        class Stop(keras.callbacks.Callback):
            def on_train_batch_end(self, batch, logs=None):
                self.model.optimizer.learning_rate = rate

        keras.utils.set_random_seed(0)
        model = keras.Sequential([layers.Input((8,)), layers.Dense(1)])
        model.compile(keras.optimizers.SGD(0.1), "mse")
        model.fit(X, Y, epochs=1, verbose=0, callbacks=[Stop()], batch_size=60)
        return model.get_weights()

    keras.utils.set_random_seed(0)
    one_update = keras.Sequential([layers.Input((8,)), layers.Dense(1)])
    one_update.compile(keras.optimizers.SGD(0.1), "mse")
    one_update.fit(X, Y, epochs=1, verbose=0, steps_per_epoch=1, batch_size=60)

    np.testing.assert_allclose(train(1e-30)[0], one_update.get_weights()[0], rtol=1e-6)


def test_metrics_are_exact_over_the_epoch():
    model = keras.Sequential([layers.Input((8,)), layers.Dense(1)])
    model.compile("sgd", "mse", metrics=[keras.metrics.RootMeanSquaredError(name="rmse")])
    results = model.evaluate(X[:50], Y[:50], batch_size=32, verbose=0, return_dict=True)

    squared = (model.predict(X[:50], verbose=0) - Y[:50]) ** 2
    assert results["loss"] == pytest.approx(squared.mean(), rel=1e-5)
    assert results["rmse"] == pytest.approx(np.sqrt(squared.mean()), rel=1e-5)


def test_one_batch_at_a_time():
    model = keras.Sequential([layers.Input((8,)), layers.Dense(1)])
    model.compile("adam", "mse", metrics=["mae"])
    results = [model.train_on_batch(X, Y, return_dict=True) for _ in range(4)]

    assert results[-1]["loss"] < results[0]["loss"]
    assert model.test_on_batch(X, Y, return_dict=True).keys() == {"loss", "mae"}
    assert model.predict_on_batch(X[:3]).shape == (3, 1)


def test_metrics_in_the_place_of_loss_weights_are_told_their_name():
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])

    with pytest.raises(keras.errors.ArgumentError, match=r"metrics=\['mae'\]"):
        model.compile("adam", "mse", ["mae"])
