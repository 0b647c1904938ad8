"""Preprocessing layers compute what Keras's compute, and random ones draw as they promise."""

from typing import Any

import numpy as np
import pytest
import torch
from preprocessing_cases import EXACT, RANDOM, Case
from torch.utils._python_dispatch import TorchDispatchMode

from lamina import layers
from lamina.graph.symbol import new_input

pytestmark = [
    pytest.mark.filterwarnings(f"ignore:{message}")  # both come from within Keras
    for message in (
        "__array__ implementation doesn't accept a copy:DeprecationWarning",
        r"Exception encountered when calling Equalization.call\(\)[\s\S]*Tensor.T is deprecated",
        "Tensor.T is deprecated on 0-D tensors",
    )
]
MIXING = [Case("MixUp", {}), Case("CutMix", {})]
ALWAYS = ("AutoContrast", "Resizing", "CenterCrop", "Rescaling", "Normalization", "RandomCrop")


def named(case: Case) -> str:
    return "-".join([case.kind, *(f"{key}={value}" for key, value in case.config.items())])


# Normalization keeps axes of its own, so it has no notion of one image.
IMAGE_ONLY = [case for case in EXACT if case.kind not in ("Normalization", "Rescaling")]
OWN = {name: getattr(layers, name) for name in layers.__all__}

exact_cases = pytest.mark.parametrize("case", EXACT, ids=named)
random_cases = pytest.mark.parametrize("case", RANDOM, ids=named)
all_cases = pytest.mark.parametrize("case", EXACT + RANDOM, ids=named)


def made(case: Case, **more: Any) -> Any:
    return OWN[case.kind](**case.config, **more)


def images(case: Case) -> np.ndarray:
    random = np.random.default_rng(0)
    return random.uniform(0, case.scale, (case.count, 6, 8, 3)).astype(case.dtype)


def tolerance(case: Case) -> dict[str, float]:
    # Places are counted from -1 to 1 inside, which costs a millionth of a pixel.
    return {"rtol": 1e-5, "atol": 2e-6 * case.scale}


@exact_cases
def test_numbers_are_those_of_keras(keras, case):
    other = getattr(keras.layers, case.kind)(**case.config)
    wanted = other(images(case), training=True).detach().cpu()

    y = made(case)(images(case), training=True)

    torch.testing.assert_close(y, wanted, **tolerance(case))


@pytest.mark.parametrize("case", IMAGE_ONLY, ids=named)
def test_one_image_is_treated_as_in_a_batch(case):
    x = torch.tensor(images(case)[:1])
    layer = made(case)

    assert torch.equal(layer(x[0], training=True), layer(x, training=True)[0])


@random_cases
def test_one_image_is_changed_as_in_a_batch(case):
    x = torch.tensor(images(case)[:1])

    alone = made(case, seed=3)(x[0], training=True)

    assert torch.equal(alone, made(case, seed=3)(x, training=True)[0])


@all_cases
def test_input_is_left_unchanged(case):
    x = torch.tensor(images(case))

    made(case)(x, training=True)

    assert torch.equal(x, torch.tensor(images(case)))


@all_cases
def test_evaluation_leaves_images_alone(case):
    x = torch.tensor(images(case))

    y = made(case)(x, training=False)

    assert case.kind in ALWAYS or torch.equal(y, x)


@all_cases
def test_shape_and_dtype_are_known_before_data_flows(case):
    x = torch.tensor(images(case))
    layer = made(case)

    symbol = layer(new_input((None, *x.shape[1:]), x.dtype, "images"))

    y = layer(x, training=True)
    assert (symbol.shape[1:], symbol.dtype) == (tuple(y.shape[1:]), y.dtype)


@all_cases
def test_configuration_makes_an_equal_layer(case):
    layer = made(case)
    other = type(layer).from_config(layer.get_config())

    assert other.get_config() == layer.get_config()


@all_cases
def test_half_precision_stays_half(case):
    x = torch.tensor(images(case)).bfloat16()

    y = made(case, dtype="bfloat16")(x, training=True)

    assert y.dtype == torch.bfloat16


@random_cases
def test_same_seed_gives_the_same_images(case):
    x = images(case)

    assert torch.equal(made(case, seed=3)(x, training=True), made(case, seed=3)(x, training=True))


