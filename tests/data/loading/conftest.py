"""A cache of its own for every test."""

import pytest


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch):
    """An empty cache folder for every test."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("LAMINA_HOME", str(home))
    return home / "pictures"
