"""Zip members, after the whole structure of the file was checked by a parser of its own.

The central directory and the local headers must tell the same story, and no two members may
share bytes. Nothing is ever unpacked to disk here.
"""

import io
import stat
import struct
import zlib
from typing import BinaryIO, NamedTuple

from lamina.core.errors import LoadError
from lamina.files import limits
from lamina.files.compression import inflate
from lamina.files.members import Names
from lamina.files.opening import damaged, printable

_END = struct.Struct("<4s4H2LH")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCATOR = struct.Struct("<4sLQL")
_LONG_END = struct.Struct("<4sQ2H2L4Q")
_LOCAL = struct.Struct("<4s5H3L2H")
_STORED, _DEFLATED = 0, 8
_ENCRYPTED, _STREAMED, _UTF8 = 0x1, 0x8, 0x800
_UNIX = 3
_FULL = 0xFFFFFFFF
# Python writes the zip64 form from 2 GiB on, though 4 GiB would need it.
_LONG_FROM = 2**31 - 1


class _Entry(NamedTuple):
    name: str
    raw: bytes
    method: int
    crc: int
    packed: int
    size: int
    offset: int
    streamed: bool


class ZipArchive:
    """The regular files of a zip archive, by name.

    Args:
        file: The open archive, which has to stay open while members are read.
        size: Its size in bytes.
        name: What messages call it.
        max_members: How many members are accepted.
        max_ratio: How many times its packed size a member may unpack to (tiny members excepted).
        max_member_bytes: Largest member accepted.

    Raises:
        LoadError: The structure is damaged, ambiguous, encrypted or beyond a limit.
    """

    def __init__(
        self,
        file: BinaryIO,
        size: int,
        *,
        name: str,
        max_members: int = limits.ARCHIVE_MEMBERS,
        max_ratio: int = limits.DATA_RATIO,
        max_member_bytes: int = limits.ARCHIVE_MEMBER_BYTES,
    ) -> None:
        self.file, self.size, self.name = file, size, name
        self.max_ratio, self.max_member_bytes = max_ratio, max_member_bytes
        self.max_members = max_members
        entries, directory_start = self._directory()
        self._starts = self._check_layout(entries, directory_start)
        self._entries = {entry.name: entry for entry in entries if entry.raw[-1:] != b"/"}
        self.folders = [entry.name for entry in entries if entry.raw[-1:] == b"/"]

    @property
    def names(self) -> list[str]:
        """Names of the regular files, in the order of the archive."""
        return list(self._entries)

    def size_of(self, name: str) -> int:
        """How many bytes `read` returns for a member."""
        return self._entries[name].size

    def read(self, name: str) -> bytes:
        """The content of one member, its size and checksum verified.

        Raises:
            LoadError: There is no such member, or it is damaged.
        """
        if name not in self._entries:
            raise self._broken(f"there is no member {printable(name)}")
        entry = self._entries[name]
        self.file.seek(self._starts[name])
        packed = self.file.read(entry.packed)
        data = packed
        if entry.method == _DEFLATED:
            label = f"{self.name}/{name}"
            data = b"".join(inflate(io.BytesIO(packed), name=label, size=entry.size))
        if len(data) != entry.size or zlib.crc32(data) != entry.crc:
            raise self._broken(f"the checksum (CRC) of the member {printable(name)} is wrong")
        return data

    def _directory(self) -> tuple[list[_Entry], int]:
        count, length, start = self._end()
        self.file.seek(start)
        data = self.file.read(length)
        names = Names(self.name, self.max_members)
        entries, place = [], 0
        for _ in range(count):
            entry, place = self._central(data, place, names)
            entries.append(entry)
        if place != len(data):
            raise self._broken("the directory holds more than its entries")
        if sum(entry.size for entry in entries) > limits.ARCHIVE_BYTES:
            raise self._broken(f"the archive unpacks to over {limits.ARCHIVE_BYTES:,} bytes")
        return entries, start

    def _end(self) -> tuple[int, int, int]:
        self.file.seek(max(0, self.size - _END.size))
        data = self.file.read(_END.size)
        if len(data) < _END.size or data[:4] != b"PK\5\6":
            raise self._broken("the file does not end like a zip archive")
        _, disk, first_disk, here, count, length, start, comment = _END.unpack(data)
        if disk or first_disk or here != count or comment:
            raise self._broken("the archive is split, or something follows its end")
        end = self.size - _END.size
        self.file.seek(max(0, end - _LOCATOR.size))
        locator = self.file.read(min(end, _LOCATOR.size))
        if locator[:4] == b"PK\6\7" and len(locator) == _LOCATOR.size:
            (count, length, start), end = self._long_end(locator, (count, length, start))
        elif count == 0xFFFF or _FULL in (length, start):
            raise self._broken("the archive is in the zip64 form and lacks its end record")
        if start + length != end:
            raise self._broken("the directory is not where the end record says")
        return count, length, start

    def _long_end(
        self, locator: bytes, short: tuple[int, int, int]
    ) -> tuple[tuple[int, int, int], int]:
        """What the end record of the zip64 form says, and where that record starts."""
        _, disk, place, disks = _LOCATOR.unpack(locator)
        wanted = self.size - _END.size - _LOCATOR.size - _LONG_END.size
        if disk or disks != 1 or place != wanted or place < 0:
            raise self._broken("the end record of the zip64 form is not where it should be")
        self.file.seek(place)
        fields = _LONG_END.unpack(self.file.read(_LONG_END.size))
        here, count, length, start = fields[6:]
        is_plain = fields[:2] == (b"PK\6\6", _LONG_END.size - 12) and fields[4:6] == (0, 0)
        if not is_plain or here != count:
            raise self._broken("the end record of the zip64 form is damaged")
        told = zip(short, (count, length, start), (0xFFFF, _FULL, _FULL), strict=True)
        if any(brief not in (true, full) for brief, true, full in told):
            raise self._broken("the two end records differ")
        if count < 0xFFFF and start + length <= _LONG_FROM:
            raise self._broken("the archive is in the zip64 form without need")
        return (count, length, start), place

    def _central(self, data: bytes, place: int, names: Names) -> tuple[_Entry, int]:
        if len(data) - place < _CENTRAL.size or data[place : place + 4] != b"PK\1\2":
            raise self._broken("the directory has fewer entries than it says")
        fields = _CENTRAL.unpack_from(data, place)
        made_by, flags, method = fields[1] >> 8, fields[3], fields[4]
        crc, packed, size = fields[7:10]
        name_bytes, extra_bytes, comment_bytes = fields[10:13]
        mode, offset = fields[15] >> 16, fields[16]
        start = place + _CENTRAL.size
        raw = data[start : start + name_bytes]
        if b"\0" in raw or not raw:
            raise self._broken(f"the member {printable(raw)} has an impossible name")
        name = names.accept(_decoded(raw, flags))
        extra = data[start + name_bytes : start + name_bytes + extra_bytes]
        size, packed, offset = self._long_fields(raw, extra, size, packed, offset)
        self._check_member(raw, flags, method, packed, size, mode if made_by == _UNIX else 0)
        entry = _Entry(name, raw, method, crc, packed, size, offset, bool(flags & _STREAMED))
        return entry, start + name_bytes + extra_bytes + comment_bytes

    def _long_fields(self, raw: bytes, extra: bytes, *fields: int) -> tuple[int, int, int]:
        """The size, packed size and offset, each from the zip64 extra field where it is full."""
        if _FULL not in fields:
            return fields  # type: ignore[return-value]  # three numbers, as the caller passes
        long = iter(_zip64_values(extra))
        size, packed, offset = (next(long, -1) if f == _FULL else f for f in fields)
        if min(size, packed, offset) < 0:
            raise self._broken(f"the member {printable(raw)} lacks its long sizes")
        return size, packed, offset

    def _check_member(
        self, raw: bytes, flags: int, method: int, packed: int, size: int, mode: int
    ) -> None:
        shown, is_folder = printable(raw), raw.endswith(b"/")
        if flags & _ENCRYPTED:
            raise self._broken(f"the member {shown} is encrypted")
        if method not in (_STORED, _DEFLATED):
            raise self._broken(f"the member {shown} uses the compression method {method}")
        if stat.S_IFMT(mode) not in (0, stat.S_IFDIR if is_folder else stat.S_IFREG):
            raise self._broken(f"the member {shown} is a link or a device")
        if (method == _STORED and packed != size) or (is_folder and size):
            raise self._broken(f"the member {shown} has two different sizes")
        if size > max(limits.SMALL_MEMBER_BYTES, self.max_ratio * packed):
            raise self._broken(
                f"the member {shown} unpacks to over {self.max_ratio} times its size"
            )
        if size > self.max_member_bytes:
            raise self._broken(f"the member {shown} has over {self.max_member_bytes:,} bytes")

    def _check_layout(self, entries: list[_Entry], directory_start: int) -> dict[str, int]:
        """Compares the local headers with the directory; returns where each content starts."""
        starts: dict[str, int] = {}
        end = 0
        for entry in sorted(entries, key=lambda entry: entry.offset):
            if entry.offset < end or (not starts and entry.offset != 0):
                raise self._broken(f"the member {printable(entry.raw)} shares bytes with another")
            starts[entry.name] = self._local(entry)
            end = starts[entry.name] + entry.packed
            if end > directory_start:
                raise self._broken(f"the member {printable(entry.raw)} ends after the archive")
        if not entries and directory_start:
            raise self._broken("the archive has bytes but no members")
        return starts

    def _local(self, entry: _Entry) -> int:
        self.file.seek(entry.offset)
        data = self.file.read(_LOCAL.size)
        if len(data) < _LOCAL.size or data[:4] != b"PK\3\4":
            raise self._broken(f"the member {printable(entry.raw)} has no header of its own")
        fields = _LOCAL.unpack(data)
        crc, packed, size, name_bytes, extra_bytes = fields[6:]
        raw, extra = self.file.read(name_bytes), self.file.read(extra_bytes)
        if bool(fields[2] & _STREAMED) != entry.streamed or fields[2] & _ENCRYPTED:
            raise self._broken(f"the two headers of the member {printable(entry.raw)} differ")
        if packed == _FULL and size == _FULL:
            size, packed = _zip64_sizes(extra)
        told = (crc, packed, size)
        known = (entry.crc, entry.packed, entry.size)
        late = entry.streamed and told == (0, 0, 0)
        if raw != entry.raw or fields[3] != entry.method or not (late or told == known):
            raise self._broken(f"the two headers of the member {printable(entry.raw)} differ")
        return entry.offset + _LOCAL.size + name_bytes + extra_bytes

    def _broken(self, what: str) -> LoadError:
        return damaged(
            self.name,
            f"{what}.",
            expected="a complete, plain zip archive, stored or deflated, in one piece.",
            fix="fetch the archive again, or pack it again from its files.",
        )


def _decoded(raw: bytes, flags: int) -> str | bytes:
    return raw if flags & _UTF8 or raw.isascii() else raw.decode("cp437")


def _zip64_sizes(extra: bytes) -> tuple[int, int]:
    """The two sizes that NumPy and others write in the long form even for small members."""
    values = _zip64_values(extra)
    return (values[0], values[1]) if len(values) > 1 else (-1, -1)


def _zip64_values(extra: bytes) -> tuple[int, ...]:
    """The 64-bit numbers of the zip64 extra field, if there is one."""
    while len(extra) >= 4:
        tag, length = struct.unpack_from("<2H", extra)
        if tag == 1 and length >= 8 and len(extra) >= 4 + length:
            return struct.unpack_from(f"<{length // 8}Q", extra, 4)
        extra = extra[4 + length :]
    return ()