@random_cases
def test_training_changes_images(case):
    x = np.repeat(images(case), 8, axis=0)
    layer = made(case, seed=3)

    assert not torch.equal(layer(x, training=True), layer(x, training=False))


@random_cases
def test_every_image_has_its_own_draw(case):
    x = np.repeat(images(case)[:1], 16, axis=0)

    y = made(case, seed=3)(x, training=True)

    assert len(torch.unique(y, dim=0)) > 1


@random_cases
def test_values_stay_in_their_range(case):
    y = made(case, seed=3)(images(case), training=True)

    assert y.min() >= -1e-3
    assert y.max() <= 255 + 1e-3


@random_cases
def test_whole_numbers_give_the_same_images_as_floats(case):
    x = images(case).astype("uint8")

    y = made(case, seed=3)(x, training=True)

    torch.testing.assert_close(y, made(case, seed=3)(x.astype("float32"), training=True))


@random_cases
def test_channels_first_gives_the_same_images(case):
    x = images(case)
    y = made(case, seed=3, data_format="channels_first")(x.transpose(0, 3, 1, 2), training=True)

    torch.testing.assert_close(y.permute(0, 2, 3, 1), made(case, seed=3)(x, training=True))


class Reads(TorchDispatchMode):
    """Counts how often a value is read back from the device."""

    count = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.count += function is torch.ops.aten._local_scalar_dense.default
        return function(*args, **(kwargs or {}))


@pytest.mark.parametrize("case", RANDOM + MIXING, ids=named)
def test_training_reads_no_value_back(case):
    layer, x = made(case), torch.tensor(images(case))
    data = {"images": x, "labels": torch.eye(3)} if case in MIXING else x
    layer(data, training=True)

    with Reads() as reads:
        layer(data, training=True)

    assert reads.count == 0


def keras_transform(keras: Any, kind: str, x: np.ndarray, drawn: dict, **config: Any) -> Any:
    layer = getattr(keras.layers, kind)(**config)
    drawn = {key: torch.tensor(value) for key, value in drawn.items()}
    return layer.transform_images(torch.tensor(x), drawn, training=True).cpu()


def test_a_turn_of_the_hue_is_that_of_keras(keras):
    x = images(Case("RandomHue", {}))
    wanted = keras_transform(keras, "RandomHue", x, {"factor": [0.1, -0.3, 0.45]}, factor=0.5)

    y = layers.RandomHue(0.5).transform(torch.tensor(x), torch.tensor([0.1, -0.3, 0.45]))

    torch.testing.assert_close(y, wanted, rtol=1e-4, atol=1e-3)


def test_a_shear_is_that_of_keras(keras):
    x = images(Case("RandomShear", {}))
    drawn = {"shear_factor": [[0.1, 0.2], [-0.3, 0.0], [0.0, 0.4]]}
    wanted = keras_transform(keras, "RandomShear", x, drawn, x_factor=0.5)
    slant_x, slant_y = torch.tensor(drawn["shear_factor"]).unbind(1)

    rows = [1.0, slant_x, 0.0, slant_y, 1.0, 0.0]
    y = layers.RandomShear(0.5).transform(torch.tensor(x), rows)

    torch.testing.assert_close(y, wanted, rtol=1e-5, atol=1e-3)


def test_a_change_of_contrast_is_that_of_keras(keras):
    x = images(Case("RandomContrast", {}))
    spread = torch.tensor([0.5, 1.0, 1.6])
    drawn = {"contrast_factor": spread.reshape(3, 1, 1, 1).numpy()}
    wanted = keras_transform(keras, "RandomContrast", x, drawn, factor=0.5)

    y = layers.RandomContrast(0.5).transform(torch.tensor(x), spread)

    torch.testing.assert_close(y, wanted, rtol=1e-5, atol=1e-3)


