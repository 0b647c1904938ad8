"""Labels that a loss cannot compare are refused, whether the preflight looks or not."""

import numpy as np
import pytest

import lamina as keras
from lamina import layers
from lamina.core.finding import FoundError


@pytest.mark.parametrize("shape", [(20,), (20, 1)])
def test_one_unit_is_no_loss_over_classes(shape):
    model = keras.Sequential([layers.Input((3,)), layers.Dense(1, "softmax", name="end")])
    model.compile("adam", keras.losses.CategoricalCrossentropy())
    x, y = np.ones((20, 3), "float32"), (np.arange(20) % 2).reshape(shape)

    with pytest.raises(FoundError, match="has one unit") as caught:
        model.fit(x, y, check="off", verbose=0)

    assert str(caught.value) == (
        "y has the label 0 at row 0, and output 'end' has one unit, which loss "
        "'categorical_crossentropy' takes for the only class.\n"
        "  expected: one unit for each class, at least two.\n"
        '  fix: for yes or no end in Dense(1, activation="sigmoid") and use '
        'loss="binary_crossentropy".'
    )
