"""`cifar10.load_data()` as Keras has it, over the catalogue."""

from lamina.data.catalog import cifar10
from lamina.data.catalog.description import Split


def load_data() -> Split:
    """Loads CIFAR-10: pictures (n, 32, 32, 3) and labels (n, 1), both uint8.

    Returns:
        `(x_train, y_train), (x_test, y_test)`.

    Raises:
        LoadError: A file is damaged.
        StorageError: A file could not be fetched.
    """
    return cifar10.load()
