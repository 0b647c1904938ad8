"""The long form of zip is read where it is needed, and checked as the short one is."""

import io
import re
import struct
import zipfile

import pytest

from lamina.core.errors import LoadError
from lamina.files.archive import read_members
from lamina.files.zips import ZipArchive

COUNT = 0x10000 + 5


@pytest.fixture(scope="module")
def many():
    """An archive of 65,541 empty members, which needs the long form."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(COUNT):
            archive.writestr(zipfile.ZipInfo(f"{number}"), b"")
    return buffer.getvalue()


def test_more_than_65535_members_are_read(many):
    archive = ZipArchive(io.BytesIO(many), len(many), name="many.zip")

    assert len(archive.names) == COUNT
    assert archive.read("65540") == b""


END = struct.Struct("<4s4H2LH")
LONG_END = struct.Struct("<4sQ2H2L4Q")
LOCATOR = struct.Struct("<4sLQL")
LAST = END.size + LOCATOR.size + LONG_END.size


def changed(data, place, form, value):
    """Overwrites a number that lies `place` bytes after the start of the three end records."""
    data = bytearray(data)
    struct.pack_into(form, data, len(data) - LAST + place, value)
    return bytes(data)


@pytest.mark.parametrize(
    ("place", "form", "value", "message"),
    [
        (4, "<Q", 45, "the end record of the zip64 form is damaged"),
        (16, "<L", 1, "the end record of the zip64 form is damaged"),
        (24, "<Q", 7, "the end record of the zip64 form is damaged"),
        (32, "<Q", 7, "the end record of the zip64 form is damaged"),
        (40, "<Q", 7, "the two end records differ"),
        (48, "<Q", 7, "the two end records differ"),
        (LONG_END.size + 4, "<L", 1, "the end record of the zip64 form is not where it should be"),
        (LONG_END.size + 8, "<Q", 1, "the end record of the zip64 form is not where it should be"),
        (LONG_END.size + 16, "<L", 2, "the end record of the zip64 form is not where it should"),
        (LONG_END.size, "<L", 0, "is in the zip64 form and lacks its end record"),
    ],
)
def test_a_changed_end_record_is_refused(many, place, form, value, message):
    data = changed(many, place, form, value)

    with pytest.raises(LoadError, match=re.escape(message)):
        ZipArchive(io.BytesIO(data), len(data), name="many.zip")


def in_long_form(data):
    """A small archive with end records that it does not need."""
    _, _, _, count, _, length, start, _ = END.unpack(data[-END.size :])
    place = len(data) - END.size
    record = LONG_END.pack(b"PK\6\6", 44, 45, 45, 0, 0, count, count, length, start)
    return data[:place] + record + LOCATOR.pack(b"PK\6\7", 0, place, 1) + data[place:]


def test_the_long_form_without_need_is_refused():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a", b"x")

    with pytest.raises(LoadError, match="is in the zip64 form without need"):
        list(read_members(in_long_form(buffer.getvalue())))


def with_full_field(place, extra):
    """An archive whose only entry says that a number of its directory is in the extra field."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo("a")
        info.extra = struct.pack("<2H", 0xCAFE, len(extra)) + extra
        archive.writestr(info, b"x")
    data = bytearray(buffer.getvalue())
    start = data.index(b"PK\1\2")
    struct.pack_into("<L", data, start + place, 0xFFFFFFFF)
    return bytes(data)


@pytest.mark.parametrize("place", [20, 24, 42], ids=["packed", "size", "offset"])
def test_a_long_number_that_is_not_there_is_refused(place):
    with pytest.raises(LoadError, match="the member b'a' lacks its long sizes"):
        list(read_members(with_full_field(place, b"12345678")))


class Sparse(io.RawIOBase):
    """A file of which only a few pieces are kept; the rest is zeros."""

    def __init__(self):
        self.pieces, self.place, self.size = {}, 0, 0

    def seekable(self):
        return True

    def tell(self):
        return self.place

    def seek(self, place, whence=0):
        self.place = place + (0, self.place, self.size)[whence]
        return self.place

    def write(self, data):
        self.pieces[self.place] = bytes(data)
        self.place += len(data)
        self.size = max(self.size, self.place)
        return len(data)

    def flush(self):
        pass

    def read(self, count=-1):
        result = bytearray(max(0, min(count, self.size - self.place)))
        for start, data in self.pieces.items():
            low, high = max(start, self.place), min(start + len(data), self.place + len(result))
            if low < high:
                result[low - self.place : high - self.place] = data[low - start : high - start]
        self.place += len(result)
        return bytes(result)


def test_an_archive_of_over_4_gib_is_read():
    file = Sparse()
    with zipfile.ZipFile(file, "w") as archive:
        for name in "ab":
            hollow(archive, file, name, 3 * 2**30)
        archive.writestr("c", b"the end")
    found = ZipArchive(file, file.size, name="large.zip")

    assert found.names == ["a", "b", "c"]
    assert found.size_of("b") == 3 * 2**30
    assert found.read("c") == b"the end"


def hollow(archive, file, name, size):
    """Adds a member of zeros without writing them."""
    info = zipfile.ZipInfo(name)
    info.file_size = info.compress_size = size
    info.CRC = 0
    info.header_offset = archive.start_dir
    file.seek(archive.start_dir)
    file.write(info.FileHeader())
    archive.start_dir = file.tell() + size
    file.size = max(file.size, archive.start_dir)
    archive.filelist.append(info)
    archive.NameToInfo[name] = info
    archive._didModify = True
