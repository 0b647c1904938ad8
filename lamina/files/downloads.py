"""Finds or fetches files: an offline folder, the cache, then mirrors, all verified by hash.

`fetch` is for files whose hashes are known; `get_file` has Keras's signature.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from lamina.core import checks, kinds
from lamina.core.errors import LoadError, StorageError
from lamina.core.names import shown_path
from lamina.files import archive, atomic, hashes, limits
from lamina.files.opening import printable
from lamina.files.progress import shown_progress
from lamina.files.transfer import transfer

try:
    import fcntl
except ImportError:  # Windows: two downloads at once are then found out by the hash
    fcntl = None  # type: ignore[assignment]  # the name of a module that Windows lacks


@dataclass(frozen=True)
class RemoteFile:
    """A file that can be fetched, and how a copy of it is recognised.

    A copy is genuine when one of the known hashes fits: of the packed file as published, of the
    content it unpacks to, or of every named member of the archive. The last two hold for copies
    that somebody packed again.

    Args:
        name: Its name in the cache and in an offline folder.
        mirrors: Addresses, tried in this order.
        file_sha256: Hash of the published file.
        content_sha256: Hash of what the gzip file unpacks to.
        member_sha256: Hashes of members of the archive, by name.
        max_bytes: Largest download accepted.
    """

    name: str
    mirrors: tuple[str, ...]
    file_sha256: str | None = None
    content_sha256: str | None = None
    member_sha256: Mapping[str, str] = field(default_factory=dict)
    max_bytes: int = limits.ARCHIVE_BYTES

    @property
    def has_hash(self) -> bool:
        """Whether a genuine copy can be told from another file."""
        return bool(self.file_sha256 or self.content_sha256 or self.member_sha256)


def cache_folder(*parts: str) -> Path:
    """Creates and returns a folder of the cache: LAMINA_HOME, or ~/.cache/lamina.

    Raises:
        StorageError: The folder cannot be created, as with a read-only or missing home.
    """
    home = os.environ.get("LAMINA_HOME")
    try:
        root = Path(home).expanduser() if home else Path.home() / ".cache" / "lamina"
        folder = root.joinpath(*parts)
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError) as error:
        where = home or "~/.cache/lamina"
        raise _no_cache(where, error) from error
    if not os.access(folder, os.W_OK):
        raise _no_cache(str(folder), PermissionError("it is read-only"))
    return folder


def fetch(remote: RemoteFile, *, subfolder: str, elsewhere: tuple[str, ...] = ()) -> Path:
    """Returns a verified copy of a file, downloading it only when no other is found.

    Looks in the folder LAMINA_DATA, in the folders `elsewhere`, in the cache, and then asks the
    mirrors one after the other. A download that was cut goes on where it stopped.

    Args:
        remote: What to fetch.
        subfolder: Folder of this file below LAMINA_DATA and below the cache.
        elsewhere: Folders of this machine that may hold a copy.

    Returns:
        Path of a copy whose hash fits.

    Raises:
        LoadError: The copy in LAMINA_DATA has another hash.
        StorageError: No mirror answered with the file (each answer is listed), or the cache
            cannot be written.
    """
    for path in _offline_copies(remote, subfolder):
        if not is_genuine(path, remote):
            raise LoadError(
                f"{shown_path(path, 120)} is not the file that LAMINA_DATA should hold.",
                expected=f"a file with {_wanted(remote)}.",
                fix="replace the file by a genuine copy, or remove it.",
            )
        return path
    for place in elsewhere:
        path = Path(place, remote.name)
        if path.is_file() and is_genuine(path, remote):
            return path
    return download(remote, cache_folder("datasets", subfolder))


def download(remote: RemoteFile, folder: Path, *, force: bool = False) -> Path:
    """Returns the genuine copy in `folder`, asking the mirrors if it is not there.

    Raises:
        StorageError: No mirror answered with the file, or the folder cannot be written.
    """
    path = folder / remote.name
    with _locked(f"{path}.lock"):
        if not force and path.is_file() and is_genuine(path, remote):
            return path
        answers = []
        for url in remote.mirrors:
            answer = _from_mirror(url, path, remote)
            if answer is None:
                return path
            answers.append(f"    {printable(url, 200)[1:-1]}: {answer}")
    raise StorageError(
        f"{printable(remote.name)} could not be fetched from {len(answers)} mirrors.",
        expected="one mirror that sends the genuine file:\n" + "\n".join(answers),
        fix=f"try again with a network, or put {remote.name} into a folder and set LAMINA_DATA "
        "to that folder.",
    )


def is_genuine(path: str | os.PathLike, remote: RemoteFile) -> bool:
    """Whether one of the known hashes fits a file; true for any file when none is known."""
    with suppress(LoadError):
        if remote.file_sha256 and hashes.file_hash(path) == remote.file_sha256:
            return True
        if remote.content_sha256 and hashes.content_hash(path) == remote.content_sha256:
            return True
        if remote.member_sha256 and hashes.members_match(path, remote.member_sha256):
            return True
    return not remote.has_hash


def get_file(
    fname: str | os.PathLike | None = None,
    origin: str | None = None,
    untar: bool = False,
    md5_hash: str | None = None,
    file_hash: str | None = None,
    cache_subdir: str = "datasets",
    hash_algorithm: str = "auto",
    extract: bool = False,
    archive_format: str = "auto",
    cache_dir: str | os.PathLike | None = None,
    force_download: bool = False,
) -> str:
    """Downloads a file into the cache unless it is there, and returns its path.

    Archives are unpacked by readers that refuse links, names that leave the folder and bombs.

    Args:
        fname: Name in the cache. The last part of `origin` when `None`.
        origin: The http or https address.
        untar: The same as `extract`.
        md5_hash: MD5 of the file; `file_hash` is preferred.
        file_hash: SHA-256 or MD5 of the file, told apart by their length.
        cache_subdir: Folder below the cache.
        hash_algorithm: "auto", "sha256" or "md5".
        extract: Whether to unpack a .zip, .tar or .tar.gz archive.
        archive_format: Accepted for Keras programs; the content decides.
        cache_dir: The cache. LAMINA_HOME or ~/.cache/lamina when `None`.
        force_download: Whether to fetch the file even if the cache has it.

    Returns:
        Path of the file, or of the folder it was unpacked into.

    Raises:
        ArgumentError: `origin` is missing, or `fname` contains a folder.
        LoadError: The archive is damaged or hostile.
        StorageError: The file could not be fetched with the given hash, or not be written.
    """
    name, address = _names(fname, origin)
    checks.choice("get_file", "hash_algorithm", hash_algorithm, ("auto", "sha256", "md5"))
    checks.choice("get_file", "archive_format", archive_format, ("auto", "tar", "zip", None))
    folder = _chosen_cache(cache_dir, cache_subdir)
    unpack = extract or untar
    stem = name.split(".", 1)[0] if fname and "." in name else name
    kept = f"{name}_archive" if unpack and not (fname and "." in name) else name
    digest = file_hash or md5_hash
    if digest is not None:
        kinds.text("get_file", "file_hash", digest, "0123abcd")
    path = _fetched(kept, address, folder, digest, force_download)
    if not unpack:
        return str(path)
    target = folder / (f"{stem}_extracted" if fname and "." in name else name)
    return str(archive.extract(path, target, check_ending=False))


def _fetched(name: str, origin: str, folder: Path, digest: str | None, force: bool) -> Path:
    if digest is not None and len(digest) == 32:
        path = folder / name
        remote = RemoteFile(name, (origin,))
        stale = not path.is_file() or hashes.file_hash(path, "md5") != digest.lower()
        path = download(remote, folder, force=force or stale)
        if hashes.file_hash(path, "md5") != digest.lower():
            atomic.remove(path)
            raise _wrong_hash(origin, digest)
        return path
    remote = RemoteFile(name, (origin,), file_sha256=digest.lower() if digest else None)
    return download(remote, folder, force=force)


def _names(fname: str | os.PathLike | None, origin: str | None) -> tuple[str, str]:
    """The name in the cache and the address, checked."""
    if not isinstance(origin, str) or not origin:
        raise checks.refuse(
            "get_file",
            "origin",
            origin,
            expected="the http or https address of the file.",
            fix='pass origin="https://...".',
        )
    if fname is not None:
        fname = kinds.path("get_file", "fname", fname, "data.npz") if fname != "" else None
    name = fname if fname else os.path.basename(urlsplit(origin).path)
    if not name or name in (".", "..") or "/" in name or "\\" in name or "\0" in name:
        raise checks.refuse(
            "get_file",
            "fname",
            name,
            expected="a file name without folders.",
            fix="pass fname='data.npz' and cache_subdir= for the folder.",
        )
    return name, origin


def _chosen_cache(cache_dir: str | os.PathLike | None, cache_subdir: str) -> Path:
    kinds.text("get_file", "cache_subdir", cache_subdir, "datasets")
    if cache_dir is None:
        return cache_folder(cache_subdir)
    folder = (
        Path(kinds.path("get_file", "cache_dir", cache_dir, "cache")).expanduser() / cache_subdir
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _no_cache(str(folder), error) from error
    return folder


def _offline_copies(remote: RemoteFile, subfolder: str) -> Iterator[Path]:
    root = os.environ.get("LAMINA_DATA")
    if not root:
        return
    names = (
        (remote.name, remote.name.removesuffix(".gz")) if remote.content_sha256 else (remote.name,)
    )
    for folder in (Path(root, subfolder), Path(root)):
        for name in names:
            if (folder / name).is_file():
                yield folder / name


def _from_mirror(url: str, path: Path, remote: RemoteFile) -> str | None:
    """Fetches and verifies; a resumed file that turns out wrong is fetched once more in full."""
    part = f"{path}.part"
    if not remote.has_hash:
        atomic.remove(part)  # nothing would tell that it began as another file
    for _ in range(2):
        resumed = os.path.exists(part)
        with shown_progress(f"{remote.name} from {urlsplit(url).netloc}") as report:
            answer = transfer(url, part, limit=remote.max_bytes, report=report)
        if answer is not None:
            return answer
        if is_genuine(part, remote):
            atomic.effects.rename(part, str(path))
            atomic.sync_folder(str(path.parent))
            return None
        found = hashes.file_hash(part)
        atomic.remove(part)
        if not resumed:
            break
    return f"sent a file with the SHA-256 {found}, which is not {_wanted(remote)}"


def _wanted(remote: RemoteFile) -> str:
    if remote.file_sha256:
        return f"the SHA-256 {remote.file_sha256}"
    if remote.content_sha256:
        return f"content of the SHA-256 {remote.content_sha256}"
    return "the known SHA-256 of each member"


@contextmanager
def _locked(path: str) -> Iterator[None]:
    """Lets one process at a time download a file; the others wait and find it done."""
    if fcntl is None:
        yield
        return
    with open(path, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _no_cache(where: str, error: Exception) -> StorageError:
    reason = getattr(error, "strerror", None) or str(error)
    return StorageError(
        f"the cache folder {shown_path(where, 100)} cannot be used: {reason}.",
        expected="a folder that this user may write to.",
        fix="set LAMINA_HOME to a writable folder.",
    )


def _wrong_hash(origin: str, digest: str) -> StorageError:
    return StorageError(
        f"{printable(origin, 100)} sent a file whose MD5 is not {digest}.",
        expected="the file that the hash belongs to.",
        fix="check the address and the hash.",
    )
