"""Diabetes: 442 patients in ten standardised measurements, bundled with scikit-learn."""

import numpy as np

from lamina.data.catalog.description import Description, Split
from lamina.data.catalog.sklearn_sets import SEED, TEST_SPLIT, bundled, divide

DESCRIPTION = Description(
    name="diabetes",
    title="Diabetes",
    task="regression",
    input_shape=(10,),
    num_train=353,
    num_test=89,
    source="scikit-learn",
    licence="BSD 3-Clause, as a part of scikit-learn",
    citation="Efron, Hastie, Johnstone and Tibshirani, 'Least Angle Regression', Annals "
    "of Statistics 32(2), 2004",
    feature_names=("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"),
)


def load(*, test_split: float = TEST_SPLIT, seed: int = SEED) -> Split:
    """Reads the measurements (n, 10) and the progress of the disease (n,), both float32.

    Args:
        test_split: Share of the rows in the test part.
        seed: Seed of the split.

    Raises:
        ArgumentError: An argument is not possible.
    """
    bundle = bundled("diabetes")
    x, y = bundle.data.astype(np.float32), bundle.target.astype(np.float32)
    return divide(x, y, classes=False, test_split=test_split, seed=seed)
