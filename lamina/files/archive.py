"""Archives of data sets: tar, gzipped tar and zip, read in memory or unpacked beside a folder."""

import os
import shutil
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path

from lamina.core.errors import StorageError
from lamina.files import atomic, limits
from lamina.files.compression import CHUNK, GZIP_MAGIC, gunzip
from lamina.files.opening import Opened, Source, damaged, open_source, printable
from lamina.files.tars import read_tar
from lamina.files.zips import ZipArchive

_ENDINGS = {"zip": (".zip", ".npz"), "tar.gz": (".tar.gz", ".tgz"), "tar": (".tar",)}
_TAR_MAGIC_PLACE = 257


def read_members(
    source: Source,
    *,
    wanted: Collection[str] | None = None,
    name: str | None = None,
    check_ending: bool = True,
) -> Iterator[tuple[str, bytes]]:
    """Yields the name and content of each regular file in an archive, never touching the disk.

    The form is known by the first bytes, and the ending of the name must agree with it. Links,
    devices, names that leave the archive, doubled names and bombs are refused.

    Args:
        source: Path of the archive, or its content as bytes.
        wanted: Names to yield; the others are checked and skipped. All when `None`.
        name: What messages call it. The path when `None`.
        check_ending: Whether the ending of a path must agree with the content.

    Yields:
        Pairs of name and content, in the order of the archive.

    Raises:
        LoadError: The archive is damaged, hostile or beyond a limit.
    """
    chosen = None if wanted is None else frozenset(wanted)
    with open_source(source, name=name) as opened:
        form = _form(opened)
        if check_ending and isinstance(source, (str, os.PathLike)):
            _check_ending(os.fsdecode(source), form)
        if form == "zip":
            yield from _zip_members(opened, chosen)
        else:
            yield from read_tar(_unpacked(opened, form), name=opened.name, wanted=chosen)


def extract(source: Source, folder: str | os.PathLike, *, check_ending: bool = True) -> Path:
    """Unpacks an archive into a new folder: into a temporary one beside it, then one rename.

    Args:
        source: Path of the archive, or its content as bytes.
        folder: Where the files go. What was there before is replaced.
        check_ending: Whether the ending of a path must agree with the content.

    Returns:
        The folder.

    Raises:
        LoadError: The archive is damaged, hostile or beyond a limit; nothing is left on the disk.
        StorageError: The files cannot be written.
    """
    target = Path(os.path.abspath(folder))
    try:
        beside = Path(tempfile.mkdtemp(prefix=f"{target.name}.tmp-", dir=target.parent))
    except OSError as error:
        raise _unwritten(target, error) from error
    try:
        for name, data in read_members(source, check_ending=check_ending):
            path = beside / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        beside.chmod(0o755)
        if target.exists():
            shutil.rmtree(target)
        atomic.effects.rename(str(beside), str(target))
    except OSError as error:
        if isinstance(error, StorageError):
            raise
        raise _unwritten(target, error) from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return target


def _form(opened: Opened) -> str:
    start = opened.file.read(_TAR_MAGIC_PLACE + 5)
    opened.file.seek(0)
    if start[:2] == GZIP_MAGIC:
        return "tar.gz"
    if start[:4] in (b"PK\3\4", b"PK\5\6"):
        return "zip"
    if start[_TAR_MAGIC_PLACE:] == b"ustar":
        return "tar"
    raise damaged(
        opened.name,
        f"the file starts with the bytes {start[:4].hex(' ') or '(none)'}; this is no archive.",
        expected="a .zip, .tar, .tar.gz or .tgz archive.",
        fix="check that this is the file you mean, or pack it again as .zip.",
    )


def _check_ending(path: str, form: str) -> None:
    if not path.lower().endswith(_ENDINGS[form]):
        raise damaged(
            path,
            f"the content is a {form} archive, which its name does not say.",
            expected=f"a name that ends in {' or '.join(_ENDINGS[form])}.",
            fix="rename the file, or fetch it again from its source.",
        )


def _unpacked(opened: Opened, form: str) -> Iterator[bytes]:
    if form == "tar":
        return iter(lambda: opened.file.read(CHUNK), b"")
    allowed = max(limits.SMALL_ARCHIVE_BYTES, limits.ARCHIVE_RATIO * opened.size)
    return gunzip(opened.file, name=opened.name, limit=min(allowed, limits.ARCHIVE_BYTES))


def _zip_members(opened: Opened, chosen: frozenset[str] | None) -> Iterator[tuple[str, bytes]]:
    archive = ZipArchive(opened.file, opened.size, name=opened.name)
    for name in archive.names:
        if chosen is None or name in chosen:
            yield name, archive.read(name)


def _unwritten(target: Path, error: OSError) -> StorageError:
    return StorageError(
        f"folder {printable(str(target))} cannot be written: {error.strerror or error}.",
        expected="a place with free space that this user may change.",
        fix="free space, or choose another folder.",
    )
