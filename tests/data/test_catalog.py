"""The catalogue: descriptions, real Fashion-MNIST, made-up archives, splits."""

import dataclasses
import gzip
import hashlib
import io
import re
import struct
import tarfile
from pathlib import Path

import numpy as np
import pytest

from lamina import datasets
from lamina.core.errors import ArgumentError, DataError, LoadError, StorageError
from lamina.data import catalog
from lamina.data.catalog import california_housing, cifar10, cifar100, fashion_mnist, mnist
from lamina.files.downloads import RemoteFile

BUNDLED = ["digits", "iris", "wine", "breast_cancer", "diabetes"]
needs_fashion = pytest.mark.skipif(
    not Path(fashion_mnist.DEBIAN_FOLDER).is_dir(), reason="Debian's package is not installed"
)


@pytest.fixture(autouse=True)
def offline(tmp_path, monkeypatch):
    """An empty cache, an empty offline folder, and no mirror that could be asked."""
    (tmp_path / "data").mkdir()
    monkeypatch.setenv("LAMINA_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("LAMINA_HOME", str(tmp_path / "home"))
    return tmp_path / "data"


def pretend(monkeypatch, module, files, **sizes):
    """Makes a module expect these files, with their true hashes and no mirrors."""
    remotes = tuple(
        dataclasses.replace(
            remote,
            mirrors=(),
            file_sha256=hashlib.sha256(files.get(remote.name, b"?")).hexdigest(),
            member_sha256={},
        )
        for remote in module.DESCRIPTION.files
    )
    description = dataclasses.replace(module.DESCRIPTION, files=remotes, **sizes)
    monkeypatch.setattr(module, "DESCRIPTION", description)


def test_every_data_set_is_described():
    assert catalog.names() == [
        "fashion_mnist", "mnist", "cifar10", "cifar100", "california_housing", *BUNDLED,
    ]  # fmt: skip


@pytest.mark.parametrize("name", catalog.names())
def test_descriptions_are_complete(name):
    description = catalog.describe(name)

    assert description.licence
    assert description.citation
    assert (description.task == "classification") == bool(description.class_names)
    assert (description.source == "download") == bool(description.files)
    assert len(description.feature_names) in (0, description.input_shape[-1])
    assert len(set(description.class_names)) == description.num_classes


@pytest.mark.parametrize("name", ["fashion_mnist", "mnist", "cifar10", "cifar100"])
def test_downloads_have_mirrors_and_hashes_of_their_content(name):
    for remote in catalog.describe(name).files:
        content = (
            [remote.content_sha256] if remote.content_sha256 else remote.member_sha256.values()
        )
        assert len(remote.mirrors) >= 2
        assert all(
            re.fullmatch(r"[0-9a-f]{64}", digest) for digest in [remote.file_sha256, *content]
        )


def test_an_unknown_name_gets_a_suggestion():
    with pytest.raises(ArgumentError, match='fix: did you mean "fashion_mnist"'):
        catalog.load("fashon-mnist")


@needs_fashion
def test_fashion_mnist_is_found_by_itself():
    (x_train, y_train), (x_test, y_test) = datasets.fashion_mnist.load_data()

    assert (x_train.shape, x_train.dtype) == ((60_000, 28, 28), np.uint8)
    assert (x_test.shape, y_test.shape) == ((10_000, 28, 28), (10_000,))
    assert np.bincount(y_train).tolist() == [6000] * 10
    assert y_train[:5].tolist() == [9, 0, 0, 3, 0]


@needs_fashion
def test_a_name_may_be_written_with_dashes():
    loaded = catalog.load("fashion-mnist")

    assert loaded.class_names[9] == "Ankle boot"
    assert loaded.task == "classification"


def idx(array):
    header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    return gzip.compress(header + array.astype(np.uint8).tobytes())


def small_mnist():
    images = [np.arange(n * 784).reshape(n, 28, 28) % 256 for n in (6, 2)]
    labels = [np.arange(n) % 10 for n in (6, 2)]
    names = [file.name for file in mnist.DESCRIPTION.files]
    contents = [images[0], labels[0], images[1], labels[1]]
    return dict(zip(names, map(idx, contents), strict=True))


def test_mnist_is_read_from_the_offline_folder(offline, monkeypatch):
    files = small_mnist()
    pretend(monkeypatch, mnist, files, num_train=6, num_test=2)
    for name, data in files.items():
        (offline / name).write_bytes(data)

    (x_train, y_train), (x_test, _) = datasets.mnist.load_data()

    assert (x_train.shape, x_test.shape) == ((6, 28, 28), (2, 28, 28))
    assert y_train.tolist() == [0, 1, 2, 3, 4, 5]


def test_mnist_of_another_size_is_refused(offline, monkeypatch):
    files = small_mnist()
    pretend(monkeypatch, mnist, files)
    for name, data in files.items():
        (offline / name).write_bytes(data)
    with pytest.raises(LoadError, match=r"MNIST has pictures of shape \(6, 28, 28\)"):
        datasets.mnist.load_data()


def test_a_data_set_that_is_nowhere_names_the_file(monkeypatch):
    pretend(monkeypatch, mnist, {})
    with pytest.raises(StorageError, match=r"'train-images-idx3-ubyte\.gz' could not be fetched"):
        datasets.mnist.load_data()


def tgz(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def cifar(labels, members, module, monkeypatch, offline):
    """Writes an archive whose members hold one record each; their hashes are expected."""
    files = {name: bytes(label) + bytes([n]) * 3072
             for n, (name, label) in enumerate(zip(members, labels, strict=True))}  # fmt: skip
    (remote,) = module.DESCRIPTION.files
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    remote = RemoteFile(remote.name, (), member_sha256=hashes)
    description = dataclasses.replace(module.DESCRIPTION, files=(remote,))
    monkeypatch.setattr(module, "DESCRIPTION", description)
    (offline / remote.name).write_bytes(tgz({**files, "folder/readme.html": b"x"}))


def test_cifar10_is_read_from_the_binary_archive(offline, monkeypatch):
    members = list(cifar10.DESCRIPTION.files[0].member_sha256)
    cifar([[n] for n in range(6)], members, cifar10, monkeypatch, offline)

    (x_train, y_train), (x_test, y_test) = datasets.cifar10.load_data()

    assert x_train.shape == (5, 32, 32, 3)
    assert x_train[:, 0, 0, 0].tolist() == [0, 1, 2, 3, 4]
    assert y_train.tolist() == [[0], [1], [2], [3], [4]]
    assert (y_test.tolist(), y_test.dtype, int(x_test[0, 0, 0, 0])) == ([[5]], np.uint8, 5)


@pytest.mark.parametrize(("mode", "expected"), [("fine", [[99]]), ("coarse", [[19]])])
def test_cifar100_has_fine_and_coarse_labels(offline, monkeypatch, mode, expected):
    members = list(cifar100.DESCRIPTION.files[0].member_sha256)
    cifar([[19, 99], [0, 1]], members, cifar100, monkeypatch, offline)

    (_, y_train), _ = datasets.cifar100.load_data(mode)

    assert y_train.tolist() == expected
    with pytest.raises(ArgumentError, match=r"load_data\(label_mode='both'\)"):
        datasets.cifar100.load_data("both")


def npz(**arrays):
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


TABLE = np.arange(8000, dtype=np.float32).reshape(1000, 8)
PRICES = np.arange(1000, dtype=np.float32)


@pytest.mark.parametrize(("version", "rows"), [("large", 1000), ("small", 600)])
def test_california_housing_is_divided_as_keras_does(offline, monkeypatch, version, rows):
    data = npz(x=TABLE, y=PRICES)
    pretend(monkeypatch, california_housing, {"california_housing.npz": data})
    (offline / "california_housing.npz").write_bytes(data)
    x, y = TABLE[:rows], PRICES[:rows]
    order = np.arange(rows)
    np.random.RandomState(113).shuffle(order)
    count = int(rows * 0.8)

    (x_train, y_train), (x_test, y_test) = datasets.california_housing.load_data(version)

    np.testing.assert_array_equal(x_train, x[order][:count])
    np.testing.assert_array_equal(y_test, y[order][count:])
    np.testing.assert_array_equal(x_test[:, 0] / 8, y_test)
    assert len(y_train) == count


def test_the_original_archive_stands_in_with_a_warning(offline, monkeypatch):
    lines = "".join(",".join(str(float(v)) for v in (*row, 7)) + "\n" for row in TABLE[:10])
    data = tgz({"CaliforniaHousing/cal_housing.data": lines.encode()})
    pretend(monkeypatch, california_housing, {"cal_housing.tgz": data})
    (offline / "cal_housing.tgz").write_bytes(data)

    with pytest.warns(UserWarning, match="put california_housing.npz into the folder LAMINA_DATA"):
        (x_train, y_train), (x_test, _) = datasets.california_housing.load_data()

    assert (x_train.shape, x_test.shape) == ((8, 8), (2, 8))
    assert set(y_train.tolist()) == {7.0}
    with pytest.raises(StorageError, match=r"'california_housing\.npz' could not be fetched"):
        datasets.california_housing.load_data("small")


@pytest.mark.parametrize(
    "arguments", [{"version": "tiny"}, {"test_split": 1.0}, {"test_split": -0.1}, {"seed": -1}]
)
def test_impossible_arguments_of_california_housing_are_refused(arguments):
    with pytest.raises(ArgumentError, match=r"^load_data\("):
        datasets.california_housing.load_data(**arguments)


def test_an_npz_file_with_other_arrays_is_refused(offline, monkeypatch):
    data = npz(a=TABLE)
    pretend(monkeypatch, california_housing, {"california_housing.npz": data})
    (offline / "california_housing.npz").write_bytes(data)
    with pytest.raises(LoadError, match=r"california_housing\.npz holds the arrays \['a'\]\."):
        datasets.california_housing.load_data()


@pytest.mark.parametrize("name", BUNDLED)
def test_bundled_data_sets_have_the_described_sizes(name):
    loaded = catalog.load(name)
    description = loaded.description

    assert loaded.train[0].shape == (description.num_train, *description.input_shape)
    assert loaded.test[0].shape == (description.num_test, *description.input_shape)
    assert len(loaded.train[1]) == description.num_train


@pytest.mark.parametrize("name", ["digits", "iris", "wine", "breast_cancer"])
def test_each_part_keeps_the_shares_of_the_classes(name):
    (_, y_train), (_, y_test) = catalog.load(name)
    shares = [np.bincount(y) / len(y) for y in (y_train, y_test)]

    np.testing.assert_allclose(shares[0], shares[1], atol=0.02)


def test_the_split_is_a_function_of_the_seed():
    first, again, other = (catalog.load("iris", seed=seed).train[0] for seed in (1, 1, 2))

    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    np.testing.assert_array_equal(first, datasets.iris.load_data(seed=1)[0][0])


def test_the_digits_are_small_pictures():
    (x_train, _), _ = datasets.digits.load_data()

    assert (x_train.dtype, x_train.max()) == (np.uint8, 16)


@pytest.mark.parametrize("share", [0, 1, 1.5, "a"])
def test_an_impossible_share_is_refused(share):
    with pytest.raises(ArgumentError, match=r"^load_data\(test_split="):
        datasets.wine.load_data(test_split=share)


def test_boston_housing_is_refused_with_the_reason():
    message = (
        "boston_housing is not offered: its column 'B' encodes race as a factor of house prices.\n"
        "  expected: a data set without this ethical problem.\n"
        '  fix: use california_housing.load_data(version="small"), made as its replacement.'
    )
    with pytest.raises(DataError, match=f"^{re.escape(message)}$"):
        datasets.boston_housing.load_data()


@pytest.mark.parametrize("name", ["imdb", "reuters"])
@pytest.mark.parametrize("function", ["load_data", "get_word_index"])
def test_text_data_sets_say_that_they_are_not_offered(name, function):
    with pytest.raises(DataError, match=f"^{name} is not offered yet"):
        getattr(getattr(datasets, name), function)()
