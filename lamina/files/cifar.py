"""The binary version of CIFAR-10 and CIFAR-100. The Python version is a pickle and is refused."""

import os
import re
from typing import NamedTuple

import numpy as np

from lamina.files import limits
from lamina.files.opening import Source, damaged, label_of, read_whole

_PIXELS = 3 * 32 * 32
_PICKLE_NAMES = re.compile(r"^(data_batch_\d|test_batch|batches\.meta|train|test|meta)$")


class Cifar(NamedTuple):
    """Pictures and one column of labels a kind (CIFAR-100: coarse, then fine)."""

    images: np.ndarray
    labels: np.ndarray


def read_cifar(
    source: Source, *, num_classes: tuple[int, ...] = (10,), name: str | None = None
) -> Cifar:
    """Reads records of label bytes followed by 3072 pixel bytes.

    Args:
        source: Path of a `.bin` file, or its content as bytes.
        num_classes: How many classes each label byte has: `(10,)` for CIFAR-10, `(20, 100)` for
            the coarse and the fine labels of CIFAR-100.
        name: What messages call it. The path when `None`.

    Shape:
        images: (n, 32, 32, 3), uint8
        labels: (n, number of label bytes), uint8

    Raises:
        LoadError: The file is a pickle, its size is no whole number of records, or a label is
            out of range.

    Reference:
        Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009.
    """
    label = name or label_of(source)
    data = read_whole(source, limits.IDX_BYTES, name=name)
    _refuse_pickle(data, label)
    record_bytes = len(num_classes) + _PIXELS
    if not data or len(data) % record_bytes:
        raise damaged(
            label,
            f"{len(data):,} bytes are no whole number of records.",
            expected=f"a multiple of {record_bytes} bytes, and at least one record.",
            fix="fetch the file again from its source.",
        )
    records = np.frombuffer(data, np.uint8).reshape(-1, record_bytes)
    labels = records[:, : len(num_classes)].copy()
    _check_labels(labels, num_classes, label)
    pixels = records[:, len(num_classes) :].reshape(-1, 3, 32, 32)
    return Cifar(np.ascontiguousarray(pixels.transpose(0, 2, 3, 1)), labels)


def _refuse_pickle(data: bytes, name: str) -> None:
    if data[:1] == b"\x80" or _PICKLE_NAMES.match(os.path.basename(name)):
        raise damaged(
            name,
            "this is the 'python version' of CIFAR, a pickle, which can run code.",
            expected="the 'binary version', whose files end in .bin.",
            fix="get cifar-10-binary.tar.gz or cifar-100-binary.tar.gz.",
        )


def _check_labels(labels: np.ndarray, num_classes: tuple[int, ...], name: str) -> None:
    wrong = np.argwhere(labels >= np.array(num_classes))
    if len(wrong):
        row, column = wrong[0]
        raise damaged(
            name,
            f"record {row}: the label {labels[row, column]} is not one of "
            f"{num_classes[column]} classes.",
            expected=f"labels from 0 to {num_classes[column] - 1}.",
            fix="fetch the file again from its source.",
        )
