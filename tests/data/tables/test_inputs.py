"""The inputs of a model are a function of the schema alone."""

import re

from lamina.data.dataset import Column, Schema
from lamina.data.tables import inputs_of
from lamina.data.tables.cells import LONGEST, as_array


def names(*columns):
    schema = Schema("table", "regression", columns=columns)
    return [one.name for one in inputs_of(schema)]


def test_names_are_unique_and_fit_for_a_model():
    found = names(
        Column("home city", "category"),
        Column("home-city?", "category"),
        Column("Home city", "text"),
        Column("numbers", "category"),
        Column("größe (m²)", "category"),
        Column("東京", "text"),
        Column("x" * 100, "category"),
        Column("x" * 101, "category"),
        Column("gone", "ignored"),
        Column("age", "number"),
    )

    assert found[:6] == ["numbers", "home_city", "home-city", "Home_city_2", "numbers_2", "gr_e_m"]
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", name) for name in found)
    assert len({name.lower() for name in found}) == len(found) == 9


def test_a_table_without_numbers_has_no_input_for_them():
    assert names(Column("a", "category")) == ["a"]


def test_long_texts_are_cut_so_that_one_of_them_costs_no_gigabytes():
    array = as_array(["x" * 100_000, "y", ""])

    assert array.shape == (3, 1)
    assert array.dtype == object  # one string for a cell; equal cells share it
    assert len(array[0, 0]) == LONGEST
    assert array[1:].tolist() == [["y"], [""]]
