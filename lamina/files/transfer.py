"""One download from one address into a `.part` file, going on where the last attempt stopped."""

import http.client
import os
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

from lamina.core.errors import StorageError
from lamina.files import atomic
from lamina.files.compression import CHUNK
from lamina.files.opening import printable
from lamina.version import VERSION

TIMEOUT_SECONDS = 30.0
PAUSE_SECONDS = 0.5
ATTEMPTS = 3
MOST_ATTEMPTS = 1000

Report = Callable[[int, int | None], None]
"""Told after each piece how many bytes there are, and how many there will be if that is known."""

_NETWORK_ERRORS = (urllib.error.URLError, http.client.HTTPException, TimeoutError, ConnectionError)


def transfer(url: str, part: str, *, limit: int, report: Report) -> str | None:
    """Fetches `url` into the file `part`, resuming it, in a few attempts.

    An attempt that got further than the one before does not count as one.

    Args:
        url: An http or https address.
        part: Where the bytes go; what lies there already is the beginning of the file.
        limit: Largest size accepted, in bytes.
        report: Called after each piece.

    Returns:
        `None` when the file is complete, otherwise what the mirror answered.

    Raises:
        StorageError: The disk refused a write.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        return "not an http or https address"
    answer: str | None = "no attempt was made"
    vain = 0
    for _ in range(MOST_ATTEMPTS):
        before = _size(part)
        try:
            answer = _attempt(url, part, limit, report)
        except urllib.error.HTTPError as error:
            answer = f"HTTP {error.code} {error.reason}"
            error.close()
            if error.code == 416:  # the part is longer than the file: begin again
                _discard(part)
            elif error.code < 500:
                return answer
        except _NETWORK_ERRORS as error:
            answer = f"{_reason(error)} after {_size(part):,} bytes"
        if answer is None or answer.startswith("the file has over"):
            return answer
        vain = 0 if _size(part) > before else vain + 1
        if vain == ATTEMPTS:
            break
        time.sleep(PAUSE_SECONDS * vain)
    return answer


def _attempt(url: str, part: str, limit: int, report: Report) -> str | None:
    have = _size(part)
    headers = {"User-Agent": f"lamina/{VERSION}", "Accept-Encoding": "identity"}
    if have:
        headers["Range"] = f"bytes={have}-"
    request = urllib.request.Request(url, headers=headers)
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:
        if have and not _continues(response, have):
            _discard(part)
            have = 0
        length = response.headers.get("Content-Length", "")
        total = have + int(length) if length.isdigit() else None
        if total is not None and total > limit:
            return f"the file has over {limit:,} bytes"
        return _receive(response, part, have, total, limit, report)


def _receive(
    response: http.client.HTTPResponse,
    part: str,
    have: int,
    total: int | None,
    limit: int,
    report: Report,
) -> str | None:
    descriptor = _opened(part)
    try:
        while chunk := response.read(CHUNK):
            have += len(chunk)
            if have > limit:
                return f"the file has over {limit:,} bytes"
            _written(descriptor, chunk, part)
            report(have, total)
        atomic.effects.sync(descriptor)
    finally:
        os.close(descriptor)
    if total is not None and have != total:
        return f"the connection closed after {have:,} of {total:,} bytes"
    return None


def _continues(response: http.client.HTTPResponse, have: int) -> bool:
    match = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    return response.status == 206 and match is not None and int(match[1]) == have


def _size(path: str) -> int:
    return os.path.getsize(path) if os.path.exists(path) else 0


def _discard(path: str) -> None:
    with suppress(FileNotFoundError):
        atomic.effects.unlink(path)


def _reason(error: Exception) -> str:
    inner = getattr(error, "reason", error)
    return printable(str(inner) or type(inner).__name__, 100).strip("'\"")


def _opened(part: str) -> int:
    try:
        return atomic.effects.append(part)
    except OSError as error:
        raise _disk_refused(part, error) from error


def _written(descriptor: int, chunk: bytes, part: str) -> None:
    try:
        atomic.effects.write(descriptor, chunk)
    except OSError as error:
        raise _disk_refused(part, error) from error


def _disk_refused(part: str, error: OSError) -> StorageError:
    return StorageError(
        f"file {printable(part)} cannot be written: {error.strerror or error}.",
        expected="a cache folder with free space that this user may change.",
        fix="free space, or set LAMINA_HOME to another folder.",
    )