@pytest.mark.parametrize("interpolation", ["bilinear", "nearest"])
def test_a_tilt_is_that_of_keras(keras, interpolation):
    x = torch.tensor(images(Case("RandomPerspective", {})))
    start = torch.tensor([[[0.0, 0.0], [7.0, 0.0], [0.0, 5.0], [7.0, 5.0]]]).repeat(3, 1, 1)
    end = start * torch.tensor([[[1.0, 1.1], [0.8, 1.2], [1.3, 0.7], [1.1, 0.9]]])
    wanted = keras.ops.image.perspective_transform(x, start, end, interpolation, 7.0).cpu()

    layer = layers.RandomPerspective(interpolation=interpolation, fill_value=7.0)
    y = layer.transform(x, (torch.ones(3, 1, 1, 1, dtype=torch.bool), start, end))

    torch.testing.assert_close(y, wanted, rtol=1e-4, atol=1e-2)


def test_solarization_below_a_threshold_is_that_of_keras(keras):
    x = images(Case("Solarization", {}))
    drawn = {
        "additions": np.full((3, 1, 1, 1), 20.0, "float32"),
        "thresholds": np.full((3, 1, 1, 1), 128.0, "float32"),
    }
    wanted = keras_transform(keras, "Solarization", x, drawn)

    parts = [torch.tensor(drawn["additions"]), torch.tensor(drawn["thresholds"])]
    y = layers.Solarization().transform(torch.tensor(x), parts)

    torch.testing.assert_close(y, wanted)


@pytest.mark.parametrize("axis", [-1, None, (1, 2), (0,) * 0])
def test_normalization_learns_what_keras_learns(keras, axis):
    x = np.random.default_rng(0).normal(3, 5, (40, 2, 3)).astype("float32")
    wanted, layer = keras.layers.Normalization(axis=axis), layers.Normalization(axis=axis)
    wanted.adapt(x)

    layer.adapt(x, batch_size=7)

    torch.testing.assert_close(layer(x), wanted(x).cpu(), rtol=1e-5, atol=1e-5)


def test_normalization_takes_the_weights_of_keras(keras):
    x = np.random.default_rng(0).normal(3, 5, (40, 3)).astype("float32")
    other = keras.layers.Normalization()
    other.adapt(x)
    layer = layers.Normalization()
    layer(x)

    layer.set_weights([np.asarray(weight) for weight in other.get_weights()])

    assert layer.is_adapted
    torch.testing.assert_close(layer(x), other(x).cpu(), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("size", [10, 1000])
@pytest.mark.parametrize("num_bins", [1, 2, 5, 10])
def test_discretization_learns_what_keras_learns(keras, size, num_bins):
    x = np.random.default_rng(0).normal(size=(3, size)).astype("float32")
    wanted = keras.layers.Discretization(num_bins=num_bins)
    for batch in x:
        wanted.update_state(batch)
    wanted.finalize_state()
    layer = layers.Discretization(num_bins=num_bins)

    layer.adapt(list(x))

    np.testing.assert_allclose(layer.bin_boundaries, wanted.bin_boundaries, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("mode", ["int", "one_hot", "multi_hot", "count"])
def test_bins_are_those_of_keras(keras, mode):
    x = np.array([[-1.0, 0.0, 0.5], [0.25, 1.0, 7.0]], "float32")
    config = {"bin_boundaries": [0.0, 0.5, 1.0], "output_mode": mode}

    y = layers.Discretization(**config)(x)

    torch.testing.assert_close(y, keras.layers.Discretization(**config)(x).cpu())


@pytest.mark.parametrize("mode", ["one_hot", "multi_hot", "count"])
@pytest.mark.parametrize("shape", [(4,), (4, 1), (4, 3), (2, 3, 2)])
def test_category_encoding_is_that_of_keras(keras, mode, shape):
    x = np.random.default_rng(0).integers(0, 5, shape)

    y = layers.CategoryEncoding(5, mode)(x)

    torch.testing.assert_close(y, keras.layers.CategoryEncoding(5, mode)(x).cpu())


def test_weighted_counts_are_those_of_keras(keras):
    x, weights = np.array([[0, 1], [2, 2]]), np.array([[0.5, 1.0], [2.0, 3.0]], "float32")

    y = layers.CategoryEncoding(3, "count")(x, count_weights=weights)

    wanted = keras.layers.CategoryEncoding(3, "count")(x, count_weights=weights)
    torch.testing.assert_close(y, wanted.cpu())
