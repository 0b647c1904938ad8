"""predict and evaluate with augment: means over views, worked out with NumPy."""

import numpy as np
import pytest

import lamina as keras
from lamina import layers, losses
from lamina.core.errors import ArgumentError, ShapeError

X = np.random.default_rng(0).integers(0, 256, (70, 8, 8, 3)).astype("uint8")
Y = np.random.default_rng(1).integers(0, 3, 70)


@pytest.fixture(scope="module")
def model():
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [layers.Input((8, 8, 3)), layers.Rescaling(1 / 255), layers.Flatten(), layers.Dense(3)]
    )
    loss = losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", loss, metrics=["accuracy"])
    return model


def outputs(model, x):
    return model.predict(np.ascontiguousarray(x), verbose=0)


def mirrored(model, x):
    return (outputs(model, x) + outputs(model, x[:, :, ::-1])) / 2


def moved(x, pixels):
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="reflect")
    return padded[:, 1 - pixels : 9 - pixels, 1 - pixels : 9 - pixels]


WANTED = {
    "mirror": ("mirror", mirrored),
    "shift": (
        "shift",
        lambda m, x: outputs(m, x) / 2 + (outputs(m, moved(x, 1)) + outputs(m, moved(x, -1))) / 4,
    ),
    "both": (
        ["shift", "mirror"],
        lambda m, x: (
            mirrored(m, x) / 2 + (mirrored(m, moved(x, 1)) + mirrored(m, moved(x, -1))) / 4
        ),
    ),
    "function": (
        lambda x: x.flip(1),
        lambda m, x: (outputs(m, x) + outputs(m, x[:, ::-1])) / 2,
    ),
}


@pytest.mark.parametrize(("augment", "wanted"), WANTED.values(), ids=WANTED)
@pytest.mark.parametrize("rows", [3, 70])
def test_outputs_are_means_over_views(model, augment, wanted, rows):
    x = X[:rows]

    for _ in range(2):  # recorded, then replayed
        got = model.predict(x, augment=augment, verbose=0)

    np.testing.assert_allclose(got, wanted(model, x), rtol=1e-4, atol=1e-5)


def test_evaluation_is_that_of_mean_outputs(model):
    before = model.evaluate(X, Y, verbose=0)

    loss, accuracy = model.evaluate(X, Y, verbose=0, augment="mirror")

    mean = mirrored(model, X)
    logs = mean - np.log(np.exp(mean).sum(1, keepdims=True))
    assert accuracy == pytest.approx((mean.argmax(1) == Y).mean(), abs=1e-6)
    assert loss == pytest.approx(-logs[np.arange(70), Y].mean(), rel=1e-4)
    assert model.evaluate(X, Y, verbose=0) == before


def test_unknown_views_are_refused(model):
    with pytest.raises(ArgumentError, match="augment") as caught:
        model.predict(X, augment="mirrors", verbose=0)

    assert str(caught.value) == (
        "predict(augment='mirrors') is not possible.\n"
        "  expected: 'augment' as one of 'mirror', 'shift'.\n"
        '  fix: did you mean "mirror"?'
    )


def test_tables_have_no_views():
    model = keras.Sequential([layers.Input((3,)), layers.Dense(1)])

    with pytest.raises(ShapeError, match="augment") as caught:
        model.predict(np.ones((2, 3), "float32"), augment="mirror", verbose=0)

    assert str(caught.value) == (
        "augment was given for inputs of shape (2, 3).\n"
        "  expected: images, (batch, height, width, channels).\n"
        "  fix: leave augment out, or give the model images."
    )
