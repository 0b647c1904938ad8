import numpy as np
import pytest

from lamina.core import randomness
from lamina.data.loading.catalogue import load_public
from lamina.optimizers import Adam, AdamW
from lamina.optimizers.schedules import CosineDecay
from lamina.workbench import choosing, parts, training
from lamina.workbench.facts import facts_of
from lamina.workbench.settings import Settings


@pytest.fixture(autouse=True)
def same_seed_after():
    yield
    randomness.set_seed(0)


@pytest.fixture(scope="module")
def digits():
    divided = parts.divide(load_public("digits"), 1, 0.1)
    return divided, facts_of(divided)


def made(digits, **asked):
    decided = choosing.decide(Settings("digits", **asked), digits[1])
    return decided, training.make_model(decided, digits[1], digits[0])


def test_a_model_trained_in_half_precision_answers_in_float32(digits):
    decided, model = made(digits, model="cnn", width=0.25, precision="bfloat16", epochs=1)
    x = digits[0].test.x[:32]

    whole = training.finished(model, decided, digits[1])

    policies = {layer.dtype_policy.name for layer in whole.layers[1:]}
    assert policies == {"float32"}
    np.testing.assert_allclose(
        whole.predict(x, verbose=0), model.predict(x, verbose=0), atol=0.02
    )  # bfloat16 keeps 8 bits


def test_a_float32_model_is_the_one_that_was_trained(digits):
    decided, model = made(digits, model="linear")

    assert training.finished(model, decided, digits[1]) is model


@pytest.mark.parametrize(("decay", "kind"), [(0.0, Adam), (0.5, AdamW)])
def test_weights_shrink_where_asked_for(digits, decay, kind):
    _, model = made(digits, model="linear", weight_decay=decay)

    assert type(model.optimizer) is kind


def test_the_learning_rate_rises_then_falls_to_zero(digits):
    # 1,293 examples in batches of 128 for 10 epochs are 110 updates, 11 of them warm-up
    asked = {"epochs": 10, "batch_size": 128, "learning_rate": 0.5, "warmup": 0.1}
    _, model = made(digits, model="linear", **asked)
    rate = CosineDecay.from_config(model.optimizer.get_config()["learning_rate"]["config"])

    assert [float(rate(step)) for step in (0, 11, 110)] == pytest.approx([0.02, 0.5, 0.0])


def test_the_same_seed_makes_the_same_weights(digits):
    first, second = (made(digits, model="mlp", seed=3)[1].get_weights() for _ in range(2))

    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))
