"""The catalogue: public data sets by name."""

from types import ModuleType

from lamina.core import checks
from lamina.core.names import look_up
from lamina.data.catalog import (
    breast_cancer,
    california_housing,
    cifar10,
    cifar100,
    diabetes,
    digits,
    fashion_mnist,
    iris,
    mnist,
    wine,
)
from lamina.data.catalog.description import Description, PublicDataset
from lamina.data.catalog.sklearn_sets import SEED

_MODULES: tuple[ModuleType, ...] = (
    fashion_mnist,
    mnist,
    cifar10,
    cifar100,
    california_housing,
    digits,
    iris,
    wine,
    breast_cancer,
    diabetes,
)
_TABLE = {module.DESCRIPTION.name: module for module in _MODULES}
_SPLIT_BY_SEED = ("california_housing", "digits", "iris", "wine", "breast_cancer", "diabetes")


def names() -> list[str]:
    """Names of all data sets of the catalogue, pictures first."""
    return list(_TABLE)


def describe(name: str) -> Description:
    """What the catalogue knows about a data set, without loading it.

    Raises:
        ArgumentError: There is no data set of this name.
    """
    return look_up("a data set", name.replace("-", "_"), _TABLE).DESCRIPTION


def load(name: str, seed: int = SEED) -> PublicDataset:
    """Loads a public data set, downloading it only when no copy is found.

    Args:
        name: Name in the catalogue; "-" and "_" are the same.
        seed: Seed of the split, for data sets that come without one.

    Returns:
        The two parts and the description: `(x_train, y_train), (x_test, y_test) = load("iris")`.

    Raises:
        ArgumentError: There is no data set of this name, or `seed` is not possible.
        LoadError: A file is damaged.
        StorageError: A file could not be fetched.

    Example:
        >>> load("iris").class_names
        ('setosa', 'versicolor', 'virginica')
    """
    checks.whole("load", "seed", seed, high=2**32 - 1)
    module = look_up("a data set", name.replace("-", "_"), _TABLE)
    arguments = {"seed": seed} if module.DESCRIPTION.name in _SPLIT_BY_SEED else {}
    train, test = module.load(**arguments)
    return PublicDataset(train, test, module.DESCRIPTION)
