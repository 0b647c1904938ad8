"""CIFAR-100: 60,000 small colour pictures of 100 kinds of things in 20 groups.

The hashes of the archive and of its members are those that other projects publish.
"""

from typing import Literal

from lamina.core import checks
from lamina.data.catalog.cifar_sets import load_cifar
from lamina.data.catalog.description import Description, Split
from lamina.files.downloads import RemoteFile

_TRAIN, _TEST = "cifar-100-binary/train.bin", "cifar-100-binary/test.bin"

COARSE_NAMES = (
    "aquatic_mammals", "fish", "flowers", "food_containers", "fruit_and_vegetables",
    "household_electrical_devices", "household_furniture", "insects", "large_carnivores",
    "large_man-made_outdoor_things", "large_natural_outdoor_scenes",
    "large_omnivores_and_herbivores", "medium_mammals", "non-insect_invertebrates", "people",
    "reptiles", "small_mammals", "trees", "vehicles_1", "vehicles_2",
)  # fmt: skip

FINE_NAMES = (
    "apple", "aquarium_fish", "baby", "bear", "beaver", "bed", "bee", "beetle", "bicycle",
    "bottle", "bowl", "boy", "bridge", "bus", "butterfly", "camel", "can", "castle", "caterpillar",
    "cattle", "chair", "chimpanzee", "clock", "cloud", "cockroach", "couch", "crab", "crocodile",
    "cup", "dinosaur", "dolphin", "elephant", "flatfish", "forest", "fox", "girl", "hamster",
    "house", "kangaroo", "keyboard", "lamp", "lawn_mower", "leopard", "lion", "lizard", "lobster",
    "man", "maple_tree", "motorcycle", "mountain", "mouse", "mushroom", "oak_tree", "orange",
    "orchid", "otter", "palm_tree", "pear", "pickup_truck", "pine_tree", "plain", "plate", "poppy",
    "porcupine", "possum", "rabbit", "raccoon", "ray", "road", "rocket", "rose", "sea", "seal",
    "shark", "shrew", "skunk", "skyscraper", "snail", "snake", "spider", "squirrel", "streetcar",
    "sunflower", "sweet_pepper", "table", "tank", "telephone", "television", "tiger", "tractor",
    "train", "trout", "tulip", "turtle", "wardrobe", "whale", "willow_tree", "wolf", "woman",
    "worm",
)  # fmt: skip

DESCRIPTION = Description(
    name="cifar100",
    title="CIFAR-100",
    task="classification",
    input_shape=(32, 32, 3),
    num_train=50_000,
    num_test=10_000,
    source="download",
    licence="none stated; free for research by custom",
    citation="Krizhevsky, 'Learning Multiple Layers of Features from Tiny Images', University of "
    "Toronto, 2009",
    class_names=FINE_NAMES,
    value_range=(0, 255),
    files=(
        RemoteFile(
            "cifar-100-binary.tar.gz",
            (
                "https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz",
                "https://cave.cs.toronto.edu/kriz/cifar-100-binary.tar.gz",
            ),
            file_sha256="58a81ae192c23a4be8b1804d68e518ed807d710a4eb253b1f2a199162a40d8ec",
            member_sha256={
                _TRAIN: "f31298fc616915fa142368359df1c4ca2ae984d6915ca468b998a5ec6aeebf29",
                _TEST: "d8b1e6b7b3bee4020055f0699b111f60b1af1e262aeb93a0b659061746f8224a",
            },
            max_bytes=256 * 2**20,
        ),
    ),
)


def load(label_mode: Literal["fine", "coarse"] = "fine") -> Split:
    """Reads the pictures (n, 32, 32, 3) and labels (n, 1), both uint8.

    Args:
        label_mode: "fine" for the 100 classes, "coarse" for the 20 groups.

    Raises:
        ArgumentError: `label_mode` is none of the two.
        LoadError: The archive is damaged.
        StorageError: The archive could not be fetched.
    """
    checks.choice("load_data", "label_mode", label_mode, ("fine", "coarse"))
    column = slice(1, 2) if label_mode == "fine" else slice(0, 1)
    train, test = load_cifar(
        DESCRIPTION, "cifar100", train=(_TRAIN,), test=_TEST, num_classes=(20, 100)
    )
    return (
        (train.images, train.labels[:, column].copy()),
        (test.images, test.labels[:, column].copy()),
    )
