"""`fashion_mnist.load_data()` as Keras has it, over the catalogue."""

from lamina.data.catalog import fashion_mnist
from lamina.data.catalog.description import Split


def load_data() -> Split:
    """Loads Fashion-MNIST: pictures (n, 28, 28) and labels (n,), both uint8.

    Returns:
        `(x_train, y_train), (x_test, y_test)`.

    Raises:
        LoadError: A file is damaged.
        StorageError: A file could not be fetched.
    """
    return fashion_mnist.load()
