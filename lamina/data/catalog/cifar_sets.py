"""What CIFAR-10 and CIFAR-100 share: one tar.gz of binary files, read in memory."""

import hashlib

import numpy as np

from lamina.core.errors import LoadError
from lamina.data.catalog.description import Description
from lamina.files.archive import read_members
from lamina.files.cifar import Cifar, read_cifar
from lamina.files.downloads import fetch


def load_cifar(
    description: Description,
    subfolder: str,
    *,
    train: tuple[str, ...],
    test: str,
    num_classes: tuple[int, ...],
) -> tuple[Cifar, Cifar]:
    """Finds or fetches the archive and reads the named members.

    Raises:
        LoadError: The archive is damaged, lacks a member, or one has another hash.
        StorageError: The archive could not be fetched.
    """
    (remote,) = description.files
    path = fetch(remote, subfolder=subfolder)
    parts = {}
    for name, data in read_members(path, wanted=(*train, test)):
        if hashlib.sha256(data).hexdigest() != remote.member_sha256[name]:
            raise _unexpected(description, f"holds another {name!r}")
        parts[name] = read_cifar(data, num_classes=num_classes, name=f"{path}/{name}")
    missing = next((name for name in (*train, test) if name not in parts), None)
    if missing:
        raise _unexpected(description, f"lacks {missing!r}")
    joined = Cifar(
        np.concatenate([parts[name].images for name in train]),
        np.concatenate([parts[name].labels for name in train]),
    )
    return joined, parts[test]


def _unexpected(description: Description, what: str) -> LoadError:
    return LoadError(
        f"the archive of {description.title} {what}.",
        expected="the published binary version, or the same files packed again.",
        fix="remove the archive and load the data set again.",
    )
