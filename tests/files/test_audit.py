"""Readers open no other file, run nothing and import nothing, whatever a file holds (G6)."""

import gzip
import io
import pickle
import struct
import sys
import threading
import zipfile

import numpy as np
import pytest
import torch
from PIL import Image

from lamina.core.errors import LaminaError
from lamina.files import (
    dump_safetensors,
    read_cifar,
    read_idx,
    read_json,
    read_members,
    read_npz,
    read_picture,
    read_safetensors,
)

FORBIDDEN = ("import", "exec", "compile", "marshal.loads", "pickle.find_class", "subprocess.Popen",
             "os.system", "ctypes.dlopen")  # fmt: skip
watched: dict = {"thread": None, "path": None, "seen": []}


def _hook(event, args):
    if watched["thread"] != threading.get_ident():
        return
    other_file = event == "open" and args[0] != watched["path"] and not isinstance(args[0], int)
    if other_file or event in FORBIDDEN or event.startswith("socket."):
        watched["seen"].append((event, str(args)[:200]))


sys.addaudithook(_hook)


class Evil:
    def __reduce__(self):
        return (print, ("evil",))


def _packed(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def _saved(save, *args, **kwargs):
    buffer = io.BytesIO()
    save(buffer, *args, **kwargs)
    return buffer.getvalue()


PICTURE = _saved(Image.new("RGB", (4, 4)).save, "PNG")
OBJECTS = np.array([Evil()], dtype=object)
CASES = {
    "idx": (read_idx, "a", struct.pack(">HBBI", 0, 8, 1, 2) + b"ab"),
    "idx.gz": (read_idx, "a.gz", gzip.compress(struct.pack(">HBBI", 0, 8, 1, 2) + b"ab")),
    "cifar": (read_cifar, "a.bin", bytes(3073)),
    "cifar pickle": (read_cifar, "a.bin", pickle.dumps(Evil())),
    "npz": (read_npz, "a.npz", _saved(np.savez, x=np.arange(3))),
    "npz of objects": (read_npz, "a.npz", _saved(np.savez, x=OBJECTS)),
    "zip": (lambda path: list(read_members(path)), "a.zip", _packed({"a": b"1"})),
    "json": (read_json, "a.json", b'{"__reduce__": ["os.system", "true"]}'),
    "safetensors": (read_safetensors, "a", dump_safetensors({"a": torch.ones(2)})),
    "picture": (read_picture, "a.png", PICTURE),
    "damaged picture": (read_picture, "a.png", PICTURE[:-30]),
}


@pytest.mark.parametrize("name", CASES)
def test_reading_touches_nothing_else(tmp_path, name):
    read, file_name, data = CASES[name]
    path = str(tmp_path / file_name)
    (tmp_path / file_name).write_bytes(data)
    _attempt(read, path)  # the first time, Pillow and codecs are imported

    watched.update(thread=threading.get_ident(), path=path, seen=[])
    try:
        _attempt(read, path)
    finally:
        watched["thread"] = None

    assert watched["seen"] == []


def _attempt(read, path):
    try:
        read(path)
    except LaminaError:
        return
