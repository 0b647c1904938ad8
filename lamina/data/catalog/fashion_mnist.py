"""Fashion-MNIST: 70,000 grey pictures of clothes. Debian's package is found by itself.

The hashes of the contents were computed from Debian's copy (package dataset-fashion-mnist).
"""

from lamina.data.catalog.description import Description, Split
from lamina.data.catalog.idx_sets import idx_files, load_idx_set

DEBIAN_FOLDER = "/usr/share/datasets/fashion-mnist"

DESCRIPTION = Description(
    name="fashion_mnist",
    title="Fashion-MNIST",
    task="classification",
    input_shape=(28, 28),
    num_train=60_000,
    num_test=10_000,
    source="download",
    licence="MIT, copyright Zalando SE",
    citation="Xiao, Rasul and Vollgraf, 'Fashion-MNIST: a Novel Image Dataset for Benchmarking "
    "Machine Learning Algorithms', arXiv:1708.07747, 2017",
    class_names=(
        "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat",
        "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
    ),
    value_range=(0, 255),
    files=idx_files(
        (
            "https://storage.googleapis.com/tensorflow/tf-keras-datasets",
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
        ),
        (
            (
                "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            ),
            (
                "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            ),
            (
                "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
                "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            ),
            (
                "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
                "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
            ),
        ),
    ),
)  # fmt: skip


def load() -> Split:
    """Reads the pictures (n, 28, 28) and labels (n,), both uint8.

    Raises:
        LoadError: A file is damaged.
        StorageError: A file could not be fetched.
    """
    return load_idx_set(DESCRIPTION, "fashion-mnist", elsewhere=(DEBIAN_FOLDER,))
