"""Input makes symbolic tensors of the shape and dtype that it is told."""

import pytest
import torch
from torch import nn

from lamina.layers import Dense, Input, InputLayer, InputSpec


@pytest.mark.parametrize(
    ("arguments", "shape"),
    [
        ({"shape": (8,)}, (None, 8)),
        ({"shape": [8, None]}, (None, 8, None)),
        ({"shape": ()}, (None,)),
        ({"shape": torch.Size([3, 4])}, (None, 3, 4)),
        ({"shape": (8,), "batch_size": 5}, (5, 8)),
        ({"batch_shape": (None, 8)}, (None, 8)),
        ({"batch_shape": (5, 8)}, (5, 8)),
    ],
    ids=str,
)
def test_shape_is_the_one_described(arguments, shape):
    assert Input(**arguments).shape == shape
    assert InputLayer(**arguments).batch_shape == shape


@pytest.mark.parametrize(
    ("dtype", "wanted"),
    [
        (None, torch.float32),
        ("int32", torch.int32),
        ("uint8", torch.uint8),
        (torch.float64, torch.float64),
        ("string", torch.int64),
    ],
    ids=str,
)
def test_dtype_is_the_one_described(dtype, wanted):
    assert Input((8,), dtype=dtype).dtype == wanted


def test_name_is_kept():
    assert Input((8,), name="age").name == "age"


def test_a_given_symbolic_tensor_is_returned():
    x = Input((8,))
    assert Input(tensor=x) is x
    assert InputLayer(input_tensor=x).batch_shape == (None, 8)


def test_plain_modules_can_be_called_on_inputs():
    assert nn.Linear(8, 3)(Input((8,))).shape == (None, 3)


def test_a_fixed_batch_size_reaches_the_output():
    assert Dense(3)(Input((8,), batch_size=5)).shape == (5, 3)


def test_input_layer_passes_data_on():
    x = torch.ones(2, 8)
    assert InputLayer((8,))(x) is x


def test_older_names_of_the_shape_are_accepted():
    assert InputLayer(input_shape=(8,)).batch_shape == (None, 8)
    assert InputLayer(batch_input_shape=(5, 8)).batch_shape == (5, 8)


def test_input_layer_is_rebuilt_from_its_configuration():
    layer = InputLayer((8, None), dtype="int32", name="ids")
    again = InputLayer.from_config(layer.get_config())
    assert (again.batch_shape, again.dtype, again.name) == ((None, 8, None), "int32", "ids")


def test_specification_counts_the_axes_of_its_shape():
    spec = InputSpec(shape=(None, 8), dtype="float32")
    assert (spec.ndim, repr(spec)) == (
        2,
        "InputSpec(dtype='float32', shape=(None, 8), ndim=2)",
    )
    assert InputSpec.from_config(spec.get_config()).shape == (None, 8)
