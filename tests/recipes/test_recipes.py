"""The recipes on pictures of eight pixels a side: built, captured, repeatable, learning."""

import numpy as np
import pytest
import torch

import lamina as keras
from lamina.core.settings import dtype_policy
from lamina.recipes import cnn_fast, mlp, resnet

SMALL = {
    mlp: {"units": 16, "blocks": 1, "shift": 1},
    cnn_fast: {"filters": (8, 8), "shift": 1},
    resnet: {"filters": (4, 8), "shift": 1},
}
RECIPES = pytest.mark.parametrize("recipe", SMALL, ids=lambda module: module.__name__[15:])


@pytest.fixture(scope="module")
def pictures() -> tuple[np.ndarray, np.ndarray]:
    """Forty bright or dark noisy pictures of two classes."""
    source = np.random.default_rng(0)
    y = np.arange(40) % 2
    x = source.integers(0, 120, (40, 8, 8, 3)) + 120 * y[:, None, None, None]
    return x.astype(np.uint8), y


def trained(recipe, pictures, **settings):
    chosen = {"epochs": 3, "batch_size": 20, "policy": "float32", "verbose": 0}
    return recipe.train(pictures, **chosen | SMALL[recipe] | settings)


@RECIPES
def test_recipe_trains_captured(recipe, pictures):
    history = trained(recipe, pictures).history

    assert history.tier == "captured"
    assert history.refusals == []


@RECIPES
def test_loss_falls(recipe, pictures):
    losses = trained(recipe, pictures, epochs=6).history.history["loss"]

    assert losses[-1] < losses[0]


@RECIPES
def test_same_seed_gives_the_same_weights(recipe, pictures):
    first = trained(recipe, pictures, seed=3).model.get_weights()
    second = trained(recipe, pictures, seed=3).model.get_weights()

    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


@RECIPES
def test_another_seed_gives_other_weights(recipe, pictures):
    first = trained(recipe, pictures, epochs=1, seed=3).model.get_weights()
    second = trained(recipe, pictures, epochs=1, seed=4).model.get_weights()

    assert any(not np.array_equal(a, b) for a, b in zip(first, second, strict=True))


@RECIPES
def test_pictures_kept_back_are_counted(recipe, pictures):
    outcome = trained(recipe, pictures, validation=0.25)

    assert round(outcome.validation_accuracy * 10, 6) % 1 == 0


@RECIPES
def test_no_accuracy_where_nothing_was_kept_back(recipe, pictures):
    assert trained(recipe, pictures, epochs=1).validation_accuracy is None


@RECIPES
def test_gray_pictures_without_a_channel_axis_are_taken(recipe, pictures):
    x, y = pictures
    outcome = trained(recipe, (x[..., 0], y), epochs=1)

    assert outcome.model.input_shape == (None, 8, 8, 1)


@RECIPES
def test_policy_is_that_of_before_afterwards(recipe, pictures):
    before = dtype_policy()
    outcome = trained(recipe, pictures, epochs=1, policy="mixed_bfloat16")

    assert outcome.policy == "mixed_bfloat16"
    assert dtype_policy() == before


@RECIPES
def test_outputs_are_float32_whatever_is_computed_in(recipe, pictures):
    model = trained(recipe, pictures, epochs=1, policy="mixed_bfloat16").model

    assert model.predict(pictures[0][:2], verbose=0).dtype == np.float32


@RECIPES
def test_saved_model_says_the_same(recipe, pictures, tmp_path):
    model = trained(recipe, pictures, epochs=1).model
    model.save(tmp_path / "model.lamina")
    loaded = keras.models.load_model(tmp_path / "model.lamina")

    first, second = (m.predict(pictures[0][:4], verbose=0) for m in (model, loaded))
    assert np.array_equal(first, second)


def test_mlp_parameters_are_those_of_its_formula(pictures):
    units, hidden, classes = 16, 64, 2
    stem = 8 * 8 * 3 * units + units
    block = 2 * units + units * hidden + hidden + hidden * units + units
    head = 2 * units + units * classes + classes

    model = mlp.build(pictures[0], classes, units=units, blocks=2)
    assert model.count_params() == stem + 2 * block + head


def test_cnn_fast_trains_all_but_whitening_filters_and_averages(pictures):
    model = cnn_fast.build(pictures[0], 2, filters=(8, 8))
    kernels = 9 * (24 * 8 + 8 * 8 + 8 * 8 + 8 * 8) + 8 * 2

    trainable = sum(weight.numel() for weight in model.trainable_weights)
    assert trainable == kernels + 4 * 8 + 24


def test_cnn_fast_begins_with_whitened_patches(pictures):
    model = cnn_fast.build(pictures[0], 2, filters=(8, 8))
    layer = next(layer for layer in model.layers if "whitening" in layer.name)
    kernel = layer.kernel.detach()

    assert torch.equal(kernel[..., :12], -kernel[..., 12:])
    assert (kernel != 0).any()


def test_resnet_halves_the_picture_from_group_to_group(pictures):
    model = resnet.build(pictures[0], 2, filters=(4, 8, 16))
    shapes = {layer.output.shape[1:] for layer in model.layers if "add" in layer.name}

    assert shapes == {(8, 8, 4), (4, 4, 8), (2, 2, 16)}
