"""SHA-256 of files: as they are, of what they unpack to, and of the members of an archive."""

import hashlib
import os
from collections.abc import Iterable, Mapping

from lamina.files import limits
from lamina.files.archive import read_members
from lamina.files.compression import CHUNK, GZIP_MAGIC, gunzip
from lamina.files.opening import open_source


def file_hash(path: str | os.PathLike, algorithm: str = "sha256") -> str:
    """The hexadecimal hash of a file as it lies on the disk."""
    with open_source(path) as opened:
        return _digest(iter(lambda: opened.file.read(CHUNK), b""), algorithm)


def content_hash(path: str | os.PathLike) -> str:
    """The SHA-256 of what a gzip file unpacks to; of the file itself when it is not gzip.

    Two copies of a data set packed by different programs have the same content hash.

    Raises:
        LoadError: The gzip data is damaged.
    """
    with open_source(path) as opened:
        packed = opened.file.read(2) == GZIP_MAGIC
        opened.file.seek(0)
        if packed:
            return _digest(
                gunzip(opened.file, name=opened.name, limit=limits.ARCHIVE_BYTES), "sha256"
            )
        return _digest(iter(lambda: opened.file.read(CHUNK), b""), "sha256")


def members_match(path: str | os.PathLike, expected: Mapping[str, str]) -> bool:
    """Whether an archive holds every expected member with the expected SHA-256.

    Raises:
        LoadError: The archive is damaged.
    """
    found = {
        name: hashlib.sha256(data).hexdigest()
        for name, data in read_members(path, wanted=expected, check_ending=False)
    }
    return found == dict(expected)


def _digest(chunks: Iterable[bytes], algorithm: str) -> str:
    engine = hashlib.new(algorithm, usedforsecurity=False)
    for chunk in chunks:
        engine.update(chunk)
    return engine.hexdigest()
