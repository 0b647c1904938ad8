"""Data of the kinds that programs in public questions use: real where a package brings them."""

import functools

import numpy as np
from sklearn import datasets, preprocessing


def generator() -> np.random.Generator:
    return np.random.default_rng(11)


@functools.cache
def _digits() -> tuple[np.ndarray, np.ndarray]:
    small = datasets.load_digits()
    big = np.kron(small.images / 16 * 255, np.ones((3, 3)))
    return np.pad(big, ((0, 0), (2, 2), (2, 2))).astype("uint8"), small.target


def digits(rows: int = 1200) -> tuple[np.ndarray, np.ndarray]:
    """Handwritten digits as MNIST has them: (n, 28, 28), 0 to 255."""
    x, y = _digits()
    return x[:rows].copy(), y[:rows].copy()


def flat_digits(rows: int = 1200, scale: float = 255.0) -> tuple[np.ndarray, np.ndarray]:
    x, y = digits(rows)
    return x.reshape(len(x), 784).astype("float32") / scale, y


def one_hot(y: np.ndarray, count: int | None = None) -> np.ndarray:
    return np.eye(count or int(y.max()) + 1, dtype="float32")[y]


def standardized(x: np.ndarray) -> np.ndarray:
    return preprocessing.scale(x[: int(0.8 * len(x))]).astype("float32")


def _table(load: object, scaled: bool) -> tuple[np.ndarray, np.ndarray]:
    data = load()
    order = generator().permutation(len(data.data))
    x, y = data.data[order].astype("float32"), data.target[order]
    if scaled:
        x = (x - x[: len(x) // 2].mean(0)) / x[: len(x) // 2].std(0)
    return x, y


def iris(scaled: bool = True) -> tuple[np.ndarray, np.ndarray]:
    return _table(datasets.load_iris, scaled)


def wine(scaled: bool = True) -> tuple[np.ndarray, np.ndarray]:
    return _table(datasets.load_wine, scaled)


def cancer(scaled: bool = True) -> tuple[np.ndarray, np.ndarray]:
    return _table(datasets.load_breast_cancer, scaled)


def diabetes() -> tuple[np.ndarray, np.ndarray]:
    """Target from 25 to 346."""
    x, y = _table(datasets.load_diabetes, scaled=True)
    return x, y.astype("float32")


def circles(rows: int = 600) -> tuple[np.ndarray, np.ndarray]:
    x, y = datasets.make_circles(rows, noise=0.08, factor=0.4, random_state=3)
    return x.astype("float32"), y


def moons(rows: int = 600) -> tuple[np.ndarray, np.ndarray]:
    x, y = datasets.make_moons(rows, noise=0.15, random_state=3)
    return x.astype("float32"), y


def blobs(rows: int = 600, centers: int = 4) -> tuple[np.ndarray, np.ndarray]:
    x, y = datasets.make_blobs(rows, centers=centers, n_features=5, random_state=3)
    return preprocessing.scale(x).astype("float32"), y


def xor() -> tuple[np.ndarray, np.ndarray]:
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype="float32")
    return x, np.array([[0], [1], [1], [0]], dtype="float32")


def sine(rows: int = 500) -> tuple[np.ndarray, np.ndarray]:
    x = generator().uniform(-3, 3, size=(rows, 1)).astype("float32")
    return x, np.sin(x[:, 0]).astype("float32")


def prices(rows: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Houses: area, rooms, age, and a price from 50,000 to 600,000."""
    random = generator()
    area, rooms = random.uniform(40, 300, rows), random.integers(1, 8, rows)
    age = random.uniform(0, 90, rows)
    price = 1500 * area + 12000 * rooms - 700 * age + random.normal(0, 9000, rows) + 40000
    return np.stack([area, rooms, age], 1).astype("float32"), price.astype("float32")


def series(rows: int = 400, steps: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """Windows of a stock price between 100 and 400, and the next value."""
    random = generator()
    walk = 250 + 80 * np.sin(np.arange(rows + steps) / 25) + random.normal(0, 4, rows + steps)
    x = np.stack([walk[i : i + steps] for i in range(rows)])[:, :, None]
    return x.astype("float32"), walk[steps : steps + rows].astype("float32")


def reviews(rows: int = 500, steps: int = 20, words: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Word numbers, and whether good words outnumber bad ones."""
    x = generator().integers(1, words, size=(rows, steps))
    return x, ((x < 40).sum(1) > (x > words - 40).sum(1)).astype("int64")


def tags(rows: int = 500) -> tuple[np.ndarray, np.ndarray]:
    """Several of five answers can be right for a row."""
    x = generator().normal(size=(rows, 10)).astype("float32")
    return x, (x[:, :5] + x[:, 5:] > 0.3).astype("float32")


def fraud(rows: int = 1500) -> tuple[np.ndarray, np.ndarray]:
    """One row in a hundred is positive."""
    x = generator().normal(size=(rows, 8)).astype("float32")
    return x, (x[:, 0] + x[:, 1] > 3.3).astype("int64")
