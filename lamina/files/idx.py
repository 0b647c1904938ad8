"""IDX files (MNIST and its relatives), plain or gzipped, checked byte for byte."""

import math
import os
import struct
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from lamina.core.errors import LoadError
from lamina.files import limits
from lamina.files.compression import CHUNK, GZIP_MAGIC, gunzip
from lamina.files.opening import Opened, Source, damaged, label_of, open_source

_DTYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


class _Header(NamedTuple):
    dtype: np.dtype
    shape: tuple[int, ...]
    header_bytes: int

    @property
    def total_bytes(self) -> int:
        return self.header_bytes + math.prod(self.shape) * self.dtype.itemsize


def read_idx(source: Source, *, name: str | None = None) -> np.ndarray:
    """Reads one array from an IDX file.

    The file is two zero bytes, a type, a rank, the sizes as big-endian 32-bit numbers, then the
    values. Nothing may be missing and nothing may follow. A gzipped file is unpacked as a stream
    and left one byte after the array should end.

    Args:
        source: Path of a plain or gzipped file, or its content as bytes.
        name: What messages call it. The path when `None`.

    Returns:
        The array, in the byte order of this machine.

    Raises:
        LoadError: The file is cut, longer than it says, of an unknown type, or its gzip checksum
            is wrong, or its name ends in .gz and its content is not gzip (or the reverse).

    Reference:
        LeCun, Cortes and Burges, "The MNIST database of handwritten digits", file format section.
    """
    with open_source(source, name=name) as opened:
        packed = opened.file.read(2) == GZIP_MAGIC
        opened.file.seek(0)
        _check_extension(source, opened.name, packed)
        allowed = _most_bytes(opened, packed)
        chunks = (
            gunzip(opened.file, name=opened.name, limit=allowed)
            if packed
            else iter(lambda: opened.file.read(CHUNK), b"")
        )
        header, content = _collect(chunks, opened, allowed, known=not packed)
    if math.prod(size or 1 for size in header.shape) * 8 > limits.ARRAY_BYTES:
        raise _not_idx(label_of(source), f"byte 4: no array has the shape {header.shape}")
    values = np.frombuffer(content, header.dtype, offset=header.header_bytes)
    return values.reshape(header.shape).astype(header.dtype.newbyteorder("="), copy=False)


def read_idx_pair(
    images: Source, labels: Source, *, num_classes: int
) -> tuple[np.ndarray, np.ndarray]:
    """Reads pictures and their labels, which must fit each other.

    Raises:
        LoadError: A file is damaged, the counts differ, or a label is not below `num_classes`.
    """
    pictures, classes = read_idx(images), read_idx(labels)
    name = label_of(labels)
    if classes.ndim != 1 or len(classes) != len(pictures):
        raise damaged(
            name,
            f"labels of shape {classes.shape} do not fit {len(pictures):,} pictures.",
            expected="one label a picture.",
            fix="take both files from the same data set.",
        )
    if len(classes) and (classes.min() < 0 or classes.max() >= num_classes):
        raise damaged(
            name,
            f"the label {max(classes.max(), -classes.min())} is not one of {num_classes} classes.",
            expected=f"labels from 0 to {num_classes - 1}.",
            fix="fetch the file again from its source.",
        )
    return pictures, classes


def _check_extension(source: Source, name: str, packed: bool) -> None:
    if not isinstance(source, (str, os.PathLike)):
        return
    if os.fsdecode(source).endswith(".gz") != packed:
        is_packed = "gzip data" if packed else "not gzip data"
        raise damaged(
            name,
            f"the content is {is_packed}, which its name does not say.",
            expected="a name that ends in .gz for gzip data, and only then.",
            fix="rename the file, or fetch it again from its source.",
        )


def _most_bytes(opened: Opened, packed: bool) -> int:
    """How much a file may hold: a gzipped one some times its size, and a little in any case."""
    if not packed:
        return limits.IDX_BYTES
    return min(limits.IDX_BYTES, max(limits.SMALL_ARRAY_BYTES, limits.DATA_RATIO * opened.size))


def _collect(
    chunks: Iterator[bytes], opened: Opened, allowed: int, *, known: bool
) -> tuple[_Header, bytearray]:
    """Gathers the file until it is complete; refuses it as soon as it cannot become so."""
    content = bytearray()
    header = None
    for chunk in chunks:
        content += chunk
        if header is None:
            header = _parse(content, opened.name)
            if header and header.total_bytes > allowed:
                raise _too_large(opened.name, header, allowed)
            if header and known and opened.size != header.total_bytes:
                raise _wrong_size(opened.name, header, opened.size)
        if header and len(content) > header.total_bytes:
            raise _wrong_size(opened.name, header, len(content))
    if header is None:
        raise _not_idx(opened.name, f"the file ends after {len(content)} bytes, in its header")
    if len(content) != header.total_bytes:
        raise _wrong_size(opened.name, header, len(content))
    return header, content


def _parse(content: bytearray, name: str) -> _Header | None:
    if len(content) < 4:
        return None
    zero, kind, rank = struct.unpack_from(">HBB", content)
    if zero != 0:
        raise _not_idx(name, f"the file starts with the bytes {bytes(content[:4]).hex(' ')}")
    if kind not in _DTYPES:
        raise _not_idx(name, f"byte 2: the type 0x{kind:02X} is unknown")
    if not 1 <= rank <= 4:
        raise _not_idx(name, f"byte 3: the array has {rank} axes")
    if len(content) < 4 + 4 * rank:
        return None
    shape = struct.unpack_from(f">{rank}I", content, 4)
    return _Header(np.dtype(_DTYPES[kind]), shape, 4 + 4 * rank)


def _not_idx(name: str, what: str) -> LoadError:
    return damaged(
        name,
        f"{what}; this is no IDX file.",
        expected="two zero bytes, a type (08, 09, 0B to 0E), 1 to 4 axes and their sizes.",
        fix="check that this is the file you mean, or fetch it again.",
    )


def _too_large(name: str, header: _Header, allowed: int) -> LoadError:
    return damaged(
        name,
        f"an array of shape {header.shape} needs {header.total_bytes:,} bytes, "
        "more than a file of this size can justify.",
        expected=f"at most {allowed:,} bytes of values.",
        fix="do not use this file; fetch it again from its source, or unpack it with gunzip first.",
    )


def _wrong_size(name: str, header: _Header, size: int) -> LoadError:
    return damaged(
        name,
        f"an array of shape {header.shape} needs {header.total_bytes:,} bytes; "
        f"there are {'more' if size > header.total_bytes else f'{size:,}'}.",
        expected="exactly as many bytes as the header says.",
        fix="fetch the file again from its source.",
    )
