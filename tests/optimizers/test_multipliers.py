"""Learning-rate multipliers of layers: formula, captured equal to eager, files, loops by hand."""

import copy

import numpy as np
import pytest
import torch

import lamina as keras
from lamina import layers, optimizers
from lamina.core.errors import ArgumentError

X = np.random.default_rng(0).normal(size=(18, 3)).astype("float32")
Y = X.sum(1, keepdims=True)
RULES = {
    "sgd": lambda rate: optimizers.SGD(rate, momentum=0.9, weight_decay=0.1),
    "adam": lambda rate: optimizers.Adam(rate, use_ema=True),
    "scaled": lambda rate: optimizers.LossScaleOptimizer(optimizers.Adam(rate), 2.0),
    "muon": lambda rate: optimizers.Muon(rate),
    "schedule": lambda rate: optimizers.SGD(optimizers.schedules.CosineDecay(rate, 10)),
}


def net(multiplier=1.0):
    keras.backend.clear_session()
    keras.utils.set_random_seed(1)
    first = layers.Dense(4, learning_rate_multiplier=multiplier)
    return keras.Sequential([layers.Input((3,)), first, layers.Dense(1)])


def fitted(rule, multiplier, rate=0.01, jit=True, epochs=1):
    model = net(multiplier)
    model.compile(RULES[rule](rate), "mse", jit=jit)
    history = model.fit(X, Y, batch_size=4, epochs=epochs, verbose=0)
    return model, history


@pytest.mark.parametrize("rule", RULES)
def test_captured_step_equals_the_eager_one(rule):
    eager, _ = fitted(rule, 0.5, jit=False, epochs=2)
    captured, history = fitted(rule, 0.5, epochs=2)

    assert all(map(torch.equal, captured.weights, eager.weights))
    assert (history.tier, history.refusals) == ("captured", [])


@pytest.mark.parametrize("rule", ["sgd", "muon", "schedule"])
def test_one_update_is_that_of_a_multiplied_rate(rule):
    def after_one_step(rate, multiplier):
        model = net(multiplier)
        model.compile(RULES[rule](rate), "mse")
        model.train_on_batch(X, Y)
        return [weight.numpy() for weight in model.weights]

    mixed, slow, fast = after_one_step(0.01, 8.0), after_one_step(0.01, 1), after_one_step(0.08, 1)

    np.testing.assert_allclose(mixed[0], fast[0], rtol=1e-5)
    np.testing.assert_array_equal(mixed[2], slow[2])


def test_loops_by_hand_multiply_too():
    layer = layers.Dense(1, use_bias=False, learning_rate_multiplier=10.0)
    before = layer(torch.ones(1, 2)) * 0 + layer.kernel.detach().clone().sum()

    optimizers.SGD(0.1).apply([torch.ones(2, 1)], [layer.kernel])

    torch.testing.assert_close(before.sum() - layer.kernel.sum(), torch.tensor(2.0))


def test_attribute_reaches_inner_layers_and_new_fits():
    model, _ = fitted("adam", 1.0)
    before = model.get_weights()

    model.layers[0].learning_rate_multiplier = 0.0
    model.fit(X, Y, verbose=0)

    assert np.array_equal(before[0], model.get_weights()[0])
    assert not np.array_equal(before[2], model.get_weights()[2])
    model.learning_rate_multiplier = 0.5
    assert [layer.learning_rate_multiplier for layer in model.layers] == [0.5, 0.5]


def test_files_and_copies_keep_it(tmp_path):
    model, _ = fitted("adam", 1.0)
    model.layers[0].learning_rate_multiplier = 4.0
    model.save(tmp_path / "model.lamina")

    again = keras.models.load_model(tmp_path / "model.lamina")

    copies = (again, copy.deepcopy(model), keras.models.clone_model(model))
    assert [one.layers[0].learning_rate_multiplier for one in copies] == [4.0, 4.0, 4.0]
    assert [one.weights[0].learning_rate_multiplier for one in copies] == [4.0, 4.0, 4.0]


def test_negative_multiplier_is_refused():
    with pytest.raises(ArgumentError, match=r"Dense\(learning_rate_multiplier=-1\) is not"):
        layers.Dense(1, learning_rate_multiplier=-1)
