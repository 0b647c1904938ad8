"""Tar members read one after the other from a stream: regular files, nothing else.

A parser of its own for the ustar, GNU and PAX forms, because links, devices, sparse files and
oversized headers have to be refused before anything acts on them.
"""

from collections.abc import Iterator
from typing import NamedTuple

from lamina.core.errors import LoadError
from lamina.files import limits
from lamina.files.members import Names
from lamina.files.opening import damaged, printable

_BLOCK = 512
_FILES, _FOLDER = (b"0", b"\0", b"7"), b"5"
_PAX, _PAX_GLOBAL, _LONG_NAME = b"x", b"g", b"L"
_KINDS = {
    b"1": "a hard link",
    b"2": "a symbolic link",
    b"3": "a device",
    b"4": "a device",
    b"6": "a pipe",
    b"K": "a link with a long name",
    b"S": "a sparse file",
}
_EXTENSION_BYTES = 64 * 1024


class _Header(NamedTuple):
    name: bytes
    size: int
    kind: bytes


class _Stream:
    """Hands out an exact number of bytes from an iterator of chunks."""

    def __init__(self, chunks: Iterator[bytes], name: str) -> None:
        self.chunks, self.name = chunks, name
        self._rest = b""

    def take(self, size: int) -> bytes:
        parts, have = [self._rest], len(self._rest)
        while have < size:
            chunk = next(self.chunks, b"")
            if not chunk:
                raise _broken(self.name, "the archive ends too early")
            parts.append(chunk)
            have += len(chunk)
        whole = b"".join(parts)
        self._rest = whole[size:]
        return whole[:size]

    def drain(self) -> None:
        """Reads to the end, so that checksums are verified, and allows only padding there."""
        for chunk in (self._rest, *self.chunks) if self._rest else self.chunks:
            if chunk.strip(b"\0"):
                raise _broken(self.name, "data follows the end of the archive")


def read_tar(
    chunks: Iterator[bytes], *, name: str, wanted: frozenset[str] | None = None
) -> Iterator[tuple[str, bytes]]:
    """Yields the name and content of each regular file of a tar stream.

    Args:
        chunks: The unpacked archive, piece by piece.
        name: What messages call the archive.
        wanted: Names to yield; the others are checked and skipped. All when `None`.

    Raises:
        LoadError: The archive is damaged or holds something other than files and folders.
    """
    stream, names = _Stream(chunks, name), Names(name)
    override: bytes | None = None
    while True:
        block = stream.take(_BLOCK)
        if not block.strip(b"\0"):
            stream.drain()
            return
        header = _parse(block, name)
        if header.kind in (_PAX, _PAX_GLOBAL, _LONG_NAME):
            override = (
                _extension(header, _padded(stream, header, _EXTENSION_BYTES), name) or override
            )
            continue
        clean = names.accept(override or header.name)
        override = None
        if header.kind == _FOLDER:
            continue
        if header.kind not in _FILES:
            kind = _KINDS.get(header.kind, f"of the unknown type {printable(header.kind)}")
            raise _broken(name, f"the member {printable(clean)} is {kind}")
        if wanted is None or clean in wanted:
            yield clean, _padded(stream, header, limits.ARCHIVE_MEMBER_BYTES)
        else:
            _skip(stream, header)


def _parse(block: bytes, archive: str) -> _Header:
    total = sum(block) - sum(block[148:156]) + 8 * ord(" ")
    if _octal(block[148:156], archive) != total:
        raise _broken(archive, "a header's checksum does not match")
    name = block[:100].split(b"\0", 1)[0]
    if block[257:263] == b"ustar\0":
        prefix = block[345:500].split(b"\0", 1)[0]
        name = prefix + b"/" + name if prefix else name
    return _Header(name, _octal(block[124:136], archive), block[156:157])


def _octal(field: bytes, archive: str) -> int:
    text = field.strip(b" \0")
    if not text:
        return 0
    if not text.isdigit() or set(text) & set(b"89"):
        raise _broken(archive, f"the number {printable(field)} in a header is not octal")
    return int(text, 8)


def _padded(stream: _Stream, header: _Header, limit: int) -> bytes:
    if header.size > limit:
        raise _broken(stream.name, f"the member {printable(header.name)} has over {limit:,} bytes")
    return stream.take(header.size + -header.size % _BLOCK)[: header.size]


def _skip(stream: _Stream, header: _Header) -> None:
    rest = header.size + -header.size % _BLOCK
    while rest:
        rest -= len(stream.take(min(rest, limits.MIB)))


def _extension(header: _Header, content: bytes, archive: str) -> bytes | None:
    """The name that a GNU or PAX extension gives to the next member, if it gives one."""
    if header.kind == _LONG_NAME:
        return content.removesuffix(b"\0")
    records = _pax_records(content, archive)
    for key in records:
        if key == b"size" or key.startswith(b"GNU.sparse"):
            raise _broken(archive, f"the extension {printable(key)} is not supported")
    if header.kind == _PAX_GLOBAL and b"path" in records:
        raise _broken(archive, "a global extension renames every member")
    return records.get(b"path")


def _pax_records(content: bytes, archive: str) -> dict[bytes, bytes]:
    records = {}
    while content:
        length, space, _ = content.partition(b" ")
        if not (space and length.isdigit() and len(length) < len(content) >= int(length[:9])):
            raise _broken(archive, "an extension header is damaged")
        record, content = content[len(length) + 1 : int(length)], content[int(length) :]
        key, equals, value = record.partition(b"=")
        if not equals or not value.endswith(b"\n"):
            raise _broken(archive, "an extension header is damaged")
        records[key] = value[:-1]
    return records


def _broken(archive: str, what: str) -> LoadError:
    return damaged(
        archive,
        f"{what}.",
        expected="a complete tar archive of regular files and folders.",
        fix="fetch the archive again, or pack it again from its files.",
    )
