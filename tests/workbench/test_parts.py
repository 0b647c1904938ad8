import numpy as np
import pytest

from lamina.data.dataset import Column, Dataset, Part, Schema
from lamina.data.loading.catalogue import load_public
from lamina.workbench import parts
from lamina.workbench.facts import facts_of


def table(columns, x, y, task="regression"):
    schema = Schema("table", task, target="y", columns=columns)
    part = Part(x, y, [str(row) for row in range(len(y))])
    return Dataset("t", "T", "t.csv", schema, part, None, part, "0" * 64)


def test_the_validation_part_is_a_tenth_of_each_class():
    divided = parts.divide(load_public("digits"), 1, 0.1)

    kept = np.bincount(divided.validation.y)
    share = kept / (np.bincount(divided.train.y) + kept)
    assert divided.validation.num_examples == 144
    assert share.min() > 0.09
    assert share.max() < 0.11


def test_no_example_is_in_two_parts():
    divided = parts.divide(load_public("iris"), 1, 0.1)

    ids = [*divided.train.ids, *divided.validation.ids, *divided.test.ids]
    assert len(ids) == len(set(ids)) == 150


def test_another_seed_keeps_other_examples():
    dataset = load_public("iris")

    first, second = (parts.divide(dataset, seed, 0.1).validation.ids for seed in (1, 2))
    assert first != second


def test_label_facts_come_from_the_training_part_alone():
    divided = parts.divide(load_public("diabetes"), 1, 0.1)
    facts = facts_of(divided)

    y = divided.train.y.astype(np.float64)
    assert facts.label_mean == pytest.approx(y.mean())
    assert facts.label_deviation == pytest.approx(y.std())
    assert divided.train.y.shape == (317, 1)


def test_free_text_is_left_out_and_said():
    columns = (Column("age", "number"), Column("remark", "text"))
    x = {"numbers": np.ones((4, 1), np.float32), "remark": np.array([["a b"]] * 4)}
    divided = parts.divide(table(columns, x, np.arange(4.0, dtype=np.float32)), 1, 0.25)

    assert list(divided.train.x) == list(divided.test.x) == ["numbers"]
    assert divided.notes == ("left out as free text: remark",)
    assert [column.kind for column in divided.schema.columns] == ["number", "ignored"]


def test_gaps_and_words_are_known_of_the_training_part():
    columns = (Column("age", "number"), Column("city", "category"))
    x = {
        "numbers": np.array([[1.0], [np.nan], [2.0], [3.0]], np.float32),
        "city": np.array([["b"], ["a"], ["b"], [""]]),
    }
    facts = facts_of(table(columns, x, np.arange(4.0, dtype=np.float32)))

    assert facts.inputs[0].has_gaps
    assert facts.inputs[1].words == ("b", "", "a")
