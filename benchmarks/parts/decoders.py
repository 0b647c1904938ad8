"""Decodes a zip of pictures in one way and prints the seconds it took as JSON.

    python -m benchmarks.parts.decoders WAY ARCHIVE

Every way ends with one array of bytes, (pictures, 32, 32, 3). Imports are not counted.
"""

import json
import os
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import numpy as np
from PIL import Image

from benchmarks.parts.data import random_pictures

SHAPE = (32, 32, 3)


def lamina_first(path: str) -> int:
    """Lamina, nothing in its cache: decodes, checks, hashes, writes the cache."""
    import lamina  # noqa: PLC0415  (not every way needs it)

    with tempfile.TemporaryDirectory() as home:
        os.environ["LAMINA_HOME"] = home
        return _counted(lamina.data.load(path))


def lamina_again(path: str) -> int:
    """Lamina, when it has decoded the source before."""
    import lamina  # noqa: PLC0415  (not every way needs it)

    return _counted(lamina.data.load(path))


def _counted(dataset: "lamina.data.Dataset") -> int:  # noqa: F821  (imported above)
    return dataset.train.num_examples + dataset.test.num_examples


def one_process(path: str) -> int:
    """Pillow in a plain loop."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        x = np.empty((len(names), *SHAPE), np.uint8)
        for place, name in enumerate(names):
            x[place] = Image.open(BytesIO(archive.read(name))).convert("RGB")
    return len(x)


def threads(path: str) -> int:
    """Pillow in a thread a core; one at a time reads the archive."""
    lock = threading.Lock()
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        x = np.empty((len(names), *SHAPE), np.uint8)

        def decode(places: range) -> None:
            for place in places:
                with lock:
                    data = archive.read(names[place])
                x[place] = Image.open(BytesIO(data)).convert("RGB")

        chunks = [range(start, min(start + 256, len(x))) for start in range(0, len(x), 256)]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(decode, chunks))
    return len(x)


WAYS: dict[str, Callable[[str], int]] = {
    "lamina": lamina_first,
    "lamina-again": lamina_again,
    "pillow": one_process,
    "pillow-threads": threads,
}


def write_archive(path: str, count: int) -> None:
    """A zip of random pictures as JPEG, train/CLASS/NUMBER.jpg."""
    x, y = random_pictures(count, SHAPE)
    with zipfile.ZipFile(path, "w") as archive:
        for number, (pixels, label) in enumerate(zip(x, y, strict=True)):
            buffer = BytesIO()
            Image.fromarray(pixels).save(buffer, "JPEG")
            archive.writestr(f"train/{label}/{number:05}.jpg", buffer.getvalue())


def main() -> None:
    """Decodes once and prints the figures; "write PATH COUNT" makes an archive instead."""
    if sys.argv[1] == "write":
        write_archive(sys.argv[2], int(sys.argv[3]))
        return
    way, path = WAYS[sys.argv[1]], sys.argv[2]
    if sys.argv[1].startswith("lamina"):
        import lamina.data.loading.entry  # noqa: F401, PLC0415  (imports are not counted)
    if sys.argv[1] == "lamina-again":
        way(path)
    started, used = time.perf_counter(), _processor_seconds()
    count = way(path)
    seconds = time.perf_counter() - started
    used = _processor_seconds() - used
    print(json.dumps({"seconds": seconds, "processor_seconds": used, "pictures": count}))


def _processor_seconds() -> float:
    """What this process and its ended children have used of all cores."""
    return sum(os.times()[:4])


if __name__ == "__main__":
    main()
