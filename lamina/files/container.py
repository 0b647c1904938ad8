"""A few named members in one stored zip, laid out in exactly one way: same content, same bytes.

The reader knows how the writer would have laid out the members it finds, and accepts nothing
else: no prefix, gap, comment, compression, doubled name or second story can hide in such a file.
"""

import struct
import zlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from lamina.core.errors import ArgumentError, LoadError
from lamina.files.opening import Opened, damaged, printable

_END = struct.Struct("<4s4H2LH")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_VERSION = 20
_MIDNIGHT, _FIRST_DAY = 0, 0x21  # 1 January 1980, where the clock of zip files starts
_LARGEST = 2**32 - 1
_DIRECTORY_BYTES = 2**16


class _Entry(NamedTuple):
    name: str
    crc: int
    size: int
    offset: int

    @property
    def local(self) -> bytes:
        """The header in front of the member."""
        return self._head(_LOCAL, b"PK\3\4", (_VERSION,), ()) + self.name.encode()

    @property
    def central(self) -> bytes:
        """The entry in the directory at the end."""
        made = (_VERSION, _VERSION)
        return self._head(_CENTRAL, b"PK\1\2", made, (0, 0, 0, 0, self.offset)) + self.name.encode()

    @property
    def start(self) -> int:
        """Where the content begins."""
        return self.offset + _LOCAL.size + len(self.name)

    def _head(self, form: struct.Struct, magic: bytes, versions: tuple, rest: tuple) -> bytes:
        sizes = (self.crc, self.size, self.size, len(self.name), 0)
        return form.pack(magic, *versions, 0, 0, _MIDNIGHT, _FIRST_DAY, *sizes, *rest)


def pack(members: Mapping[str, bytes]) -> list[bytes]:
    """The bytes of a file that holds these members, in their order and in pieces.

    Raises:
        ArgumentError: They have 4 GiB or more together.
    """
    entries = _laid_out([(name, zlib.crc32(data), len(data)) for name, data in members.items()])
    if _length(entries) + _DIRECTORY_BYTES > _LARGEST:
        raise ArgumentError(
            f"the file would have {_length(entries):,} bytes.",
            expected="less than 4 GiB in one file.",
            fix="save the weights alone with save_weights().",
        )
    pieces = zip((entry.local for entry in entries), members.values(), strict=True)
    return [*(piece for pair in pieces for piece in pair), _directory(entries)]


class Container:
    """The members of a file that `pack` wrote; nothing is read before the layout is checked.

    Args:
        opened: The open file, which has to stay open while members are read.
        known: Names a member may have, in the order in which they may come.

    Raises:
        LoadError: The file is laid out in any other way.
    """

    def __init__(self, opened: Opened, known: Sequence[str]) -> None:
        self._file, self._size, self._label = opened
        self._known = known
        self._entries = {entry.name: entry for entry in self._checked()}

    @property
    def names(self) -> list[str]:
        """Names of the members."""
        return list(self._entries)

    def read(self, name: str) -> bytes:
        """The content of a member, its checksum verified.

        Raises:
            LoadError: There is no such member, or its bytes changed.
        """
        if name not in self._entries:
            raise self._broken(f"there is no member {printable(name)}.")
        entry = self._entries[name]
        data = self._read(entry.start, entry.size)
        if zlib.crc32(data) != entry.crc:
            raise self._broken(f"the bytes of the member {printable(name)} changed (CRC).")
        return data

    def _checked(self) -> list[_Entry]:
        directory = self._read_directory()
        entries = _laid_out(self._told(directory))
        self._check_names([entry.name for entry in entries])
        place = 0
        for entry in entries:
            if directory[place : place + len(entry.central)] != entry.central:
                raise self._broken(
                    f"the entry of {printable(entry.name)} is not as save_model() writes it: it "
                    "is compressed, encrypted, marked or somewhere else."
                )
            place += len(entry.central)
            if self._read(entry.offset, len(entry.local)) != entry.local:
                raise self._broken(
                    f"the header of the member {printable(entry.name)} does not fit its entry."
                )
        if directory != _directory(entries) or self._size != _length(entries) + len(directory):
            raise self._broken("the directory does not fit the members, or bytes lie between them.")
        return entries

    def _read_directory(self) -> bytes:
        """Directory and end record, from where the end record says."""
        first = self._read(0, min(8, self._size))
        if self._size < _END.size or first[:4] != b"PK\3\4":
            raise self._broken(f"it starts with the bytes {printable(first)}.")
        end = self._read(self._size - _END.size, _END.size)
        if end[:4] != b"PK\5\6":
            raise self._broken("it is cut off, or something follows its end.")
        length, start = _END.unpack(end)[5:7]
        fits = start + length == self._size - _END.size
        if not fits or length > _DIRECTORY_BYTES:
            raise self._broken("its directory is not where the end record says.")
        return self._read(start, self._size - start)

    def _told(self, directory: bytes) -> list[tuple[str, int, int]]:
        """Name, checksum and size of each member, as the directory tells them."""
        found: list[tuple[str, int, int]] = []
        place = 0
        while directory[place : place + 4] == b"PK\1\2":
            if len(directory) - place < _CENTRAL.size or len(found) == len(self._known):
                raise self._broken("its directory has more entries than there can be.")
            fields = _CENTRAL.unpack_from(directory, place)
            start = place + _CENTRAL.size
            raw = directory[start : start + fields[10]]
            name = next((name for name in self._known if name.encode() == raw), None)
            if name is None:
                raise self._broken(f"there is a member {printable(raw)}.")
            found.append((name, fields[7], fields[9]))
            place = start + sum(fields[10:13])
        return found

    def _check_names(self, names: list[str]) -> None:
        double = next((name for name in names if names.count(name) > 1), None)
        if double is not None:
            raise self._broken(f"the member {printable(double)} stands in it twice.")
        if names != [name for name in self._known if name in names]:
            raise self._broken("its members are not in their order.")

    def _read(self, start: int, length: int) -> bytes:
        self._file.seek(start)
        data = self._file.read(length)
        if len(data) != length:
            raise self._broken("it is cut off, or changed while it was read.")
        return data

    def _broken(self, what: str) -> LoadError:
        return damaged(
            self._label,
            what,
            expected=f"a file as save_model() writes it, with {', '.join(self._known)}.",
            fix="save the model again, or fetch the file again from its source.",
        )


def _laid_out(members: list[tuple[str, int, int]]) -> list[_Entry]:
    """The members one after the other, without a gap."""
    entries, place = [], 0
    for name, crc, size in members:
        entry = _Entry(name, crc, size, min(place, _LARGEST))
        place = entry.start + size
        entries.append(entry)
    return entries


def _length(entries: list[_Entry]) -> int:
    return entries[-1].start + entries[-1].size if entries else 0


def _directory(entries: list[_Entry]) -> bytes:
    body = b"".join(entry.central for entry in entries)
    count = len(entries)
    place = min(_length(entries), _LARGEST)
    return body + _END.pack(b"PK\5\6", 0, 0, count, count, len(body), place, 0)
