"""Keeps decoded pictures below the cache folder, so that a source is decoded once.

An entry is three files: the pixels and their hashes as .npy, and facts as JSON, written last. A
cache that cannot be written, or an entry that is not as it should be, is as good as none.
"""

import hashlib
import io
import json
import math
import os
import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lamina.core.errors import LaminaError
from lamina.data.loading.decoding import DIGEST_BYTES, digest_of
from lamina.data.loading.listing import Listing
from lamina.files import atomic
from lamina.files.documents import read_json
from lamina.files.downloads import cache_folder

MAPPED_FROM_BYTES = 256 * 2**20
_FORMAT = 1
_KEPT = 3  # entries a source: other sizes, an earlier state
_LOOKED_AT = 1000
_COPIED_BYTES = 16 * 2**20
_LITTER_SECONDS = 86_400


class Entry(NamedTuple):
    """What the cache holds of a source.

    Args:
        pixels: Shape (n, height, width, channels), uint8; memory-mapped when large.
        digests: Shape (n, 16), uint8.
        facts: What else was found out.
    """

    pixels: np.ndarray
    digests: np.ndarray
    facts: dict[str, Any]


class Place(NamedTuple):
    """Where an entry is kept: its folder, and the start of the names of its files."""

    folder: Path
    stem: str

    def file(self, ending: str) -> Path:
        """One file of the entry."""
        return self.folder / f"{self.stem}{ending}"


def place_of(listing: Listing, places: Sequence[int], request: Sequence[Any]) -> Place | None:
    """Where the pictures of a source in its present state belong; `None` without a cache.

    Args:
        listing: The source; its path, sizes and times go into the name.
        places: Which pictures, in which order.
        request: What was asked for; other wishes have other entries.
    """
    from PIL import __version__  # noqa: PLC0415 (slow to import)

    path = os.path.realpath(listing.path) if listing.path else ""
    digest = hashlib.sha256(f"{_FORMAT} {__version__} {list(request)!r}\n".encode())
    if listing.form != "folder":
        status = os.stat(path)
        digest.update(f"{status.st_size} {status.st_mtime_ns}\n".encode())
    for place in places:
        member = listing.pictures[place]
        digest.update(f"{member!r}\n".encode("utf-8", "backslashreplace"))
    source = hashlib.sha256(os.fsencode(path)).hexdigest()[:16]
    try:
        return Place(cache_folder("pictures"), f"{source}-{digest.hexdigest()[:32]}")
    except LaminaError:
        return None


def find(place: Place | None) -> Entry | None:
    """The entry that is kept in a place, if it is whole."""
    if place is None or not place.file(".json").is_file():
        return None
    with suppress(LaminaError, OSError, KeyError, TypeError, ValueError):
        facts = read_json(place.file(".json"))
        shape = (facts["count"], *facts["look_shape"])
        pixels = _mapped(place.file(".npy"), shape)
        digests = _mapped(place.file(".digests.npy"), (facts["count"], DIGEST_BYTES))
        if pixels.nbytes < MAPPED_FROM_BYTES:
            pixels = np.array(pixels)
        digests = np.array(digests)
        if _fits(pixels, digests):
            os.utime(place.file(".json"))
            return Entry(pixels, digests, facts)
    return None


class Canvas:
    """Zeroed memory that pictures are decoded into: a file of the cache when large.

    Args:
        place: Where the entry will be kept.
        shape: Shape of the pixels.
    """

    def __init__(self, place: Place | None, shape: tuple[int, ...]) -> None:
        self.place, self.path = place, None
        num_bytes = math.prod(shape)
        if place is not None and num_bytes >= MAPPED_FROM_BYTES:
            self.path = place.file(f".npy.tmp.{os.getpid()}")
            try:
                self.pixels = _new_file(self.path, shape, place.folder)
                return
            except OSError:  # no room: memory will do
                self.discard()
        self.pixels = np.zeros(shape, np.uint8)

    def discard(self) -> None:
        """Removes the file, if there is one."""
        if self.path is not None:
            with suppress(OSError):
                self.path.unlink()
            self.path = None

    def keep(self, digests: np.ndarray, facts: dict[str, Any]) -> Entry:
        """Makes the first rows an entry of the cache; where that fails they stay in memory.

        Args:
            digests: Shape (n, 16), uint8; the rows after the first n are dropped.
            facts: What else was found out.
        """
        pixels = self.pixels[: len(digests)]
        facts = {**facts, "count": len(pixels), "look_shape": list(pixels.shape[1:])}
        if self.place is None:
            return Entry(pixels, digests, facts)
        target = self.place.file(".npy")
        try:
            if self.path is None:
                atomic.write_bytes(target, (_header(pixels.shape), pixels.data))
            else:
                pixels = _finished(self.pixels, pixels.shape, self.path, target)
            atomic.write_bytes(
                self.place.file(".digests.npy"), (_header(digests.shape), digests.data)
            )
            atomic.write_text(self.place.file(".json"), json.dumps(facts))
            _forget_old(self.place)
        except OSError:  # the next time decodes again, and that is all
            self.discard()
        return Entry(pixels, digests, facts)


