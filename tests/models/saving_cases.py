"""Models of every structure, and how files and copies of them are compared."""

import numpy as np
import torch

import lamina as keras
from lamina import layers
from lamina.models import load_model

RNG = np.random.default_rng(3)
ROWS = RNG.normal(size=(12, 4)).astype("float32")
CLASSES = RNG.integers(0, 3, 12)


def small(optimizer="adam", **compiled):
    """A compiled classifier with state and randomness of its own."""
    model = keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(5, activation="relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.2),
            layers.Dense(3, activation="softmax"),
        ]
    )
    options = {"loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"], **compiled}
    model.compile(optimizer=optimizer, **options)
    return model


def trained(model, epochs=2):
    keras.utils.set_random_seed(5)
    model.fit(ROWS, CLASSES, epochs=epochs, batch_size=5, verbose=0)
    return model


def reloaded(model, folder, **options):
    path = folder / "m.lamina"
    model.save(path)
    return load_model(path, **options)


def same_weights(one, other):
    assert list(one.state_dict()) == list(other.state_dict())
    for name, value in one.state_dict().items():
        torch.testing.assert_close(value, other.state_dict()[name], rtol=0, atol=0, msg=name)


def of_layer(layer):
    x = keras.Input((4,))
    return keras.Model(x, layer(x))


def two_of_each():
    a, b = keras.Input((4,), name="a"), keras.Input((3,), name="b")
    joined = layers.Concatenate()([a, b])
    return keras.Model({"a": a, "b": b}, {"p": layers.Dense(1)(joined), "q": layers.Dense(2)(a)})


def shared():
    x, layer = keras.Input((4,)), layers.Dense(4)
    return keras.Model(x, layer(layer(x)))


def nested():
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.BatchNormalization()])
    outer = keras.Sequential([keras.Input((4,)), inner, layers.Dense(2)])
    x = keras.Input((4,))
    return keras.Model(x, outer(x) + inner(x).sum(-1, keepdim=True))


def functions():
    x = keras.Input((4,))
    y = torch.cat([x[:, 1:3], x[..., ::2], torch.relu(x)], dim=-1)
    y = (2 - y) / (y.abs() + 1) ** 2
    y = y.reshape(-1, 8).transpose(0, 1).T @ torch.ones(8, 3)
    return keras.Model(x, torch.where(y > 0, y, torch.nn.functional.gelu(y)).to(torch.float64))


def trained_constant():
    x, scale = keras.Input((4,)), torch.nn.Parameter(torch.arange(4.0))
    return keras.Model(x, x * scale + scale)


def several_results():
    x = keras.Input((4,))
    first, second = torch.split(x, 2, dim=-1)
    values, places = x.topk(2)
    return keras.Model(x, [first, (second, values), places])


def from_the_middle():
    x = keras.Input((4,))
    middle = layers.Dense(4)(x)
    return keras.Model(middle, layers.Dense(2)(middle))


def special_arguments():
    x = keras.Input((4,))
    dense = layers.Dense(
        4,
        kernel_initializer=keras.initializers.Constant(np.ones((4, 4))),
        kernel_constraint=keras.constraints.MaxNorm(2.0),
        activation=torch.tanh,
        bias_regularizer=keras.regularizers.L1L2(0.1, 0.2),
        dtype="mixed_bfloat16",
    )
    return keras.Model(x, layers.ReLU(max_value=6.0)(dense(x)))


def frozen():
    model = nested()
    model.layers[1].trainable = False
    return model


STRUCTURES = [
    two_of_each,
    shared,
    nested,
    functions,
    trained_constant,
    several_results,
    from_the_middle,
    special_arguments,
    frozen,
]


def _inputs(model):
    values = [np.ones((2, *shape.shape[1:]), "float32") * 0.3 for shape in model.inputs]
    return values if len(values) > 1 else values[0]


def outputs(model):
    return model.predict(_inputs(model), verbose=0)
