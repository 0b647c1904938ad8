"""`cifar100.load_data()` as Keras has it, over the catalogue."""

from typing import Literal

from lamina.data.catalog import cifar100
from lamina.data.catalog.description import Split


def load_data(label_mode: Literal["fine", "coarse"] = "fine") -> Split:
    """Loads CIFAR-100: pictures (n, 32, 32, 3) and labels (n, 1), both uint8.

    Args:
        label_mode: "fine" for the 100 classes, "coarse" for the 20 groups.

    Returns:
        `(x_train, y_train), (x_test, y_test)`.

    Raises:
        ArgumentError: `label_mode` is none of the two.
        LoadError: The archive is damaged.
        StorageError: The archive could not be fetched.
    """
    return cifar100.load(label_mode)
