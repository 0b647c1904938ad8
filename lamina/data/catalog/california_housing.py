"""California Housing: 20,640 districts of the census of 1990, as Keras distributes them.

The published hashes are those of the two files themselves, not of what they unpack to. When
Keras's file cannot be had, the table comes from the original archive, with a warning.
"""

import io
import warnings
from pathlib import Path

import numpy as np

from lamina.core import checks
from lamina.core.errors import LoadError, StorageError
from lamina.data.catalog.description import Description, Split
from lamina.files.archive import read_members
from lamina.files.downloads import RemoteFile, fetch
from lamina.files.tensors import read_npz

_MEMBER = "CaliforniaHousing/cal_housing.data"

DESCRIPTION = Description(
    name="california_housing",
    title="California Housing",
    task="regression",
    input_shape=(8,),
    num_train=16_512,
    num_test=4_128,
    source="download",
    licence="CC BY 4.0",
    citation="Pace and Barry, 'Sparse Spatial Autoregressions', Statistics and Probability "
    "Letters 33(3), 1997",
    feature_names=(
        "longitude", "latitude", "housing_median_age", "total_rooms", "total_bedrooms",
        "population", "households", "median_income",
    ),
    files=(
        RemoteFile(
            "california_housing.npz",
            (
                "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
                "california_housing.npz",
            ),
            file_sha256="1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f",
            max_bytes=64 * 2**20,
        ),
        RemoteFile(
            "cal_housing.tgz",
            ("https://ndownloader.figshare.com/files/5976036",),
            file_sha256="aaa5c9a6afe2225cc2aed2723682ae403280c4a3695a2ddda4ffb5d8215ea681",
            max_bytes=64 * 2**20,
        ),
    ),
    note="The columns are the raw ones of the census (Keras's page describes scikit-learn's "
    "ratios). The target is the median house value in dollars.",
)  # fmt: skip


def load(version: str = "large", *, test_split: float = 0.2, seed: int = 113) -> Split:
    """Reads the table (n, 8) and the prices (n,), shuffled and divided exactly as Keras does.

    Args:
        version: "large" for all rows, "small" for the first 600.
        test_split: Share of the rows in the test part.
        seed: Seed of the shuffle.

    Raises:
        ArgumentError: An argument is not possible.
        LoadError: The file is damaged.
        StorageError: The file could not be fetched.
    """
    checks.choice("load_data", "version", version, ("large", "small"))
    checks.rate("load_data", "test_split", test_split)
    checks.whole("load_data", "seed", seed, high=2**32 - 1)
    x, y = _table(version)
    rows = 600 if version == "small" else None
    x, y = x[:rows], y[:rows]
    order = np.arange(len(x))
    np.random.RandomState(seed).shuffle(order)
    x, y = x[order], y[order]
    count = int(len(x) * (1 - test_split))
    return (x[:count].copy(), y[:count].copy()), (x[count:].copy(), y[count:].copy())


def _table(version: str) -> tuple[np.ndarray, np.ndarray]:
    keras_file, original = DESCRIPTION.files
    try:
        return _from_keras(fetch(keras_file, subfolder="california_housing"))
    except StorageError:
        if version == "small":  # its 600 rows are known by Keras's order only
            raise
        table = _from_original(fetch(original, subfolder="california_housing"))
    warnings.warn(
        "California Housing came from its original archive, whose rows may have another order "
        "than Keras's file, so the split may differ from Keras's. For the same split, put "
        "california_housing.npz into the folder LAMINA_DATA.",
        stacklevel=4,
    )
    return table


def _from_keras(path: Path) -> tuple[np.ndarray, np.ndarray]:
    arrays = read_npz(path)
    if set(arrays) != {"x", "y"} or len(arrays["x"]) != len(arrays["y"]):
        raise _unexpected(path, f"holds the arrays {sorted(arrays)}")
    return arrays["x"], arrays["y"]


def _from_original(path: Path) -> tuple[np.ndarray, np.ndarray]:
    members = dict(read_members(path, wanted=(_MEMBER,)))
    if _MEMBER not in members:
        raise _unexpected(path, f"lacks {_MEMBER}")
    try:
        rows = np.loadtxt(io.BytesIO(members[_MEMBER]), delimiter=",", dtype=np.float32, ndmin=2)
    except ValueError as error:
        raise _unexpected(path, "holds a line that is no row of numbers") from error
    if rows.shape[1] != 9:
        raise _unexpected(path, f"holds {rows.shape[1]} columns")
    return rows[:, :8].copy(), rows[:, 8].copy()


def _unexpected(path: Path, what: str) -> LoadError:
    return LoadError(
        f"{path.name} {what}.",
        expected="the published table of California Housing.",
        fix=f"remove {path} and load the data set again.",
    )
