"""Names of one's own objects: registered or in scope, and never found any other way."""

import re

import pytest

from lamina import layers, saving
from lamina.core import registry
from lamina.core.errors import ArgumentError


@pytest.fixture(autouse=True)
def _own_table(monkeypatch):
    monkeypatch.setattr(registry, "_registered", {})


def twice(x):
    return 2 * x


def test_registered_object_is_found_by_its_name():
    saving.register_keras_serializable("mine")(twice)

    assert saving.get_registered_name(twice) == "mine>twice"
    assert saving.get_registered_object("mine>twice") is twice
    assert saving.get_custom_objects() == {"mine>twice": twice}


def test_name_can_be_chosen_and_package_has_a_default():
    saving.register_keras_serializable(name="double")(twice)

    assert saving.get_registered_name(twice) == "Custom>double"


def test_decorator_returns_the_class_itself():
    @saving.register_keras_serializable("mine")
    class MyDense(layers.Dense):
        pass

    assert issubclass(MyDense, layers.Dense)
    assert saving.get_registered_object("mine>MyDense") is MyDense


def test_unregistered_object_has_its_own_name_and_is_not_found():
    assert saving.get_registered_name(twice) == "twice"
    assert saving.get_registered_object("twice") is None


@pytest.mark.parametrize("name", ["os.system", "builtins.eval", "lamina.layers.Dense", "Dense"])
def test_nothing_is_looked_up_by_the_path_of_a_module(name):
    assert saving.get_registered_object(name) is None


def test_scopes_add_up_and_end():
    with saving.custom_object_scope({"a": 1}), saving.CustomObjectScope({"b": 2}):
        inside = [saving.get_registered_object(name) for name in "ab"]

    assert inside == [1, 2]
    assert saving.get_registered_object("a") is None


def test_scope_comes_before_registered_before_given_names():
    saving.get_custom_objects()["x"] = "registered"
    given = {"x": "given", "y": "given"}
    with saving.custom_object_scope({"x": "scope"}):
        assert saving.get_registered_object("x", given) == "scope"

    assert saving.get_registered_object("x", given) == "registered"
    assert saving.get_registered_object("y", given, {"y": "module"}) == "given"
    assert saving.get_registered_object("z", given, {"z": "module"}) == "module"


def test_known_objects_have_short_names_too():
    saving.register_keras_serializable("mine")(twice)
    with saving.custom_object_scope({"other": 1}):
        known = registry.known_objects()

    assert known == {"twice": twice, "mine>twice": twice, "other": 1}


class Bare:
    """A class without a configuration."""


REFUSALS = {
    "no configuration": (
        lambda: saving.register_keras_serializable()(Bare),
        "class Bare cannot be registered: it has no get_config().\n"
        "  expected: a class whose objects can be written down as a configuration.\n"
        "  fix: add def get_config(self): return {...} to Bare.",
    ),
    "no parentheses": (
        lambda: saving.register_keras_serializable(3),
        "register_keras_serializable(package=3) is not possible.\n"
        "  expected: 'package' as text.\n"
        '  fix: write @register_keras_serializable(package="my_package").',
    ),
    "no dict": (
        lambda: saving.custom_object_scope([1]),
        "CustomObjectScope(custom_objects=[1]) is not possible.\n"
        "  expected: 'custom_objects' as a dict from names to classes or functions.\n"
        '  fix: pass for example {"MyLayer": MyLayer}.',
    ),
}


@pytest.mark.parametrize(("call", "message"), REFUSALS.values(), ids=REFUSALS)
def test_refusal(call, message):
    with pytest.raises(ArgumentError, match=f"^{re.escape(message)}$"):
        call()
