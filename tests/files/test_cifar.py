"""The binary CIFAR files; the pickled ones are refused."""

import pickle
import re

import numpy as np
import pytest

from lamina.core.errors import LoadError
from lamina.files.cifar import read_cifar

PIXELS = np.arange(3072, dtype=np.int64).astype(np.uint8)


def record(*labels, pixels=PIXELS):
    return bytes(labels) + pixels.tobytes()


def test_pixels_are_stored_plane_by_plane():
    images, labels = read_cifar(record(3) + record(9))

    assert images.shape == (2, 32, 32, 3)
    assert labels.tolist() == [[3], [9]]
    expected = PIXELS[0 * 1024 + 5 * 32 + 7], PIXELS[1024 + 5 * 32 + 7], PIXELS[2048 + 5 * 32 + 7]
    assert tuple(images[1, 5, 7]) == expected
    assert images.flags.c_contiguous


def test_cifar100_has_a_coarse_and_a_fine_label():
    _, labels = read_cifar(record(19, 99) + record(0, 0), num_classes=(20, 100))

    assert labels.tolist() == [[19, 99], [0, 0]]


@pytest.mark.parametrize("data", [b"", record(1)[:-1], record(1) + b"\0"])
def test_a_broken_record_is_refused(data):
    with pytest.raises(LoadError, match="are no whole number of records"):
        read_cifar(data)


@pytest.mark.parametrize(
    ("data", "classes", "reason"),
    [
        (record(0) + record(10), (10,), "record 1: the label 10 is not one of 10 classes"),
        (record(20, 0), (20, 100), "record 0: the label 20 is not one of 20 classes"),
        (record(0, 100), (20, 100), "record 0: the label 100 is not one of 100 classes"),
    ],
)
def test_a_label_out_of_range_is_refused(data, classes, reason):
    with pytest.raises(LoadError, match=reason):
        read_cifar(data, num_classes=classes)


def test_a_pickle_is_refused_with_advice():
    message = (
        "'a.bin': this is the 'python version' of CIFAR, a pickle, which can run code.\n"
        "  expected: the 'binary version', whose files end in .bin.\n"
        "  fix: get cifar-10-binary.tar.gz or cifar-100-binary.tar.gz."
    )
    with pytest.raises(LoadError, match=f"^{re.escape(message)}$"):
        read_cifar(pickle.dumps({"data": 1}), name="a.bin")


@pytest.mark.parametrize("name", ["data_batch_1", "test_batch", "train", "batches.meta"])
def test_the_names_of_the_pickled_files_are_refused(tmp_path, name):
    (tmp_path / name).write_bytes(record(1))
    with pytest.raises(LoadError, match="'python version'"):
        read_cifar(tmp_path / name)
