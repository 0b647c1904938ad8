"""`diabetes.load_data()` in the manner of Keras's data sets, over the catalogue."""

from lamina.data.catalog import diabetes
from lamina.data.catalog.description import Split
from lamina.data.catalog.sklearn_sets import SEED, TEST_SPLIT


def load_data(test_split: float = TEST_SPLIT, seed: int = SEED) -> Split:
    """Loads the data set that comes with scikit-learn, divided by a seed.

    Args:
        test_split: Share of the rows in the test part.
        seed: Seed of the split.

    Returns:
        `(x_train, y_train), (x_test, y_test)`.

    Raises:
        ArgumentError: An argument is not possible.
    """
    return diabetes.load(test_split=test_split, seed=seed)
