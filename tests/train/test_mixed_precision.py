"""Half precision through fit, evaluate, predict and files: captured, equal to eager."""

import numpy as np
import pytest
import torch

import lamina as keras
from lamina import layers, losses, optimizers
from lamina.step.runner import Runner

POLICIES = ["mixed_bfloat16", "mixed_float16", "bfloat16"]
X = np.random.default_rng(0).integers(0, 256, (40, 8, 8, 3)).astype("uint8")
Y = np.random.default_rng(1).integers(0, 4, 40)


@pytest.fixture
def policy(request):
    before = keras.mixed_precision.global_policy()
    keras.mixed_precision.set_global_policy(request.param)
    yield request.param
    keras.mixed_precision.set_global_policy(before)


def net():
    keras.backend.clear_session()
    keras.utils.set_random_seed(3)
    return keras.Sequential(
        [
            layers.Input((8, 8, 3)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(8, 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.Activation("gelu"),
            layers.MaxPooling2D(),
            layers.Conv2D(8, 3, padding="same"),
            layers.LayerNormalization(),
            layers.GlobalAveragePooling2D(),
            layers.Dropout(0.2),
            layers.Dense(4, dtype="float32"),
        ]
    )


def compiled(model, jit=True, optimizer="adam"):
    loss = losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer, loss, metrics=["accuracy"], jit=jit)
    return model


def trained(jit):
    model = compiled(net(), jit)
    history = model.fit(X, Y, batch_size=8, epochs=2, verbose=0)
    return model, history


@pytest.mark.parametrize("policy", POLICIES, indirect=True)
def test_captured_step_equals_the_eager_one(policy):
    eager, first = trained(False)
    captured, second = trained(True)

    np.testing.assert_equal(second.history, first.history)
    assert all(map(torch.equal, captured.weights, eager.weights))
    assert (second.tier, second.refusals) == ("captured", [])


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"], indirect=True)
def test_weights_and_memory_are_float32(policy):
    model, _ = trained(True)

    kinds = {weight.dtype for weight in model.weights}
    kinds |= {slot.dtype for _, _, slot in model.session().state.slots()}
    assert kinds == {torch.float32}


@pytest.mark.parametrize("policy", POLICIES, indirect=True)
def test_files_give_back_the_same_model(policy, tmp_path):
    model, _ = trained(True)
    model.save(tmp_path / "model.lamina")

    again = keras.models.load_model(tmp_path / "model.lamina")

    np.testing.assert_array_equal(again.predict(X, verbose=0), model.predict(X, verbose=0))
    assert again.evaluate(X, Y, verbose=0) == model.evaluate(X, Y, verbose=0)
    assert type(again.optimizer) is type(model.optimizer)
    assert again.layers[1].dtype_policy == model.layers[1].dtype_policy


@pytest.mark.parametrize("policy", ["mixed_bfloat16"], indirect=True)
def test_loss_is_near_that_of_float32(policy):
    _, half = trained(True)
    keras.mixed_precision.set_global_policy("float32")
    _, whole = trained(True)

    np.testing.assert_allclose(half.history["loss"], whole.history["loss"], rtol=0.01)


@pytest.mark.parametrize("policy", ["mixed_bfloat16"], indirect=True)
def test_batch_normalization_takes_half_precision_and_keeps_wide_sums(policy, monkeypatch):
    made = []
    original = Runner._capture

    def watched(self, key, recording):
        made.append(recording)
        original(self, key, recording)

    monkeypatch.setattr(Runner, "_capture", watched)
    trained(True)

    calls = made[0].calls
    norms = [call for call in calls if call.name.startswith("aten.native_batch_norm")]
    kinds = {made[0].layouts[call.args[0]].dtype for call in norms}
    assert (len(norms), kinds) == (2, {torch.bfloat16})
    statistics = {made[0].layouts[ref].dtype for ref in norms[0].results[1:]}
    assert statistics == {torch.float32}


@pytest.mark.parametrize("policy", ["mixed_float16"], indirect=True)
def test_float16_scales_its_loss_unless_told_otherwise(policy):
    model = net()
    model.compile("sgd", "mse")
    assert isinstance(model.optimizer, optimizers.LossScaleOptimizer)

    model.compile("sgd", "mse", auto_scale_loss=False)
    assert isinstance(model.optimizer, optimizers.SGD)


def scaled_fit(x, jit, **options):
    keras.backend.clear_session()
    keras.utils.set_random_seed(5)
    model = keras.Sequential([layers.Input((3,)), layers.Dense(1)])
    inner = optimizers.Adam(0.1, use_ema=True, clipnorm=1.0)
    model.compile(optimizers.LossScaleOptimizer(inner, **options), "mse", jit=jit)
    y = x.sum(1, keepdims=True)
    model.fit(x, y, batch_size=4, epochs=1, verbose=0, nan="allow", check="off")
    return model


def test_scale_doubles_after_finite_updates_and_changes_nothing_else():
    x = np.random.default_rng(2).normal(size=(24, 3)).astype("float32")

    plain = scaled_fit(x, True, initial_scale=1.0, dynamic_growth_steps=100)
    scaled = scaled_fit(x, True, initial_scale=4.0, dynamic_growth_steps=3)

    assert (float(scaled.optimizer.dynamic_scale), int(scaled.optimizer.step_counter)) == (16.0, 0)
    assert all(map(torch.equal, plain.weights, scaled.weights))


@pytest.mark.parametrize("jit", [True, False])
def test_update_with_an_infinite_gradient_is_taken_back(jit):
    x = np.random.default_rng(2).normal(size=(24, 3)).astype("float32")
    broken = x.copy()
    broken[:4] = np.inf
    broken = np.concatenate([broken, np.full_like(x, np.inf)])

    model = scaled_fit(broken, jit, initial_scale=2.0**20, dynamic_growth_steps=100)

    assert all(torch.isfinite(weight).all() for weight in model.weights)
    assert all(torch.isfinite(slot).all() for _, _, slot in model.session().state.slots())
    skipped = 20 - np.log2(float(model.optimizer.dynamic_scale))
    assert skipped >= 7


def test_scaled_steps_are_captured_and_equal_to_eager():
    x = np.random.default_rng(2).normal(size=(24, 3)).astype("float32")
    eager, captured = (scaled_fit(x, jit, initial_scale=8.0) for jit in (False, True))

    assert all(map(torch.equal, eager.weights, captured.weights))
    assert torch.equal(eager.optimizer.dynamic_scale, captured.optimizer.dynamic_scale)