def reordered(pixels: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Pictures in another order: in memory, or in a nameless file when they lie in one."""
    if isinstance(pixels, np.memmap):
        with suppress(OSError, LaminaError):
            return _in_nameless_file(pixels, order)
    return pixels[order]


def _in_nameless_file(pixels: np.ndarray, order: np.ndarray) -> np.ndarray:
    folder = cache_folder("pictures")
    path = folder / f"order.tmp.{os.getpid()}.{time.monotonic_ns()}"
    try:
        result = _new_file(path, (len(order), *pixels.shape[1:]), folder)
    finally:
        with suppress(OSError):  # where a mapped file cannot be removed, it goes as litter later
            path.unlink()
    step = max(1, _COPIED_BYTES // math.prod(pixels.shape[1:]))
    for start in range(0, len(order), step):
        result[start : start + step] = pixels[order[start : start + step]]
    return result


def _new_file(path: Path, shape: tuple[int, ...], folder: Path) -> np.ndarray:
    """A mapped file whose bytes the disk has promised, so that writing to it cannot fail."""
    header, num_bytes = _header(shape), math.prod(shape)
    if shutil.disk_usage(folder).free < num_bytes + MAPPED_FROM_BYTES:
        raise OSError("no room")
    with path.open("wb") as file:
        file.write(header)
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, len(header) + num_bytes)
    return np.memmap(path, np.uint8, "r+", offset=len(header), shape=shape)


def _finished(pixels: np.ndarray, shape: tuple[int, ...], path: Path, target: Path) -> np.ndarray:
    """Gives a mapped file its final length and name, and maps it so that it is not changed."""
    if isinstance(pixels, np.memmap):
        pixels.flush()
    header = _header(shape)
    with path.open("r+b") as file:
        file.write(header)
        file.truncate(len(header) + math.prod(shape))
        os.fsync(file.fileno())
    atomic.effects.rename(str(path), str(target))
    return _mapped(target, shape)


def _header(shape: tuple[int, ...]) -> bytes:
    """How an .npy file of bytes of this shape begins."""
    buffer = io.BytesIO()
    facts = {"descr": "|u1", "fortran_order": False, "shape": tuple(shape)}
    np.lib.format.write_array_header_1_0(buffer, facts)
    return buffer.getvalue()


def _mapped(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """The array of a file that is exactly what `_header` promises; changes stay in memory.

    Raises:
        ValueError: It is not.
    """
    header = _header(shape)
    with path.open("rb") as file:
        start = file.read(len(header))
        size = os.fstat(file.fileno()).st_size
    if start != header or size != len(header) + math.prod(shape):
        raise ValueError("another file than the facts say")
    return np.memmap(path, np.uint8, "c", offset=len(header), shape=shape)


def _fits(pixels: np.ndarray, digests: np.ndarray) -> bool:
    """Whether the hashes of up to 1,000 pictures, evenly spread, are those of their pixels."""
    step = max(1, len(pixels) // _LOOKED_AT)
    return all(
        np.array_equal(digest_of(row), digest)
        for row, digest in zip(pixels[::step], digests[::step], strict=True)
    )


def _forget_old(place: Place) -> None:
    """Removes all but the newest entries of a source, and what killed programs left."""
    source = place.stem.partition("-")[0]
    entries = sorted(
        place.folder.glob(f"{source}-*.json"), key=lambda path: path.stat().st_mtime, reverse=True
    )
    for old in entries[_KEPT:]:
        for ending in (".json", ".npy", ".digests.npy"):
            old.with_name(old.stem + ending).unlink(missing_ok=True)
    for litter in place.folder.glob("*.tmp.*"):
        if time.time() - litter.stat().st_mtime > _LITTER_SECONDS:
            litter.unlink(missing_ok=True)
