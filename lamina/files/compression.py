"""Unpacks gzip and raw deflate as a stream that never yields more than it was allowed."""

import zlib
from collections.abc import Iterator
from typing import BinaryIO

from lamina.core.errors import LoadError
from lamina.files.opening import damaged

CHUNK = 2**18
GZIP_MAGIC = b"\x1f\x8b"
_GZIP, _RAW = 31, -15

_REASONS = {
    "incorrect data check": "its checksum (CRC) does not match its content",
    "incorrect length check": "its recorded length does not match its content",
    "incorrect header check": "it does not start like a gzip file",
}


def gunzip(file: BinaryIO, *, name: str, limit: int) -> Iterator[bytes]:
    """Yields the content of a gzip file of exactly one member.

    Raises:
        LoadError: The file is cut, damaged, followed by more bytes, or unpacks to more than
            `limit` bytes.
    """
    engine = zlib.decompressobj(_GZIP)
    yield from _inflated(engine, file, name, limit)
    if engine.unused_data or file.read(1):
        raise damaged(
            name,
            "more bytes follow the end of the gzip data.",
            expected="one gzip member and nothing after it.",
            fix="fetch the file again from its source.",
        )


def inflate(file: BinaryIO, *, name: str, size: int) -> Iterator[bytes]:
    """Yields the `size` bytes that a raw deflate stream unpacks to.

    Raises:
        LoadError: The stream is cut, damaged, or unpacks to another number of bytes.
    """
    engine = zlib.decompressobj(_RAW)
    total = 0
    for chunk in _inflated(engine, file, name, size):
        total += len(chunk)
        yield chunk
    if total != size or engine.unused_data or file.read(1):
        raise damaged(
            name,
            f"the compressed data does not unpack to the declared {size:,} bytes.",
            expected="a size in the header that is the size of the content.",
            fix="fetch the file again from its source.",
        )


def _inflated(engine: "zlib._Decompress", file: BinaryIO, name: str, limit: int) -> Iterator[bytes]:
    total = 0
    while not engine.eof:
        data = engine.unconsumed_tail or file.read(CHUNK)
        try:
            chunk = engine.decompress(data, CHUNK)
        except zlib.error as error:
            raise _broken(name, error) from error
        total += len(chunk)
        if total > limit:
            raise damaged(
                name,
                f"the file unpacks to more than {limit:,} bytes.",
                expected=f"at most {limit:,} bytes of content.",
                fix="do not use this file; fetch it again from its source.",
            )
        if chunk:
            yield chunk
        if not data and not engine.eof:
            raise damaged(
                name,
                "the compressed data ends too early.",
                expected="a complete file.",
                fix="fetch the file again; the last download was cut.",
            )


def _broken(name: str, error: zlib.error) -> LoadError:
    reason = next((text for key, text in _REASONS.items() if key in str(error)), None)
    return damaged(
        name,
        f"the compressed data is damaged: {reason or 'it is not valid deflate data'}.",
        expected="a complete, unchanged file.",
        fix="fetch the file again from its source.",
    )
