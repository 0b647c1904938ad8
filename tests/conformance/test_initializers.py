"""Initializers have the statistics of their formulas and the signatures of the real Keras."""

import inspect
import math

import numpy as np
import pytest
import torch
from torch.testing import assert_close

from lamina.core import randomness
from lamina.layers import Conv2D, draws, initializers

DENSE, CONV = (40, 60), (3, 3, 20, 30)
FIXED = {
    "Zeros": ({}, 0.0),
    "Ones": ({}, 1.0),
    "Constant": ({"value": 0.3}, 0.3),
}
# Half the width of a uniform distribution, from (fan_in, fan_out).
UNIFORM = {
    "GlorotUniform": lambda i, o: math.sqrt(6 / (i + o)),
    "LecunUniform": lambda i, o: math.sqrt(3 / i),
    "HeUniform": lambda i, o: math.sqrt(6 / i),
}
# Standard deviation of a normal distribution cut off at two deviations.
TRUNCATED = {
    "GlorotNormal": lambda i, o: math.sqrt(2 / (i + o)),
    "LecunNormal": lambda i, o: math.sqrt(1 / i),
    "HeNormal": lambda i, o: math.sqrt(2 / i),
}
RANDOM = ["RandomUniform", "RandomNormal", "TruncatedNormal", "VarianceScaling", "Orthogonal"]
RANDOM += [*UNIFORM, *TRUNCATED]
SHAPES = {"dense": (DENSE, (40, 60)), "conv": (CONV, (180, 270)), "bias": ((50,), (50, 50))}
every_shape = pytest.mark.parametrize(("shape", "fans"), SHAPES.values(), ids=SHAPES)
every_class = pytest.mark.parametrize("name", initializers.CLASSES)


def make(name, **options):
    return initializers.CLASSES[name](**options)


def test_every_initializer_has_a_row():
    assert set(initializers.CLASSES) == {
        *FIXED,
        *RANDOM,
        "Dirac",
        "Identity",
        "STFT",
        "Initializer",
    }


def test_every_name_of_keras_is_known(keras):
    public = {name for name in dir(keras.initializers) if not name.startswith("_")}
    functions = {"get", "serialize", "deserialize"}

    assert public - functions <= set(initializers.NAMES)
    assert public <= set(dir(initializers))


@pytest.mark.parametrize("name", sorted(initializers.CLASSES.keys() - {"Dirac"}))
def test_signature_is_that_of_keras(keras, name):
    ours = inspect.signature(initializers.CLASSES[name]).parameters
    theirs = inspect.signature(getattr(keras.initializers, name)).parameters

    assert {k: p.default for k, p in ours.items()} == {k: p.default for k, p in theirs.items()}


@pytest.mark.parametrize(("name", "row"), FIXED.items(), ids=FIXED)
def test_fixed_values(name, row):
    assert_close(make(name, **row[0])((2, 3)), torch.full((2, 3), row[1]))


@every_shape
def test_fans_are_those_of_keras(keras, shape, fans):
    from keras.src.initializers.random_initializers import compute_fans  # noqa: PLC0415

    assert draws.fans(shape) == compute_fans(shape) == fans


def test_fans_along_chosen_axes():
    assert draws.fans((2, 3, 4), input_axes=(0,), output_axes=(1, 2)) == (2, 12)


@every_shape
@pytest.mark.parametrize("name", UNIFORM)
def test_uniform_rules_fill_their_interval(name, shape, fans):
    values = make(name, seed=1)(shape)
    limit = UNIFORM[name](*fans)

    assert values.abs().max() <= limit
    assert values.abs().max() > 0.85 * limit
    # The standard error of this estimate is below 0.13 with 50 values.
    assert_close(values.std().item(), limit / math.sqrt(3), rtol=0.25, atol=0)


@every_shape
@pytest.mark.parametrize("name", TRUNCATED)
def test_normal_rules_have_their_deviation(name, shape, fans):
    values = make(name, seed=1)(shape)
    deviation = TRUNCATED[name](*fans)

    assert values.abs().max() <= 2 * deviation / 0.8796 * 1.0001
    assert_close(values.std().item(), deviation, rtol=0.25, atol=0)


@pytest.mark.parametrize(
    ("name", "options", "mean", "deviation"),
    [
        ("RandomUniform", {"minval": 1.0, "maxval": 3.0}, 2.0, 2 / math.sqrt(12)),
        ("RandomNormal", {"mean": 1.0, "stddev": 0.5}, 1.0, 0.5),
        ("TruncatedNormal", {"mean": 1.0, "stddev": 0.5}, 1.0, 0.5 * 0.87962566),
        ("VarianceScaling", {"scale": 2.0, "mode": "fan_out"}, 0.0, math.sqrt(2 / 60)),
        ("VarianceScaling", {"distribution": "untruncated_normal"}, 0.0, math.sqrt(1 / 40)),
        ("VarianceScaling", {"mode": "fan_avg", "distribution": "uniform"}, 0.0, math.sqrt(0.02)),
    ],
)
def test_random_values_have_mean_and_deviation(name, options, mean, deviation):
    values = make(name, seed=2, **options)(DENSE)

    # 2400 values: three standard errors.
    assert abs(values.mean().item() - mean) < 3 * deviation / math.sqrt(2400)
    assert_close(values.std().item(), deviation, rtol=0.05, atol=0)


