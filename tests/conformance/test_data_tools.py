"""Encoding, padding and packing give what the real Keras gives."""

import numpy as np
import pytest
import torch

from lamina.data.arrays import to_arrays
from lamina.data.encoding import normalize, to_categorical
from lamina.data.sequences import pack_x_y_sample_weight, unpack_x_y_sample_weight
from lamina.data.shapes import fit_shape
from lamina.data.split import train_validation_split
from lamina.data.timeseries import pad_sequences
from lamina.data.weights import class_sample_weight

SEQUENCES = [[1], [2, 3], [], [4, 5, 6]]


def same(ours, theirs):
    assert type(ours) is type(theirs)
    assert ours.dtype == theirs.dtype
    np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize(
    ("x", "num_classes"),
    [
        ([0, 2, 1], None),
        ([0, 2, 1], 4),
        ([[0], [3]], None),
        (np.array([[0, 1], [2, 0]], "uint8"), None),
        ([1.0, 0.0], None),
        (2, 3),
    ],
)
def test_to_categorical_is_that_of_keras(keras, x, num_classes):
    same(to_categorical(x, num_classes), keras.utils.to_categorical(x, num_classes))


@pytest.mark.parametrize("options", [{}, {"order": 1}, {"axis": None}, {"order": 3, "axis": 1}])
@pytest.mark.parametrize("dtype", ["float32", "float64", "int64"])
def test_normalize_is_that_of_keras(keras, options, dtype):
    x = np.array([[3, 4, 1], [0, 0, 0]], dtype)

    same(normalize(x, **options), keras.utils.normalize(x, **options))


@pytest.mark.parametrize("order", [1, 2])
def test_normalize_of_a_tensor_is_that_of_keras(keras, order):
    x = torch.tensor([[3.0, 4.0], [0.0, 0.0]])

    ours, theirs = normalize(x, order=order), keras.utils.normalize(x, order=order)

    torch.testing.assert_close(ours, theirs.cpu())


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"maxlen": 2},
        {"maxlen": 5, "padding": "post", "value": 7},
        {"maxlen": 2, "truncating": "post", "dtype": "float32"},
        {"dtype": "uint8"},
    ],
)
def test_pad_sequences_is_that_of_keras(keras, options):
    same(pad_sequences(SEQUENCES, **options), keras.utils.pad_sequences(SEQUENCES, **options))


@pytest.mark.parametrize("parts", [(1,), ([1],), (1, 2), (1, 2, 3), (1, None, 3)])
def test_packing_is_that_of_keras(keras, parts):
    assert pack_x_y_sample_weight(*parts) == keras.utils.pack_x_y_sample_weight(*parts)


@pytest.mark.parametrize("data", [1, (1,), [1], (1, 2), [1, 2, 3], {"a": 1}])
def test_unpacking_is_that_of_keras(keras, data):
    assert unpack_x_y_sample_weight(data) == keras.utils.unpack_x_y_sample_weight(data)


@pytest.mark.parametrize("y", [[0, 1, 2], [[0], [2], [1]], [0.0, 1.0, 2.0], np.eye(3)])
def test_class_weights_are_those_of_keras(keras, y):
    data_adapter_utils = pytest.importorskip("keras.src.trainers.data_adapters.data_adapter_utils")

    table = {0: 1.0, 1: 2.5, 2: 0.5}
    theirs = data_adapter_utils.class_weight_to_sample_weights(np.array(y), table)

    assert class_sample_weight(torch.tensor(y), table).tolist() == theirs.tolist()


@pytest.mark.parametrize("total", [7, 10, 33])
@pytest.mark.parametrize("share", [0.1, 0.25, 0.3, 0.42, 0.7])
def test_the_last_rows_are_those_of_keras(keras, total, share):
    array_slicing = pytest.importorskip("keras.src.trainers.data_adapters.array_slicing")

    rows = np.arange(total)
    (theirs,), _ = array_slicing.train_validation_split((rows,), share)

    ours, _ = train_validation_split(to_arrays(rows[:, None]), share, seed=0, mode="last")

    assert ours.tolist() == theirs[:].tolist()


@pytest.mark.parametrize(
    ("given", "wanted"), [((4,), (1,)), ((4, 1), ()), ((4, 3, 3), (3, 3, 1)), ((4, 3, 1), (3,))]
)
def test_ranks_are_adjusted_as_in_keras(keras, given, wanted):
    inputs = keras.Input(wanted)
    model = keras.Model(inputs, keras.layers.Identity()(inputs))

    theirs = model(np.zeros(given, "float32"))

    assert fit_shape("x", torch.zeros(given), (None, *wanted)).shape == theirs.shape
