"""The real Keras, on its torch backend, for comparing numbers with."""

import os
import warnings

import pytest


@pytest.fixture(scope="session")
def keras():
    """The real Keras; its import takes a few seconds, so once a session."""
    os.environ["KERAS_BACKEND"] = "torch"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pytest.importorskip("keras")
