"""What a folder or an archive of pictures holds, by name, and how the contents are got.

A folder, a zip and a tar of the same files give the same list in the same order.
"""

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import NamedTuple

from lamina.core.errors import DataError
from lamina.files.archive import read_members
from lamina.files.opening import Source, open_source, printable
from lamina.files.pictures import is_picture_name
from lamina.files.zips import ZipArchive

_SYSTEM_FILES = ("thumbs.db", "desktop.ini", "__macosx")


class Member(NamedTuple):
    """A file of a source.

    Args:
        name: Its path inside the source, with "/" between the parts.
        size: Its size in bytes.
        stamp: When it was changed, for files of a folder.
    """

    name: str
    size: int
    stamp: int = 0


@dataclass
class Listing:
    """The files of a folder or an archive.

    Args:
        path: The folder or archive; empty for a list of files.
        form: "folder", "zip" or "tar".
        pictures: Files that are named like pictures, sorted by the bytes of their names.
        others: Names of files that are not.
        folders: Names of all folders that were seen, empty ones among them.
        num_hidden: Files left out because a system put them there.
        archive: The open zip, for form "zip".
    """

    path: str
    form: str
    pictures: list[Member] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    folders: set[str] = field(default_factory=set)
    num_hidden: int = 0
    archive: ZipArchive | None = None

    def add(self, member: Member) -> None:
        """Puts a file where it belongs."""
        parts = member.name.split("/")
        if any(is_hidden(part) for part in parts):
            self.num_hidden += 1
            return
        for depth in range(1, len(parts)):
            self.folders.add("/".join(parts[:depth]))
        if is_picture_name(member.name):
            self.pictures.append(member)
        else:
            self.others.append(member.name)

    def label(self, name: str) -> str:
        """What messages call a member."""
        return os.path.join(self.path, name)


def is_hidden(name: str) -> bool:
    """Whether a system puts files or folders of this name beside what people put there."""
    return name[:1] == "." or name.lower() in _SYSTEM_FILES


@contextmanager
def open_listing(path: str, form: str) -> Iterator[Listing]:
    """Lists the files of a folder ("folder") or an archive ("zip", "tar") and keeps it open.

    Raises:
        DataError: A folder holds a link that leads out of it, or a pipe or device.
        LoadError: An archive is damaged or hostile.
        StorageError: The source cannot be read.
    """
    listing = Listing(path, form)
    with ExitStack() as stack:
        if form == "zip":
            opened = stack.enter_context(open_source(path))
            listing.archive = ZipArchive(opened.file, opened.size, name=path)
            listing.folders.update(
                name for name in listing.archive.folders if not any(map(is_hidden, name.split("/")))
            )
        for member in _members(listing):
            listing.add(member)
        listing.pictures.sort(key=lambda member: os.fsencode(member.name))
        listing.others.sort(key=os.fsencode)
        yield listing


def _members(listing: Listing) -> Iterator[Member]:
    if listing.form == "folder":
        yield from _walk(listing.path, listing)
    elif listing.archive is not None:
        for name in listing.archive.names:
            yield Member(name, listing.archive.size_of(name))
    else:
        for name, data in read_members(listing.path):
            yield Member(name, len(data))


def list_files(paths: Sequence[str]) -> Listing:
    """Lists single pictures in the order in which they were named."""
    listing = Listing("", "folder")
    for path in paths:
        with open_source(path) as opened:
            status = os.fstat(opened.file.fileno())
        listing.pictures.append(Member(path, status.st_size, status.st_mtime_ns))
    return listing


Chunk = tuple[list[int], list[Source]]
"""Places in the list of pictures, and a path or the content for each."""


def contents(
    listing: Listing, places: Sequence[int], most: int, most_bytes: int
) -> Iterator[Chunk]:
    """Yields chunks of chosen pictures, in the order that reads fastest.

    Args:
        listing: The source.
        places: Numbers of pictures in `listing.pictures`.
        most: Pictures in a chunk.
        most_bytes: Size of the files after which a chunk is full.
    """
    pairs: Iterator[tuple[int, Source]]
    archive, pictures = listing.archive, listing.pictures
    if archive is not None:
        order = {name: number for number, name in enumerate(archive.names)}
        wanted = sorted(places, key=lambda place: order[pictures[place].name])
        pairs = ((place, archive.read(pictures[place].name)) for place in wanted)
    elif listing.form == "tar":
        place_of = {pictures[place].name: place for place in places}
        members = read_members(listing.path, wanted=place_of)
        pairs = ((place_of[name], data) for name, data in members)
    else:
        pairs = ((place, listing.label(pictures[place].name)) for place in places)
    yield from _chunked(pairs, listing, most, most_bytes)


def _chunked(
    pairs: Iterator[tuple[int, Source]], listing: Listing, most: int, most_bytes: int
) -> Iterator[Chunk]:
    places: list[int] = []
    sources: list[Source] = []
    size = 0
    for place, source in pairs:
        places.append(place)
        sources.append(source)
        size += listing.pictures[place].size
        if len(places) == most or size >= most_bytes:
            yield places, sources
            places, sources, size = [], [], 0
    if places:
        yield places, sources


def _walk(root: str, listing: Listing) -> Iterator[Member]:
    """Every regular file below a folder, links inside of it followed to files only."""
    inside = os.path.realpath(root)
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        with os.scandir(os.path.join(root, folder) if folder else root) as entries:
            for entry in entries:
                name = f"{folder}/{entry.name}" if folder else entry.name
                if is_hidden(entry.name):
                    listing.num_hidden += 1
                elif entry.is_symlink() and not _stays(entry, inside):
                    raise _leads_out(root, name)
                elif entry.is_dir():
                    listing.folders.add(name)
                    waiting.append(name)
                else:
                    yield _member(root, name, entry.stat())


def _member(root: str, name: str, status: os.stat_result) -> Member:
    if not stat.S_ISREG(status.st_mode):
        raise DataError(
            f"{printable(os.path.join(root, name), 120)} is a pipe, a socket or a device.",
            expected="regular files and folders only.",
            fix="move it out of the folder.",
        )
    return Member(name, status.st_size, status.st_mtime_ns)


def _stays(entry: os.DirEntry, root: str) -> bool:
    """Whether a link leads to a file (not a folder) inside the root."""
    target = os.path.realpath(entry.path)
    return os.path.isfile(target) and os.path.commonpath([root, target]) == root


def _leads_out(root: str, name: str) -> DataError:
    return DataError(
        f"{printable(os.path.join(root, name), 120)} is a link that is broken, leads to a folder "
        "or out of the source.",
        expected="real folders and files, or links to files of the same source.",
        fix="copy what the link leads to in its place, or remove the link.",
    )
