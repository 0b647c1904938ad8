"""`mnist.load_data()` as Keras has it, over the catalogue."""

from lamina.data.catalog import mnist
from lamina.data.catalog.description import Split


def load_data(path: str = "mnist.npz") -> Split:
    """Loads MNIST: pictures (n, 28, 28) and labels (n,), both uint8.

    Args:
        path: Accepted for Keras programs; the files come from the catalogue.

    Returns:
        `(x_train, y_train), (x_test, y_test)`.

    Raises:
        LoadError: A file is damaged.
        StorageError: A file could not be fetched.
    """
    return mnist.load()