def test_truncated_values_are_spread_as_the_normal_distribution():
    values = make("TruncatedNormal", stddev=1.0, seed=3)((20000,))
    inside = math.erf(1 / math.sqrt(2)) / math.erf(math.sqrt(2))

    assert_close((values.abs() < 1).float().mean().item(), inside, rtol=0.015, atol=0)


@pytest.mark.parametrize("shape", [(6, 4), (4, 6), (2, 3, 5), (2, 2, 8)])
def test_orthogonal_vectors_stand_at_right_angles(shape):
    matrix = make("Orthogonal", gain=2.0, seed=1)(shape).reshape(-1, shape[-1])
    small = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T

    assert_close(small @ small.T, 4.0 * torch.eye(small.shape[0]))


def test_identity_has_its_gain_on_the_diagonal():
    assert_close(make("Identity", gain=0.5)((2, 3)), 0.5 * torch.eye(2, 3))


@pytest.mark.parametrize("side", ["real", "imag"])
@pytest.mark.parametrize("scaling", ["density", "spectrum", None])
@pytest.mark.parametrize("window", ["hann", "hamming", None])
def test_stft_is_that_of_keras(keras, side, scaling, window):
    options = {"side": side, "scaling": scaling, "window": window, "periodic": True}
    wanted = keras.initializers.STFT(**options)((16, 1, 9))

    # Keras takes angles of up to 50 in float32.
    assert_close(make("STFT", **options)((16, 1, 9)), wanted, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", RANDOM)
def test_a_seed_repeats_and_none_goes_on(name):
    seeded, free = make(name, seed=7), make(name)

    assert torch.equal(seeded((4, 5)), seeded((4, 5)))
    assert not torch.equal(free((4, 5)), free((4, 5)))


@pytest.mark.parametrize("name", RANDOM)
def test_the_global_seed_repeats_everything(name):
    randomness.set_seed(5)
    first = make(name)((4, 5))
    randomness.set_seed(5)

    assert torch.equal(make(name)((4, 5)), first)


class Numbers:
    """What keras.random.SeedGenerator offers."""

    def __init__(self):
        self.drawn = 0

    def next(self):
        self.drawn += 1
        return np.array([self.drawn, 0])


def test_a_seed_generator_is_asked_at_each_call():
    seed = Numbers()
    initializer = make("RandomNormal", seed=seed)

    assert not torch.equal(initializer((4,)), initializer((4,)))
    assert seed.drawn == 2


@pytest.mark.parametrize("name", [*FIXED, *RANDOM])
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_dtype_is_the_one_asked_for(name, dtype):
    assert make(name)((3, 4), dtype=dtype).dtype == getattr(torch, dtype)


@pytest.mark.parametrize("name", [*FIXED, *RANDOM])
def test_shapes_are_known_without_values(name):
    with torch.device("meta"):
        values = make(name)((3, 4))

    assert values.shape == (3, 4)
    assert values.is_meta


@every_class
def test_configuration_makes_an_equal_initializer(name):
    initializer = make(name)

    again = initializers.deserialize(initializers.serialize(initializer))

    assert type(again) is type(initializer)
    assert again.get_config() == initializer.get_config()


def test_arrays_classes_and_functions_are_initializers():
    array = np.arange(3.0)

    assert initializers.get(array)((3,)).tolist() == [0.0, 1.0, 2.0]
    assert isinstance(initializers.get(initializers.Ones), initializers.Ones)
    assert initializers.get(torch.zeros) is torch.zeros
    assert initializers.get(None) is None


@pytest.mark.parametrize("shape", [(3, 3, 4, 6), (3, 3, 6, 4), (2, 5, 5), (3, 4)])
def test_dirac_is_that_of_torch_and_leaves_the_rest_alone(shape):
    values = make("Dirac", rest="ones")(shape)

    same = min(shape[-2:])
    if len(shape) == 2:
        wanted = torch.eye(*shape)
    else:
        kernel = torch.nn.init.dirac_(torch.empty(shape[-1], shape[-2], *shape[:-2]))
        wanted = kernel.permute(*range(2, len(shape)), 1, 0)
    assert_close(values[..., :same], wanted[..., :same])
    assert (values[..., same:] == 1).all()


def test_a_convolution_that_starts_as_dirac_hands_its_input_on():
    layer = Conv2D(5, 3, padding="same", kernel_initializer=make("Dirac", rest="he_normal"))
    x = torch.randn(2, 6, 6, 3)

    assert_close(layer(x)[..., :3], x)
