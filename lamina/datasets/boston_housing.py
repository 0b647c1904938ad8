"""Boston Housing is not offered; the refusal says why and names a replacement."""

from typing import NoReturn

from lamina.core.errors import DataError


def load_data(
    path: str = "boston_housing.npz", test_split: float = 0.2, seed: int = 113
) -> NoReturn:
    """Refuses to load the data set.

    One of its columns is built on the assumption that racial segregation raises house prices.

    Raises:
        DataError: Always.

    Reference:
        Carlisle, "Racist data destruction?", 2019, on the column "B".
    """
    raise DataError(
        "boston_housing is not offered: its column 'B' encodes race as a factor of house prices.",
        expected="a data set without this ethical problem.",
        fix='use california_housing.load_data(version="small"), made as its replacement.',
    )
