"""CIFAR-10: 60,000 small colour pictures of ten kinds of things, from the binary version.

The hashes of the archive and of its members are those that other projects publish.
"""

from lamina.data.catalog.cifar_sets import load_cifar
from lamina.data.catalog.description import Description, Split
from lamina.files.downloads import RemoteFile

_FOLDER = "cifar-10-batches-bin"
_TRAIN = tuple(f"{_FOLDER}/data_batch_{number}.bin" for number in range(1, 6))
_TEST = f"{_FOLDER}/test_batch.bin"

DESCRIPTION = Description(
    name="cifar10",
    title="CIFAR-10",
    task="classification",
    input_shape=(32, 32, 3),
    num_train=50_000,
    num_test=10_000,
    source="download",
    licence="none stated; free for research by custom",
    citation="Krizhevsky, 'Learning Multiple Layers of Features from Tiny Images', University of "
    "Toronto, 2009",
    class_names=(
        "airplane", "automobile", "bird", "cat", "deer",
        "dog", "frog", "horse", "ship", "truck",
    ),
    value_range=(0, 255),
    files=(
        RemoteFile(
            "cifar-10-binary.tar.gz",
            (
                "https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz",
                "https://cave.cs.toronto.edu/kriz/cifar-10-binary.tar.gz",
                "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/"
                "cifar-10-binary.tar.gz",
            ),
            file_sha256="c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
            member_sha256=dict(
                zip(
                    (*_TRAIN, _TEST),
                    (
                        "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5",
                        "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed",
                        "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67",
                        "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48",
                        "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add",
                        "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b",
                    ),
                    strict=True,
                )
            ),
            max_bytes=256 * 2**20,
        ),
    ),
)  # fmt: skip


def load() -> Split:
    """Reads the pictures (n, 32, 32, 3) and labels (n, 1), both uint8.

    Raises:
        LoadError: The archive is damaged.
        StorageError: The archive could not be fetched.
    """
    train, test = load_cifar(DESCRIPTION, "cifar10", train=_TRAIN, test=_TEST, num_classes=(10,))
    return (train.images, train.labels), (test.images, test.labels)
