"""The data of the jobs, prepared once, read by every worker from the same files.

`prepare` runs in Lamina's environment; `read` needs NumPy alone.
"""

import json
import os
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.parts.jobs import SEED, Job
from benchmarks.parts.places import CACHE, cifar_pictures

NUM_PICTURES = 50_000


def read(job: Job, *, as_bytes: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and labels of a job: float32 from 0 to 1 (or uint8 as stored), int32 classes."""
    y = np.load(CACHE / f"{job.data}-y.npy")
    if job.rows == len(y):
        x = np.load(CACHE / f"{job.data}-x.npy")
    else:
        y = y[: job.rows]
        x = np.array(np.load(CACHE / f"{job.data}-x.npy", mmap_mode="r")[: job.rows])
    x = x.reshape(len(x), *job.shape)
    if x.dtype == np.uint8 and not as_bytes:
        x = np.multiply(x, np.float32(1 / 255), dtype=np.float32)
    return x, y


def origin(name: str) -> str:
    """Where prepared data comes from, in words."""
    return json.loads((CACHE / f"{name}.json").read_text())["origin"]


def is_prepared() -> bool:
    """Whether all data lies in the cache."""
    return all((CACHE / f"{name}.json").exists() for name in MAKERS)


def prepare() -> None:
    """Makes what is missing in the cache."""
    CACHE.mkdir(exist_ok=True)
    for name, make in MAKERS.items():
        if not (CACHE / f"{name}.json").exists():
            x, y, source = make()
            np.save(CACHE / f"{name}-x.npy", x)
            np.save(CACHE / f"{name}-y.npy", y)
            _write(CACHE / f"{name}.json", {"origin": source})


def fashion() -> tuple[np.ndarray, np.ndarray, str]:
    """Fashion-MNIST as Lamina's catalogue finds it, or random pictures of its size."""
    import lamina  # noqa: PLC0415  (only `prepare` needs it)

    try:
        (x, y), _ = lamina.datasets.fashion_mnist.load_data()
    except lamina.LaminaError:
        x, y = random_pictures(60_000, (28, 28))
        return x, y, "random pictures of Fashion-MNIST's size"
    return x, y.astype(np.int32), "Fashion-MNIST"


def cifar() -> tuple[np.ndarray, np.ndarray, str]:
    """CIFAR-10 from a zip of pictures, or random pictures of its size."""
    archive = cifar_pictures()
    if archive is None:
        x, y = random_pictures(NUM_PICTURES, (32, 32, 3))
        return x, y, "random pictures of CIFAR-10's size"
    x, y = _unpack(archive)
    return x, y, "CIFAR-10 pictures"


def table() -> tuple[np.ndarray, np.ndarray, str]:
    """Random rows of the size of California Housing, with a smooth target and some noise."""
    source = np.random.default_rng(SEED)
    x = source.standard_normal((20_640, 8), dtype=np.float32)
    smooth = np.sin(2 * x[:, 0]) + x[:, 1] * x[:, 2] + 0.5 * x[:, 3] ** 2 + x[:, 4:].sum(1)
    y = smooth + 0.3 * source.standard_normal(len(x), dtype=np.float32)
    return x, y.astype(np.float32)[:, None], "random table with a smooth target"


MAKERS = {"fashion": fashion, "cifar": cifar, "table": table}


def random_pictures(count: int, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Noise around one random picture a class, so that there is something to learn."""
    source = np.random.default_rng(SEED)
    y = source.integers(0, 10, count).astype(np.int32)
    means = source.integers(64, 192, (10, *shape)).astype(np.int16)
    noise = source.integers(-64, 64, (count, *shape)).astype(np.int16)
    return (means[y] + noise).astype(np.uint8), y


def _unpack(archive: Path) -> tuple[np.ndarray, np.ndarray]:
    from PIL import Image  # noqa: PLC0415  (only `prepare` needs it)

    with zipfile.ZipFile(archive) as pictures:
        names = sorted(name for name in pictures.namelist() if name.startswith("train/"))
        classes = sorted({name.split("/")[1] for name in names})
        order = np.random.default_rng(SEED).permutation(len(names))
        x = np.empty((len(names), 32, 32, 3), np.uint8)
        for place, number in enumerate(order):
            x[place] = Image.open(BytesIO(pictures.read(names[number]))).convert("RGB")
    y = np.array([classes.index(names[number].split("/")[1]) for number in order], np.int32)
    return x, y


def first_weights(job: Job) -> list[tuple[np.ndarray, np.ndarray]]:
    """Glorot-uniform kernels in the layout (..., in, out) and zero biases, layer by layer."""
    source = np.random.default_rng(SEED)
    weights = []
    height, width, features = job.shape if len(job.shape) == 3 else (1, 1, job.shape[0])
    for kind, *numbers in job.layers:
        if kind == "pool":
            height, width = height // 2, width // 2
        elif kind == "flatten":
            features = height * width * features
        elif kind in ("dense", "conv", "conv-norm"):
            size = (3, 3) if kind != "dense" else ()
            weights.append(_glorot(source, (*size, features, numbers[0])))
            features = numbers[0]
    return weights


def _glorot(source: Any, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    positions = int(np.prod(shape[:-2]))
    limit = np.sqrt(6 / (positions * (shape[-2] + shape[-1])))
    kernel = source.uniform(-limit, limit, shape).astype(np.float32)
    return kernel, np.zeros(shape[-1], np.float32)


def _write(path: Path, content: dict[str, Any]) -> None:
    part = path.with_suffix(".part")
    part.write_text(json.dumps(content))
    os.replace(part, path)


if __name__ == "__main__":
    prepare()
