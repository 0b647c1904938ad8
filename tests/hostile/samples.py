"""One small good file of every form that Lamina reads, made by code, and its reader."""

import csv
import gzip
import io
import json
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save

import lamina as keras
from lamina import files
from lamina.files.csv_text import read_csv
from lamina.files.jsonl import read_jsonl
from lamina.files.parquet import read_parquet
from lamina.files.toml import read_toml


class Sample(NamedTuple):
    """A good file and the function that reads it from a path or from bytes."""

    ending: str
    data: bytes
    read: Callable[[Any], Any]


def _npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def _npz(save: Callable[..., None]) -> bytes:
    buffer = io.BytesIO()
    save(buffer, x=np.arange(60.0).reshape(20, 3), y=np.arange(20) % 3)
    return buffer.getvalue()


def _idx() -> bytes:
    values = np.arange(48, dtype=np.uint8)
    return struct.pack(">2xBB3I", 8, 3, 3, 4, 4) + values.tobytes()


def _picture(form: str, size: tuple[int, int] = (9, 7)) -> bytes:
    pixels = np.random.default_rng(0).integers(0, 255, (*size, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, form)
    return buffer.getvalue()


def _zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("a/one.txt", "a/two.txt", "b/three.txt"):
            archive.writestr(name, name * 9)
    return buffer.getvalue()


def _tar(mode: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:
        for name in ("a/one.txt", "a/two.txt", "b/three.txt"):
            info = tarfile.TarInfo(name)
            info.size = 9
            archive.addfile(info, io.BytesIO(b"some text"))
    return buffer.getvalue()


ROWS = [{"size": 1.5 * i, "colour": ("red", "green")[i % 2], "kind": i % 3} for i in range(12)]


def _csv(delimiter: str) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, ["size", "colour", "kind"], delimiter=delimiter)
    writer.writeheader()
    writer.writerows(ROWS)
    return text.getvalue().encode()


def _parquet() -> bytes:
    import pyarrow as pa  # noqa: PLC0415
    from pyarrow import parquet  # noqa: PLC0415

    buffer = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(ROWS), buffer)
    return buffer.getvalue()


def _model() -> bytes:
    model = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(2, name="only")])
    model.compile("sgd", "mse")
    with TemporaryDirectory() as folder:
        model.save(f"{folder}/good.lamina")
        return Path(folder, "good.lamina").read_bytes()


def _members(source: Any) -> dict[str, bytes]:
    return dict(files.read_members(source))


DOCUMENT = json.dumps({"name": "one", "sizes": [1, 2.5, None], "is": {"deep": [True]}}).encode()
SETTINGS = b'model = "cnn"\nepochs = 3\n[data]\nseed = 1\nshares = [0.8, 0.2]\n'

SAMPLES = {
    "npy": Sample(".npy", _npy(np.arange(24.0).reshape(4, 6)), files.read_npy),
    "npz": Sample(".npz", _npz(np.savez), files.read_npz),
    "npz, deflated": Sample(".npz", _npz(np.savez_compressed), files.read_npz),
    "safetensors": Sample(
        ".safetensors", save({"w": torch.ones(3, 2), "b": torch.zeros(2)}), files.read_safetensors
    ),
    "idx": Sample("-idx3-ubyte", _idx(), files.read_idx),
    "idx, gzipped": Sample(".gz", gzip.compress(_idx(), mtime=0), files.read_idx),
    "cifar": Sample(".bin", bytes(3073 * [3]) + bytes([9]) + bytes(3072), files.read_cifar),
    "zip": Sample(".zip", _zip(), _members),
    "tar": Sample(".tar", _tar("w"), _members),
    "tar.gz": Sample(".tar.gz", _tar("w:gz"), _members),
    **{
        form: Sample(f".{form.lower()}", _picture(form), files.read_picture)
        for form in ("PNG", "JPEG", "BMP", "GIF")
    },
    "json": Sample(".json", DOCUMENT, files.read_json),
    "toml": Sample(".toml", SETTINGS, read_toml),
    "csv": Sample(".csv", _csv(","), read_csv),
    "tsv": Sample(".tsv", _csv("\t"), read_csv),
    "jsonl": Sample(".jsonl", "\n".join(map(json.dumps, ROWS)).encode(), read_jsonl),
    "parquet": Sample(".parquet", _parquet(), read_parquet),
    "lamina": Sample(".lamina", _model(), keras.models.load_model),
}
