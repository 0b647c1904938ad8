"""Digits: 1,797 tiny grey pictures of handwritten digits, bundled with scikit-learn."""

import numpy as np

from lamina.data.catalog.description import Description, Split
from lamina.data.catalog.sklearn_sets import SEED, TEST_SPLIT, bundled, divide

DESCRIPTION = Description(
    name="digits",
    title="Digits",
    task="classification",
    input_shape=(8, 8),
    num_train=1437,
    num_test=360,
    source="scikit-learn",
    licence="UCI Machine Learning Repository, CC BY 4.0",
    citation="Alpaydin and Kaynak, 'Optical Recognition of Handwritten Digits', UCI "
    "Machine Learning Repository, 1998",
    class_names=tuple("0123456789"),
    value_range=(0, 16),
)


def load(*, test_split: float = TEST_SPLIT, seed: int = SEED) -> Split:
    """Reads the pictures (n, 8, 8), uint8 from 0 to 16, and the labels (n,), int64.

    Args:
        test_split: Share of the rows in the test part.
        seed: Seed of the split.

    Raises:
        ArgumentError: An argument is not possible.
    """
    bundle = bundled("digits")
    x, y = bundle.images.astype(np.uint8), bundle.target.astype(np.int64)
    return divide(x, y, classes=True, test_split=test_split, seed=seed)
