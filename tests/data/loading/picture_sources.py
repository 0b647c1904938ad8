"""Small sources of pictures as folders, zips and tars."""

import io
import tarfile
import zipfile

import numpy as np
from PIL import Image


def encoded(value, size=(5, 4), mode="RGB", form="PNG"):
    """A picture of one colour as the bytes of a file; `size` is (width, height)."""
    buffer = io.BytesIO()
    colour = value if mode == "L" else (value, value // 2, 7)
    Image.new(mode, size, colour).save(buffer, form)
    return buffer.getvalue()


def write_folder(root, files):
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def write_zip(path, files):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def write_tar(path, files, mode="w:gz"):
    with tarfile.open(path, mode) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def classes(counts, prefix="", start=0, **look):
    """Different pictures for each class: {"a": 3} makes a/0.png to a/2.png."""
    names = [f"{prefix}{name}/{n}.png" for name, count in counts.items() for n in range(count)]
    return {name: encoded(start + number, **look) for number, name in enumerate(names)}


def values(part):
    """The first channel of the first pixel of each picture."""
    return np.asarray(part.x)[:, 0, 0, 0].tolist()


def write_source(form, folder, files):
    """The same files as a folder, a zip, a tar or a gzipped tar."""
    if form == "folder":
        return write_folder(folder / "source", files)
    if form == "zip":
        return write_zip(folder / "source.zip", files)
    mode = "w" if form == "tar" else "w:gz"
    return write_tar(folder / f"source.{form}", files, mode)
