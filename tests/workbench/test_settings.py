import re

import pytest

from lamina.core.errors import ArgumentError, LoadError
from lamina.files.toml import read_toml
from lamina.workbench import plan_file, settings
from lamina.workbench.settings import Settings


def refusal(problem, expected, fix):
    whole = f"{problem}\n  expected: {expected}\n  fix: {fix}"
    return f"^{re.escape(whole)}$"


def test_words_become_values_of_the_right_type():
    words = ["epochs=3", "learning-rate=1e-2", "report=no", "picture_size=48x64", "every=60s"]

    assert settings.from_words(words) == {
        "epochs": 3,
        "learning_rate": 0.01,
        "report": False,
        "picture_size": (48, 64),
        "every": "60s",
    }


def test_a_column_keeps_its_own_name():
    words = ["columns.zip-code=category", "columns.a.b=number"]

    assert settings.from_words(words) == {"columns": {"zip-code": "category", "a.b": "number"}}


def test_later_places_win_and_columns_are_put_together():
    made = settings.gather(
        {"source": "x.csv", "seed": 1, "columns": {"a": "text"}},
        {"seed": 2, "columns": {"b": "date"}},
    )

    assert made == Settings("x.csv", seed=2, columns={"a": "text", "b": "date"})


def test_an_unknown_setting_names_the_nearest():
    message = refusal(
        "'epoch' is not a setting.",
        f"one of {', '.join(sorted(settings.NAMES))}.",
        'did you mean "epochs"?',
    )

    with pytest.raises(ArgumentError, match=message):
        settings.from_words(["epoch=3"])


def test_a_word_without_a_value_is_refused():
    message = refusal(
        "--set 'epochs' is not possible.",
        "the name of a setting, = and its value.",
        "write for example --set epochs=20.",
    )

    with pytest.raises(ArgumentError, match=message):
        settings.from_words(["epochs"])


def test_a_value_of_another_kind_is_refused():
    message = refusal(
        "train(epochs='many') is not possible.",
        "'epochs' as a whole number.",
        "write for example epochs = 20.",
    )

    with pytest.raises(ArgumentError, match=message):
        settings.from_words(["epochs=many"])


@pytest.mark.parametrize(
    "pair",
    [
        {"epochs": 0},
        {"batch_size": 2.5},
        {"learning_rate": float("nan")},
        {"dropout": 1.0},
        {"weight_decay": -1},
        {"width": 0},
        {"seed": -1},
        {"seeds": 0},
        {"validation_share": 1.0},
        {"test_share": 0.0},
        {"augment": "mirror"},
        {"precision": "float16"},
        {"check": "loud"},
        {"ignore": ["nan-inputs"]},
        {"every": "soon"},
        {"picture_size": "3x4x5"},
        {"columns": {"a": "numbers"}},
        {"columns": 3},
        {"task": "ranking"},
        {"report": "maybe"},
    ],
    ids=str,
)
def test_impossible_values_are_refused(pair):
    with pytest.raises(ArgumentError, match=next(iter(pair))):
        settings.make({"source": "digits", **pair})


def test_a_run_needs_a_source():
    with pytest.raises(ArgumentError, match=r"^no source was named to train on."):
        settings.make({})


PLAN = Settings(
    'my "data"\\x.csv',
    target="price in €",
    columns={"zip code": "category", 'a"b': "text"},
    picture_size=(48, 64),
    epochs=3,
    learning_rate=1e-05,
    ignore=("tiny-data",),
    seeds=5,
)


def test_a_plan_says_what_was_decided(tmp_path):
    plan_file.write(PLAN, tmp_path / "plan.toml")

    assert settings.make(plan_file.read(tmp_path / "plan.toml")) == PLAN


def test_a_plan_is_toml():
    assert read_toml(plan_file.dumps(PLAN.to_plan()).encode())["columns"] == dict(PLAN.columns)


def test_a_fault_in_a_plan_is_named_with_its_line(tmp_path):
    (tmp_path / "plan.toml").write_text('source = "digits"\nepoch = 3\n')

    with pytest.raises(LoadError, match=r"line 2: .*epoch.* is not a setting") as caught:
        plan_file.read(tmp_path / "plan.toml")

    assert caught.value.fix == 'did you mean "epochs"?'
