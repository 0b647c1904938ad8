"""What the application as a whole promises: help, version, the catalogue, the demo."""

import pytest

from lamina.cli.main import run
from lamina.core.errors import ArgumentError, StorageError
from lamina.data import catalog
from lamina.version import VERSION


def test_version_is_printed(lamina):
    assert lamina("--version") == (0, f"lamina {VERSION}\n", "")


@pytest.mark.parametrize("arguments", [(), ("train",), ("demo",), ("datasets",)], ids=str)
def test_help_is_everywhere(lamina, arguments):
    ended = lamina(*arguments, "--help")

    assert ended.code == 0
    assert ended.out.startswith("Usage: lamina")


def test_help_lists_the_exit_codes(lamina):
    assert "Exit codes: 0 done" in lamina("--help").out


@pytest.mark.parametrize(
    "arguments", [("tran", "digits"), ("--speed",), ("train", "--depth")], ids=str
)
def test_wrong_usage_is_code_2(lamina, arguments):
    ended = lamina(*arguments)

    assert ended.code == 2
    assert "Usage: lamina" in ended.err


def test_a_misspelt_command_names_the_nearest(lamina):
    assert "Did you mean 'train'?" in lamina("tran", "digits").err


def test_the_catalogue_is_listed(lamina):
    lines = lamina("datasets").out.splitlines()

    assert lines[0].split() == ["name", "task", "examples", "shape", "classes", "source", "here"]
    digits = next(line for line in lines if line.startswith("digits "))
    assert digits.split() == [
        "digits", "classification", "1,437", "+", "360", "8x8", "10", "scikit-learn", "yes",
    ]  # fmt: skip
    assert [line.split()[0].replace("-", "_") for line in lines[1:]] == catalog.names()


def test_a_data_set_that_is_not_here_is_said_to_be_missing(lamina, monkeypatch, tmp_path):
    monkeypatch.setenv("LAMINA_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("LAMINA_DATA", raising=False)

    lines = lamina("datasets").out.splitlines()

    assert next(line for line in lines if line.startswith("cifar10 ")).endswith("no")
    assert not (tmp_path / "cache").exists()


def test_the_demo_falls_back_to_digits(lamina, monkeypatch):
    load = catalog.load

    def without_network(name, **options):
        if name == "fashion-mnist":
            raise StorageError("no mirror answered.", expected="one.", fix="try again.")
        return load(name, **options)

    monkeypatch.setattr(catalog, "load", without_network)

    ended = lamina("demo", "--epochs", "1")

    assert ended.code == 0
    assert "Fashion-MNIST cannot be had here: no mirror answered.\n" in ended.out
    assert "This is `lamina train digits`." in ended.out
    assert ended.out.splitlines()[-3].startswith("test accuracy  0.")
    assert ended.out.splitlines()[-1] == "run folder     runs/digits-mlp-1"


def test_an_error_is_raised_with_debug(lamina):
    with pytest.raises(ArgumentError, match=r"^'digit' is no file or folder here"):
        run(["train", "digit", "--debug"])
