"""What the data sets that come with scikit-learn share: no network, a seeded split of our own."""

from typing import Any

import numpy as np

from lamina.core import checks
from lamina.data.catalog.description import Split

TEST_SPLIT = 0.2
SEED = 113


def bundled(name: str) -> Any:
    """The data set as scikit-learn hands it out."""
    from sklearn import datasets  # noqa: PLC0415 (slow to import)

    return getattr(datasets, f"load_{name}")()


def divide(x: np.ndarray, y: np.ndarray, *, classes: bool, test_split: float, seed: int) -> Split:
    """Divides rows into training and test part; with `classes`, each keeps the shares of y.

    Raises:
        ArgumentError: `test_split` or `seed` is not possible.
    """
    from sklearn.model_selection import train_test_split  # noqa: PLC0415 (slow to import)

    checks.number(
        "load_data", "test_split", test_split,
        low=0.0, high=1.0, open_low=True, open_high=True, example=0.2,
    )  # fmt: skip
    checks.whole("load_data", "seed", seed, high=2**32 - 1)
    x_train, x_test, y_train, y_test = train_test_split(
        x, y, test_size=test_split, random_state=seed, stratify=y if classes else None
    )
    return (x_train, y_train), (x_test, y_test)
