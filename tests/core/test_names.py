"""Words are looked up with suggestions; automatic names follow Keras."""

import re

import pytest

from lamina.core import names
from lamina.core.errors import ArgumentError

TABLE = {"adam": 1, "sgd": 2, "RMSprop": 3}


@pytest.fixture(autouse=True)
def _fresh_names():
    names.clear()


@pytest.mark.parametrize(("word", "entry"), [("adam", 1), ("Adam", 1), ("SGD", 2), ("RMSprop", 3)])
def test_word_is_found_as_it_is_or_in_lower_case(word, entry):
    assert names.look_up("an optimizer", word, TABLE) == entry


def test_unknown_word_comes_with_the_nearest_one():
    message = (
        "'adm' is not an optimizer.\n"
        "  expected: one of RMSprop, adam, sgd.\n"
        '  fix: did you mean "adam"?'
    )

    with pytest.raises(ArgumentError, match=f"^{re.escape(message)}$"):
        names.look_up("an optimizer", "adm", TABLE)


@pytest.mark.parametrize(
    ("word", "known", "sentence"),
    [
        ("batch_size", ["batchsize"], 'did you mean "batchsize"?'),
        ("zzz", ["adam", "sgd"], "choose one of the 2 names above."),
        ("zzz", [], "there is none to choose."),
    ],
)
def test_suggestion(word, known, sentence):
    assert names.suggestion(word, known) == sentence


@pytest.mark.parametrize(
    ("name", "snake"),
    [
        ("Dense", "dense"),
        ("Conv2D", "conv2d"),
        ("Conv2DTranspose", "conv2d_transpose"),
        ("BatchNormalization", "batch_normalization"),
        ("GlobalAveragePooling2D", "global_average_pooling2d"),
        ("LSTM", "lstm"),
        ("ReLU", "re_lu"),
        ("PReLU", "p_re_lu"),
        ("MyHTMLLayer", "my_html_layer"),
    ],
)
def test_class_names_become_the_automatic_names_of_keras(name, snake):
    assert names.to_snake_case(name) == snake


def test_automatic_names_count_up_and_start_again():
    first = [names.unique("dense") for _ in range(3)]
    names.clear()

    assert first == ["dense", "dense_1", "dense_2"]
    assert names.unique("dense") == "dense"


def test_shown_values_are_cut():
    assert names.shown("x" * 100, limit=10) == "'xxxxxxxx…"
