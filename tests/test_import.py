"""Importing the package is light and changes nothing outside it."""

import json
import subprocess
import sys

import pytest

SLOW_PACKAGES = [
    "IPython",
    "PIL",
    "jinja2",
    "keras",
    "matplotlib",
    "narwhals",
    "pandas",
    "polars",
    "rich",
    "scipy",
    "sklearn",
    "tensorboard",
    "typer",
]
PROGRAM = """
import json, logging, os, random, sys
import numpy, torch
before = {
    "environment": dict(os.environ),
    "handlers": len(logging.getLogger().handlers),
    "random": random.getstate()[1][:3],
    "numpy": numpy.random.get_state()[1][:3].tolist(),
    "torch": torch.initial_seed(),
    "dtype": str(torch.get_default_dtype()),
    "threads": torch.get_num_threads(),
    "grad": torch.is_grad_enabled(),
    "cuda": torch.cuda.is_initialized(),
}
loaded = set(sys.modules)
import lamina
listed = [name for name in lamina.__all__ if name not in dir(lamina)]
missing = [name for name in lamina.__all__ if not hasattr(lamina, name)]
import lamina.utils, lamina.datasets, lamina.preprocessing.image, lamina.random, lamina.config
after = {
    "environment": dict(os.environ),
    "handlers": len(logging.getLogger().handlers),
    "random": random.getstate()[1][:3],
    "numpy": numpy.random.get_state()[1][:3].tolist(),
    "torch": torch.initial_seed(),
    "dtype": str(torch.get_default_dtype()),
    "threads": torch.get_num_threads(),
    "grad": torch.is_grad_enabled(),
    "cuda": torch.cuda.is_initialized(),
}
new = sorted({name.partition(".")[0] for name in set(sys.modules) - loaded})
facts = {"before": before, "after": after, "new": new, "missing": missing, "listed": listed}
print(json.dumps(facts))
"""


@pytest.fixture(scope="module")
def facts():
    """What a fresh Python sees when it imports the package."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=120
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("package", SLOW_PACKAGES)
def test_slow_package_is_not_imported(facts, package):
    assert package not in facts["new"]


def test_nothing_outside_is_changed(facts):
    assert facts["after"] == facts["before"]


def test_every_public_name_is_there_without_further_imports(facts):
    assert facts["missing"] == []


def test_every_public_name_is_listed_before_it_is_imported(facts):
    assert facts["listed"] == []


@pytest.mark.parametrize("name", ["preflight", "recipes", "report", "study", "workbench"])
def test_every_subpackage_is_reached_without_an_import_of_its_own(name):
    code = f"import lamina; assert {name!r} in dir(lamina); print(lamina.{name}.__name__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)

    assert done.stdout.strip() == f"lamina.{name}"
