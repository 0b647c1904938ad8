"""Rows are divided by class, with a seed, and equal rows are never apart."""

import numpy as np
import pytest

from lamina.data.tables.kinds import understand
from lamina.data.tables.leaks import copies_of
from lamina.data.tables.splitting import divide, row_keys
from tests.data.tables.test_kinds import place

SHARES = {"validation_share": 0.1, "test_share": 0.2, "seed": 1}


def test_every_class_gives_its_share():
    classes = np.repeat([0, 1, 2], [100, 50, 10])

    parts = divide(np.arange(160), classes, **SHARES)

    counts = [np.bincount(classes[part]).tolist() for part in parts]
    assert counts == [[70, 35, 7], [10, 5, 1], [20, 10, 2]]
    assert sorted(np.concatenate(parts)) == list(range(160))


def test_every_class_keeps_a_row_to_learn_from():
    classes = np.repeat([0, 1, 2], [20, 2, 1])

    parts = divide(np.arange(23), classes, **SHARES)

    assert set(classes[parts.train]) == {0, 1, 2}


@pytest.mark.parametrize("seed", range(5))
def test_equal_rows_stay_together(seed):
    keys = np.random.default_rng(seed).integers(0, 40, 200)

    parts = divide(keys, None, **{**SHARES, "seed": seed})

    different = [len(set(keys[part].tolist())) for part in parts]
    assert sum(different) == len(set(keys.tolist()))
    assert len(parts.test) == pytest.approx(40, abs=6)


def test_the_seed_decides():
    one, same, other = (divide(np.arange(50), None, **{**SHARES, "seed": s}) for s in (1, 1, 2))

    assert one.test.tolist() == same.test.tolist() != other.test.tolist()


def test_a_row_of_its_own_never_leaves_the_training_part_empty():
    parts = divide(np.zeros(10, dtype=np.int64), None, **SHARES)

    assert [len(part) for part in parts] == [10, 0, 0]


def test_keys_are_equal_where_all_columns_are():
    a, b = np.array([1, 1, 2, 1]), np.array([5, 5, 5, 6])

    assert len(set(row_keys([a, b], 4).tolist())) == 3
    assert row_keys([a, b], 4)[0] == row_keys([a, b], 4)[1]


CLASSES = np.arange(24) % 3


@pytest.mark.parametrize(
    ("values", "is_copy"),
    [
        ([("red", "green", "blue")[i] for i in CLASSES], True),
        ([str(7 - 2 * i) for i in CLASSES], True),
        ([("red", "green", "green")[i] for i in CLASSES], False),
        ([("red", "green", "blue")[i] for i in [1, *CLASSES[1:]]], False),
        ([str(i + j / 100) for j, i in enumerate(CLASSES)], False),
    ],
)
def test_a_column_that_names_the_class_is_a_copy(values, is_copy):
    found = copies_of([understand(place(values))], np.arange(24), CLASSES, "classification")

    assert (found == {"a"}) == is_copy


AMOUNTS = np.random.default_rng(0).normal(size=24)


@pytest.mark.parametrize(
    ("values", "is_copy"),
    [
        (AMOUNTS * -3 + 1, True),
        (np.exp(AMOUNTS), True),
        (AMOUNTS + 0.1 * np.arange(24) % 2, False),
        (np.where(np.arange(24) == 3, np.nan, AMOUNTS), True),
    ],
)
def test_a_column_that_gives_the_amount_is_a_copy(values, is_copy):
    column = understand(place(values, "number", delimiter=None))

    assert bool(copies_of([column], np.arange(24), AMOUNTS, "regression")) == is_copy
