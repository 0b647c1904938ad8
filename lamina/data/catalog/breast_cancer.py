"""Breast Cancer Wisconsin: 569 tumours in 30 measurements, bundled with scikit-learn."""

import numpy as np

from lamina.data.catalog.description import Description, Split
from lamina.data.catalog.sklearn_sets import SEED, TEST_SPLIT, bundled, divide

_MEASURES = (
    "radius", "texture", "perimeter", "area", "smoothness",
    "compactness", "concavity", "concave points", "symmetry", "fractal dimension",
)  # fmt: skip

DESCRIPTION = Description(
    name="breast_cancer",
    title="Breast Cancer Wisconsin",
    task="classification",
    input_shape=(30,),
    num_train=455,
    num_test=114,
    source="scikit-learn",
    licence="UCI Machine Learning Repository, CC BY 4.0",
    citation="Street, Wolberg and Mangasarian, 'Nuclear Feature Extraction for Breast Tumor "
    "Diagnosis', SPIE 1905, 1993",
    class_names=("malignant", "benign"),
    feature_names=tuple(
        form.format(measure)
        for form in ("mean {}", "{} error", "worst {}")
        for measure in _MEASURES
    ),
)


def load(*, test_split: float = TEST_SPLIT, seed: int = SEED) -> Split:
    """Reads the measurements (n, 30), float32, and the diagnoses (n,), int64.

    Args:
        test_split: Share of the rows in the test part.
        seed: Seed of the split.

    Raises:
        ArgumentError: An argument is not possible.
    """
    bundle = bundled("breast_cancer")
    x, y = bundle.data.astype(np.float32), bundle.target.astype(np.int64)
    return divide(x, y, classes=True, test_split=test_split, seed=seed)
