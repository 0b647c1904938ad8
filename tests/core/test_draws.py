"""keras.random: shapes, dtypes, seeds, and the distributions by their moments."""

import copy
import math
import re

import pytest
import torch

from lamina import random
from lamina.core import randomness
from lamina.core.errors import ArgumentError, LaminaError, ShapeError

COUNT = 20_000
DRAWS = {
    "normal": lambda seed: random.normal((4,), seed=seed),
    "uniform": lambda seed: random.uniform((4,), seed=seed),
    "truncated_normal": lambda seed: random.truncated_normal((4,), seed=seed),
    "randint": lambda seed: random.randint((4,), 0, 10**6, seed=seed),
    "categorical": lambda seed: random.categorical(torch.zeros(1, 1000), 4, seed=seed),
    "shuffle": lambda seed: random.shuffle(torch.arange(100), seed=seed),
    "dropout": lambda seed: random.dropout(torch.ones(64), 0.5, seed=seed),
    "binomial": lambda seed: random.binomial((8,), 1000, 0.5, seed=seed),
    "gamma": lambda seed: random.gamma((4,), 2.0, seed=seed),
    "beta": lambda seed: random.beta((4,), 2.0, 3.0, seed=seed),
}
every_draw = pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)


@every_draw
def test_whole_number_gives_the_same_values_at_every_call(draw):
    assert torch.equal(draw(3), draw(3))
    assert not torch.equal(draw(3), draw(4))


@every_draw
def test_seed_generator_goes_on_and_can_be_repeated(draw):
    one, other = random.SeedGenerator(3), random.SeedGenerator(3)
    first, second = draw(one), draw(one)

    assert not torch.equal(first, second)
    assert torch.equal(draw(other), first)
    assert torch.equal(draw(other), second)


@every_draw
def test_without_a_seed_values_come_from_the_stream_of_the_step(draw):
    generator = randomness.step_generator(torch.device("cpu"))
    generator.manual_seed(9)
    first, second = draw(None), draw(None)
    generator.manual_seed(9)

    assert torch.equal(draw(None), first)
    assert not torch.equal(first, second)


@every_draw
def test_global_generator_of_torch_is_left_alone(draw):
    torch.manual_seed(0)
    expected = torch.rand(2)
    torch.manual_seed(0)
    draw(1)

    assert torch.equal(torch.rand(2), expected)


@every_draw
def test_impossible_seed_is_refused(draw):
    with pytest.raises(ArgumentError, match="'seed' as a whole number from 0 to"):
        draw("seven")


# Mean and variance of each distribution; a mean of COUNT values misses by less than five of its
# standard deviations, a variance by less than a tenth.
MOMENTS = {
    "normal": (lambda: random.normal((COUNT,), 2.0, 3.0, seed=1), 2.0, 9.0),
    "uniform": (lambda: random.uniform((COUNT,), -1.0, 3.0, seed=1), 1.0, 16 / 12),
    "randint": (lambda: random.randint((COUNT,), 0, 10, seed=1), 4.5, 99 / 12),
    "binomial": (lambda: random.binomial((COUNT,), 10, 0.3, seed=1), 3.0, 2.1),
    "gamma": (lambda: random.gamma((COUNT,), 2.5, seed=1), 2.5, 2.5),
    "beta": (lambda: random.beta((COUNT,), 2.0, 3.0, seed=1), 0.4, 0.04),
    "dropout": (lambda: random.dropout(torch.ones(COUNT), 0.2, seed=1), 1.0, 0.25),
    "truncated_normal": (
        lambda: random.truncated_normal((COUNT,), 1.0, 2.0, seed=1),
        1.0,
        # 1 - 2·2·φ(2)/(Φ(2) - Φ(-2)), times 2²
        4 * (1 - 4 * math.exp(-2) / math.sqrt(2 * math.pi) / math.erf(math.sqrt(2))),
    ),
}


@pytest.mark.parametrize(("draw", "mean", "variance"), MOMENTS.values(), ids=MOMENTS)
def test_moments(draw, mean, variance):
    x = draw().double()

    assert float(x.mean()) == pytest.approx(mean, abs=5 * math.sqrt(variance / COUNT))
    assert float(x.var()) == pytest.approx(variance, rel=0.1)


def test_truncated_normal_stays_within_two_deviations():
    x = random.truncated_normal((COUNT,), 1.0, 2.0, seed=1)

    assert float(x.min()) >= -3.0
    assert float(x.max()) <= 5.0


