"""Every public name of Keras is here under the same path, or is listed with a reason."""

import importlib
import json
import re
from pathlib import Path
from types import ModuleType

import pytest

import lamina

TABLES = Path(__file__).parent / "data_tables"
NAMES: dict[str, list[str]] = json.loads((TABLES / "keras_names.json").read_text())
TABLE = json.loads((TABLES / "not_offered.json").read_text())
REASONS: dict[str, str] = TABLE["reasons"]
NOT_OFFERED: dict[str, dict[str, str]] = TABLE["names"]

PACKAGE = Path(lamina.__file__).parent
NAMESPACES = sorted(
    str(path.relative_to(PACKAGE)).removesuffix(".py")
    for path in PACKAGE.iterdir()
    if (path.suffix == ".py" and path.stem not in ("__init__", "version"))
    or (path / "__init__.py").exists()
)
OFFERED = [
    (namespace, name)
    for namespace, names in NAMES.items()
    for name in names
    if name not in NOT_OFFERED.get(namespace, {})
]
LEFT_OUT = [
    (space, name, why) for space, names in NOT_OFFERED.items() for name, why in names.items()
]


def imported(namespace: str) -> ModuleType | None:
    try:
        return importlib.import_module(f"lamina.{namespace}")
    except ModuleNotFoundError:
        return None


def is_offered(namespace: str, name: str) -> bool:
    module = imported(namespace)
    return hasattr(module, name) and name in getattr(module, "__all__", [name])


@pytest.mark.parametrize(("namespace", "name"), OFFERED)
def test_keras_name_is_public(namespace, name):
    assert is_offered(namespace, name)


@pytest.mark.parametrize(("namespace", "name", "why"), LEFT_OUT)
def test_name_left_out_is_a_name_of_keras_with_a_reason(namespace, name, why):
    assert name in NAMES[namespace]
    assert why in REASONS


@pytest.mark.parametrize(("namespace", "name", "why"), LEFT_OUT)
def test_name_left_out_is_not_there(namespace, name, why):
    assert not is_offered(namespace, name), f"remove {namespace}.{name} from not_offered.json"


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_every_listed_name_exists(namespace):
    module = importlib.import_module(f"lamina.{namespace}")

    assert [n for n in getattr(module, "__all__", []) if not hasattr(module, n)] == []


@pytest.mark.parametrize("namespace", NAMESPACES)
def test_list_of_public_names_is_sorted_and_has_each_once(namespace):
    listed = list(getattr(importlib.import_module(f"lamina.{namespace}"), "__all__", []))

    assert listed == sorted(set(listed), key=place_in_list)


def place_in_list(name: str) -> tuple:
    """The linter's order: CONSTANTS, Classes, functions, each with numbers in order of size."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    parts = re.split(r"(\d+)", name)
    return kind, [(int(p), "") if p.isdigit() else (0, p) for p in parts]


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("utils.Sequence", "utils.PyDataset"),
        ("utils.custom_object_scope", "utils.CustomObjectScope"),
        ("layers.Convolution2D", "layers.Conv2D"),
        ("layers.MaxPool2D", "layers.MaxPooling2D"),
        ("initializers.glorot_uniform", "initializers.GlorotUniform"),
        ("constraints.max_norm", "constraints.MaxNorm"),
        ("mixed_precision.Policy", "mixed_precision.DTypePolicy"),
        ("saving.register_keras_serializable", "utils.register_keras_serializable"),
        ("backend.clear_session", "utils.clear_session"),
        ("config.floatx", "backend.floatx"),
    ],
)
def test_alias_is_the_same_object(alias, name):
    assert found(alias) is found(name)


def found(path: str) -> object:
    namespace, _, name = path.rpartition(".")
    return getattr(importlib.import_module(f"lamina.{namespace}"), name)
