"""Wine: chemical analyses of 178 wines from three growers, bundled with scikit-learn."""

import numpy as np

from lamina.data.catalog.description import Description, Split
from lamina.data.catalog.sklearn_sets import SEED, TEST_SPLIT, bundled, divide

DESCRIPTION = Description(
    name="wine",
    title="Wine",
    task="classification",
    input_shape=(13,),
    num_train=142,
    num_test=36,
    source="scikit-learn",
    licence="UCI Machine Learning Repository, CC BY 4.0",
    citation="Aeberhard and Forina, 'Wine', UCI Machine Learning Repository, 1992",
    class_names=("class_0", "class_1", "class_2"),
    feature_names=(
        "alcohol",
        "malic_acid",
        "ash",
        "alcalinity_of_ash",
        "magnesium",
        "total_phenols",
        "flavanoids",
        "nonflavanoid_phenols",
        "proanthocyanins",
        "color_intensity",
        "hue",
        "od280/od315_of_diluted_wines",
        "proline",
    ),
)


def load(*, test_split: float = TEST_SPLIT, seed: int = SEED) -> Split:
    """Reads the analyses (n, 13), float32, and the growers (n,), int64.

    Args:
        test_split: Share of the rows in the test part.
        seed: Seed of the split.

    Raises:
        ArgumentError: An argument is not possible.
    """
    bundle = bundled("wine")
    x, y = bundle.data.astype(np.float32), bundle.target.astype(np.int64)
    return divide(x, y, classes=True, test_split=test_split, seed=seed)
