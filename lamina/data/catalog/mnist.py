"""MNIST: 70,000 grey pictures of handwritten digits, from the original IDX files.

The hashes of the files and of their contents are those that many projects publish.
"""

from lamina.data.catalog.description import Description, Split
from lamina.data.catalog.idx_sets import idx_files, load_idx_set

DESCRIPTION = Description(
    name="mnist",
    title="MNIST",
    task="classification",
    input_shape=(28, 28),
    num_train=60_000,
    num_test=10_000,
    source="download",
    licence="CC BY-SA 3.0, copyright Yann LeCun and Corinna Cortes",
    citation="LeCun, Bottou, Bengio and Haffner, 'Gradient-Based Learning Applied to Document "
    "Recognition', Proceedings of the IEEE 86(11), 1998",
    class_names=tuple("0123456789"),
    value_range=(0, 255),
    files=idx_files(
        (
            "https://storage.googleapis.com/cvdf-datasets/mnist",
            "https://ossci-datasets.s3.amazonaws.com/mnist",
        ),
        (
            (
                "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            ),
            (
                "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
                "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            ),
            (
                "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
                "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            ),
            (
                "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
                "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            ),
        ),
    ),
)


def load() -> Split:
    """Reads the pictures (n, 28, 28) and labels (n,), both uint8.

    Raises:
        LoadError: A file is damaged.
        StorageError: A file could not be fetched.
    """
    return load_idx_set(DESCRIPTION, "mnist")
