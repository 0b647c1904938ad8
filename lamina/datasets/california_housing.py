"""`california_housing.load_data()` as Keras has it, over the catalogue."""

from typing import Literal

from lamina.data.catalog import california_housing
from lamina.data.catalog.description import Split


def load_data(
    version: Literal["large", "small"] = "large",
    path: str = "california_housing.npz",
    test_split: float = 0.2,
    seed: int = 113,
) -> Split:
    """Loads California Housing: a table (n, 8) and prices in dollars (n,), both float32.

    Args:
        version: "large" for 20,640 rows, "small" for the first 600.
        path: Accepted for Keras programs; the file comes from the catalogue.
        test_split: Share of the rows in the test part.
        seed: Seed of the shuffle before the split.

    Returns:
        `(x_train, y_train), (x_test, y_test)`, the same rows as Keras's for the same seed.

    Raises:
        ArgumentError: An argument is not possible.
        LoadError: The file is damaged.
        StorageError: The file could not be fetched.
    """
    return california_housing.load(version, test_split=test_split, seed=seed)
