"""Iris: 150 flowers of three species, four lengths each, bundled with scikit-learn."""

import numpy as np

from lamina.data.catalog.description import Description, Split
from lamina.data.catalog.sklearn_sets import SEED, TEST_SPLIT, bundled, divide

DESCRIPTION = Description(
    name="iris",
    title="Iris",
    task="classification",
    input_shape=(4,),
    num_train=120,
    num_test=30,
    source="scikit-learn",
    licence="UCI Machine Learning Repository, CC BY 4.0",
    citation="Fisher, 'The Use of Multiple Measurements in Taxonomic Problems', Annals "
    "of Eugenics 7, 1936",
    class_names=("setosa", "versicolor", "virginica"),
    feature_names=("sepal_length", "sepal_width", "petal_length", "petal_width"),
)


def load(*, test_split: float = TEST_SPLIT, seed: int = SEED) -> Split:
    """Reads the lengths in centimetres (n, 4), float32, and the species (n,), int64.

    Args:
        test_split: Share of the rows in the test part.
        seed: Seed of the split.

    Raises:
        ArgumentError: An argument is not possible.
    """
    bundle = bundled("iris")
    x, y = bundle.data.astype(np.float32), bundle.target.astype(np.int64)
    return divide(x, y, classes=True, test_split=test_split, seed=seed)