def test_categorical_follows_its_logits():
    logits = torch.log(torch.tensor([[0.1, 0.2, 0.7], [0.5, 0.5, 0.0]]))
    drawn = random.categorical(logits, COUNT, seed=1)
    shares = torch.stack([(drawn == k).double().mean(1) for k in range(3)], dim=1)

    torch.testing.assert_close(shares, logits.exp().double(), atol=0.02, rtol=0)
    assert drawn.dtype == torch.int32


def test_shuffle_keeps_slices_whole():
    x = torch.arange(12).reshape(3, 4)
    shuffled = random.shuffle(x, axis=1, seed=2)

    assert sorted(map(tuple, shuffled.T.tolist())) == sorted(map(tuple, x.T.tolist()))


def test_dropout_repeats_its_mask_along_axes_of_size_1():
    x = random.dropout(torch.ones(4, 50), 0.5, noise_shape=(None, 1), seed=1)

    assert torch.equal(x, x[:, :1].expand(4, 50))


@pytest.mark.parametrize(("rate", "expected"), [(0.0, 1.0), (1.0, 0.0)])
def test_dropout_of_nothing_and_of_everything(rate, expected):
    assert torch.equal(random.dropout(torch.ones(3), rate), torch.full((3,), expected))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float64"])
@pytest.mark.parametrize(
    "draw",
    [
        lambda dtype: random.normal((2,), dtype=dtype),
        lambda dtype: random.uniform((2,), dtype=dtype),
        lambda dtype: random.truncated_normal((2,), dtype=dtype),
        lambda dtype: random.binomial((2,), 5, 0.5, dtype=dtype),
        lambda dtype: random.gamma((2,), 2.0, dtype=dtype),
        lambda dtype: random.beta((2,), 2.0, 2.0, dtype=dtype),
    ],
)
def test_dtype_is_the_one_asked_for(draw, dtype):
    assert str(draw(dtype).dtype) == f"torch.{dtype}"


@pytest.mark.parametrize("name", ["normal", "uniform", "truncated_normal"])
def test_shape_is_known_on_meta_tensors(name):
    with torch.device("meta"):
        x = getattr(random, name)((2, 3))

    assert (x.shape, x.device.type) == ((2, 3), "meta")


def test_scalars_can_be_drawn():
    assert random.uniform(()).shape == ()


def test_seed_generator_counts_and_describes_itself():
    generator = random.SeedGenerator(7, name="mine")

    assert generator.next().tolist() == [7, 0]
    assert generator.next().tolist() == [7, 1]
    assert generator.state.tolist() == [7, 2]
    assert generator.get_config() == {"seed": 7, "name": "mine"}
    assert random.SeedGenerator.from_config(generator.get_config()).state.tolist() == [7, 0]


def test_copy_of_a_seed_generator_goes_on_alike():
    generator = random.SeedGenerator(7)
    random.normal((2,), seed=generator)
    twin = copy.deepcopy(generator)

    assert torch.equal(random.normal((2,), seed=twin), random.normal((2,), seed=generator))


def test_seed_generator_without_a_seed_follows_the_seed_of_the_library():
    randomness.set_seed(1)
    first = random.SeedGenerator().state
    randomness.set_seed(1)

    assert torch.equal(random.SeedGenerator().state, first)


REFUSALS = {
    "float": (
        lambda: random.uniform((2,), dtype="int32"),
        ArgumentError,
        "uniform(dtype='int32') is not possible.\n"
        "  expected: 'dtype' as a floating point dtype.\n"
        '  fix: pass for example dtype="float32".',
    ),
    "integer": (
        lambda: random.randint((2,), 0, 3, dtype="float32"),
        ArgumentError,
        "randint(dtype='float32') is not possible.\n"
        "  expected: 'dtype' as an integer dtype.\n"
        '  fix: pass for example dtype="int32".',
    ),
    "empty range": (
        lambda: random.randint((2,), 3, 3),
        ArgumentError,
        "randint(maxval=3) is not possible.\n"
        "  expected: 'maxval' above minval=3: it is not included.\n"
        "  fix: pass for example maxval=4.",
    ),
    "logits": (
        lambda: random.categorical([0.0, 1.0], 2),
        ShapeError,
        "categorical received logits of shape (2,).\n"
        "  expected: two axes, (batch, classes).\n"
        "  fix: pass logits.reshape(-1, num_classes).",
    ),
}


@pytest.mark.parametrize(("call", "kind", "message"), REFUSALS.values(), ids=REFUSALS)
def test_refusal(call, kind, message):
    assert issubclass(kind, LaminaError)
    with pytest.raises(kind, match=f"^{re.escape(message)}$"):
        call()
