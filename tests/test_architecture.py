"""Floors, sizes, and no unstable torch names outside of core."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "lamina"
FLOORS = [
    {"core"},
    {"files"},
    {"graph"},
    {"layers", "losses", "metrics", "optimizers", "data"},
    {"step"},
    {"preflight"},
    {"train"},
    {"population"},
    {"models"},
    {"recipes"},
    {"report", "serve"},
    {"workbench"},
    {"study"},
    {"cli"},
]
FLOOR_OF = {folder: floor for floor, folders in enumerate(FLOORS) for folder in folders}
RE_EXPORTS = {"datasets", "preprocessing"}  # public namespaces of Keras that are no floor
MOST_LINES = 420
BAD_STEMS = {"utils", "helpers", "common", "misc"}
ALL_FILES = sorted(PACKAGE.rglob("*.py"))
FILES = [f for f in ALL_FILES if f.parent != PACKAGE]
FLOOR_FILES = [f for f in FILES if f.relative_to(PACKAGE).parts[0] not in RE_EXPORTS]
TOP_FILES = [f for f in ALL_FILES if f not in FLOOR_FILES and f.name != "version.py"]
OWN_EXCEPTIONS = {
    # Namespaces whose code is one call a data set; nothing else needs it.
    "datasets",
}


def label(file: Path) -> str:
    return str(file.relative_to(PACKAGE))


def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text())


def imported_names(file: Path) -> set[str]:
    """Dotted names that a file imports, wherever in the file it does so."""
    names = set()
    for node in ast.walk(tree_of(file)):
        if isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return names


def imported_folders(file: Path) -> set[str]:
    """Folders of this package that `file` imports."""
    prefix = f"{PACKAGE.name}."
    own = {
        n.removeprefix(prefix).split(".")[0] for n in imported_names(file) if n.startswith(prefix)
    }
    return own - {"version"}


@pytest.mark.parametrize("file", FLOOR_FILES, ids=label)
def test_imports_only_point_downwards(file):
    own = file.relative_to(PACKAGE).parts[0]
    wrong = {
        other
        for other in imported_folders(file) - {own}
        if FLOOR_OF.get(other, len(FLOORS)) >= FLOOR_OF[own]
    }

    assert wrong == set(), f"{own} may not import {', '.join(sorted(wrong))}"


@pytest.mark.parametrize("file", ALL_FILES, ids=label)
def test_file_is_short(file):
    assert len(file.read_text().splitlines()) <= MOST_LINES


@pytest.mark.parametrize("file", ALL_FILES, ids=label)
def test_file_opens_with_a_docstring_of_at_most_six_lines(file):
    text = ast.get_docstring(tree_of(file))

    assert text
    assert len(text.splitlines()) <= 6


@pytest.mark.parametrize("file", FILES, ids=label)
def test_file_name_is_a_noun(file):
    assert file.stem not in BAD_STEMS
    assert not file.stem.startswith("_") or file.name == "__init__.py"


@pytest.mark.parametrize("file", TOP_FILES, ids=label)
def test_public_namespace_only_re_exports(file):
    defined = [
        node.name
        for node in tree_of(file).body
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name != "__getattr__"
    ]
    allowed = file.relative_to(PACKAGE).parts[0] in OWN_EXCEPTIONS

    assert defined == [] or allowed


@pytest.mark.parametrize("file", ALL_FILES, ids=label)
def test_unstable_torch_names_stay_in_one_file(file):
    exempt = file == PACKAGE / "core" / "private_torch.py"

    assert unstable_names(file) == set() or exempt


def unstable_names(file: Path) -> set[str]:
    """Names such as torch._foo, or imports from torch._dynamo."""
    tree = tree_of(file)
    found = {
        ast.unparse(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr.startswith("_")
        and not node.attr.startswith("__")
        and ast.unparse(node.value).split(".")[0] == "torch"
    }
    imported = {n for n in imported_names(file) if n.startswith("torch.") and "._" in n}
    return found | imported


@pytest.mark.parametrize("file", ALL_FILES, ids=label)
def test_every_error_is_caught_by_its_own_class(file):
    wide = [
        ast.unparse(node).splitlines()[0]
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.ExceptHandler) and is_too_wide(node)
    ]

    assert wide == []


def is_too_wide(handler: ast.ExceptHandler) -> bool:
    """Whether it catches everything, other than to clean up and raise again."""
    kind = "" if handler.type is None else ast.unparse(handler.type)
    last = handler.body[-1]
    raises_again = isinstance(last, ast.Raise) and last.exc is None
    return kind == "Exception" or (kind in ("", "BaseException") and not raises_again)


@pytest.mark.parametrize("file", FLOOR_FILES, ids=label)
def test_own_package_is_imported_outside_of_functions(file):
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    hidden = [
        ast.unparse(node)
        for function in ast.walk(tree_of(file))
        if isinstance(function, functions)
        for node in ast.walk(function)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == PACKAGE.name
    ]

    assert hidden == []
