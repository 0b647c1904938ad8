"""Nested values are flattened in one order and filled again."""

from collections import OrderedDict, namedtuple

import pytest

from lamina.core import trees

Pair = namedtuple("Pair", "one two")
NESTED = {
    "leaf": (1, [1]),
    "list": ([1, [2, 3]], [1, 2, 3]),
    "tuple": ((1, (2,), ()), [1, 2]),
    "dict": ({"b": 1, "a": [2, {"c": 3}]}, [1, 2, 3]),
    "named": (Pair(1, [2]), [1, 2]),
    "none": ([None, 1], [None, 1]),
    "ordered": (OrderedDict(z=1, a=2), [1, 2]),
}
every_tree = pytest.mark.parametrize(("tree", "leaves"), NESTED.values(), ids=NESTED)


@every_tree
def test_leaves_come_depth_first_in_order_of_insertion(tree, leaves):
    assert trees.leaves(tree) == leaves


@every_tree
def test_refill_is_the_way_back(tree, leaves):
    again = trees.refill(tree, leaves)

    assert again == tree
    assert type(again) is type(tree)


@every_tree
def test_transform_changes_leaves_only(tree, leaves):
    assert trees.leaves(trees.transform(lambda leaf: (leaf,), tree)) == trees.leaves(leaves)


def test_names_of_a_named_tuple_stay():
    assert trees.transform(lambda x: x + 1, Pair(1, 2)).two == 3
