"""Several inputs and outputs are matched by position or by name."""

import numpy as np
import pytest
import torch

from lamina.core.errors import DataError
from lamina.data.arrays import to_arrays
from lamina.data.matching import is_branch

LEFT, RIGHT = np.zeros((4, 2)), np.ones((4, 3))


@pytest.mark.parametrize(
    "x",
    [
        [LEFT, RIGHT],
        (LEFT, RIGHT),
        {"left": LEFT, "right": RIGHT},
        {"right": RIGHT, "left": LEFT},
        {"right": RIGHT, "left": LEFT, "unused": [1]},
    ],
)
def test_lists_and_dicts_come_in_the_order_of_the_inputs(x):
    arrays = to_arrays(x, input_names=["left", "right"], input_shapes=[(None, 2), (None, 3)])

    assert [tuple(leaf.shape) for leaf in arrays.x] == [(4, 2), (4, 3)]


@pytest.mark.parametrize("x", [LEFT, [LEFT], {"left": LEFT}])
def test_one_input_gives_one_tensor(x):
    assert to_arrays(x, input_names=["left"]).x.shape == (4, 2)


def test_lists_of_numbers_are_inputs_where_the_model_has_several():
    arrays = to_arrays([[1, 2, 3], [4, 5, 6]], input_names=["left", "right"])

    assert [leaf.tolist() for leaf in arrays.x] == [[1, 2, 3], [4, 5, 6]]


def test_unknown_names_leave_the_nesting_as_it_is():
    arrays = to_arrays({"a": LEFT, "b": [RIGHT, RIGHT]})

    assert set(arrays.x) == {"a", "b"}
    assert [leaf.shape for leaf in arrays.x["b"]] == [(4, 3), (4, 3)]


@pytest.mark.parametrize("y", [[LEFT, RIGHT], {"q": RIGHT, "p": LEFT}])
def test_labels_are_matched_with_outputs(y):
    arrays = to_arrays(LEFT, y, output_names=["p", "q"])

    assert [tuple(leaf.shape) for leaf in arrays.y] == [(4, 2), (4, 3)]


def test_swapped_inputs_are_noted():
    with pytest.raises(DataError, match="x\\[0\\] has 3 features per sample, input 'a'") as caught:
        to_arrays([RIGHT, LEFT], input_names=["a", "b"], input_shapes=[(None, 2), (None, 3)])

    assert caught.value.__notes__ == ["  where: it would fit input 'b'; the inputs may be swapped."]


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        ([LEFT, RIGHT], True),
        ({"a": 1}, True),
        ([[LEFT], LEFT], True),
        ([[1, 2], [3, 4]], False),
        ([1, 2], False),
        ([torch.tensor(1.0)], False),
        ([], False),
        (LEFT, False),
    ],
)
def test_a_branch_holds_arrays_rather_than_numbers(value, answer):
    assert is_branch(value) is answer
