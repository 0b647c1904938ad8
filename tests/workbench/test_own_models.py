import pytest

from lamina.core.errors import ArgumentError
from lamina.data.dataset import Schema
from lamina.workbench import own_models

SCHEMA = Schema("arrays", "classification", class_names=("a", "b"), input_shape=(4,))
GOOD = """
import lamina

def build(schema):
    return lamina.Sequential(
        [lamina.layers.Input(schema.input_shape), lamina.layers.Dense(schema.num_classes)]
    )

def fixed():
    return lamina.Sequential([lamina.layers.Input((4,)), lamina.layers.Dense(3)])

def number(schema):
    return 3

def broken(schema):
    return schema.shape
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(GOOD)
    return path


@pytest.mark.parametrize(
    ("ending", "outputs"), [("", 2), (":build", 2), (":fixed", 3)], ids=["plain", "named", "fixed"]
)
def test_the_function_makes_the_model(file, ending, outputs):
    assert own_models.build(f"{file}{ending}", SCHEMA).output_shape == (None, outputs)


@pytest.mark.parametrize(
    ("ending", "problem", "fix"),
    [
        (":bild", "mine.py has no function 'bild'.", 'did you mean "build"?'),
        (
            ":number",
            "function 'number' of mine.py returned 3.",
            "end it for example with return lamina.Sequential([...]).",
        ),
        (
            ":broken",
            "function 'broken' of mine.py failed: AttributeError: "
            "'Schema' object has no attribute 'shape'",
            "run it by itself, or pass --debug to see where it failed.",
        ),
    ],
)
def test_what_is_wrong_is_said(file, ending, problem, fix):
    with pytest.raises(ArgumentError, match=problem) as caught:
        own_models.build(f"{file}{ending}", SCHEMA)

    assert caught.value.fix == fix


def test_a_file_that_does_not_run_is_said(tmp_path):
    (tmp_path / "mine.py").write_text("import lamima\n")

    with pytest.raises(ArgumentError, match=r"mine.py cannot be run: ModuleNotFoundError: No mod"):
        own_models.build(f"{tmp_path}/mine.py:build", SCHEMA)


def test_a_missing_file_is_said():
    with pytest.raises(ArgumentError, match=r"^'nowhere.py' is no file."):
        own_models.build("nowhere.py:build", SCHEMA)


@pytest.mark.parametrize(
    ("name", "answer"), [("mine.py:build", True), ("mine.py", True), ("cnn", False), ("a:b", False)]
)
def test_own_models_are_told_from_presets(name, answer):
    assert own_models.is_own(name) == answer
