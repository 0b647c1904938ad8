"""Decodes pictures: in this program when that is quick, otherwise by worker processes.

Each worker has a thread here that hands it chunks of files and puts the pixels it sends back where
they belong. The files themselves are read here, or by the worker when they lie in a folder.
"""

import io
import itertools
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np

from lamina.core.errors import DataError, LoadError
from lamina.data.loading.decoding import DIGEST_BYTES, Broken, Decoded, Look, decode
from lamina.data.loading.listing import Chunk, Listing, contents
from lamina.data.loading.worker import read_facts, write_message
from lamina.files.opening import printable

POOL_FROM_SECONDS = 1.0  # starting workers takes about half as long
_TRIED_SECONDS, _TRIED = 0.1, 16
MOST_WORKERS = 32
_CHUNK = 256
_CHUNK_BYTES = 8 * 2**20
_CHUNK_PIXEL_BYTES = 16 * 2**20
_SAY_EVERY_SECONDS = 5.0
_PACKAGE_PARENT = str(Path(__file__).parents[3])

Say = Callable[[str], Any]
"""Is told each line that a person should read."""
Collect = Callable[[Chunk, Decoded], None]
"""Takes what a worker sent back for a chunk."""


@dataclass
class Outcome:
    """What decoding found out besides pixels.

    Args:
        digests: Shape (n, 16), uint8; a hash of the pixels of each picture.
        broken: Files that are no pictures, by their place.
        num_resized: Pictures whose file has another size.
        num_coloured: Pictures whose file is not grey.
    """

    digests: np.ndarray
    broken: list[Broken] = field(default_factory=list)
    num_resized: int = 0
    num_coloured: int = 0


def num_workers() -> int:
    """Worker processes that a pool has: one a core that this program may use."""
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), MOST_WORKERS)
    return min(os.cpu_count() or 1, MOST_WORKERS)


def decode_all(
    listing: Listing, places: Sequence[int], look: Look, pixels: np.ndarray, say: Say
) -> Outcome:
    """Decodes chosen pictures of a source into an array.

    Args:
        listing: The source.
        places: Numbers of pictures in `listing.pictures`, in the order of the array.
        look: Size and mode that all pictures get.
        pixels: Where they go, zeroed: (n, height, width, channels), uint8.
        say: Is told how it goes.

    Raises:
        DataError: The source changed while it was read.
        LoadError: The archive is damaged, or a worker process died.
    """
    outcome = Outcome(np.zeros((len(places), DIGEST_BYTES), np.uint8))
    rows = {place: row for row, place in enumerate(places)}
    picture_bytes = max(1, int(np.prod(look.shape)))
    most = max(1, min(_CHUNK, _CHUNK_PIXEL_BYTES // picture_bytes))
    progress = _Progress(len(places), say)

    def collect(chunk: Chunk, decoded: Decoded) -> None:
        to = [rows[place] for place in chunk[0]]
        pixels[to] = decoded.pixels
        outcome.digests[to] = decoded.digests
        outcome.num_resized += decoded.num_resized
        outcome.num_coloured += decoded.num_coloured
        outcome.broken += [Broken(to[place], problem) for place, problem in decoded.broken]
        progress.add(len(to))

    def decode_here(chunk: Chunk) -> None:
        collect(chunk, decode(chunk[1], _names(listing, chunk), look))

    chunks = contents(listing, places, most, _CHUNK_BYTES)
    chunks = _try_some(chunks, decode_here)
    count = num_workers()
    if progress.seconds_left() >= POOL_FROM_SECONDS and sys.executable and count > 1:
        progress.tell(count)
        _Pool(listing, look, count).run(chunks, collect)
    else:
        for chunk in chunks:
            decode_here(chunk)
    if progress.done < len(places):
        raise _changed(listing)
    outcome.broken.sort()
    progress.end()
    return outcome


def _try_some(chunks: Iterator[Chunk], use: Callable[[Chunk], None]) -> Iterator[Chunk]:
    """Uses a few pictures, for about a tenth of a second; returns the chunks that are left."""
    start = time.monotonic()
    places, sources = next(chunks, ([], []))
    done = 0
    while done < len(places) and time.monotonic() - start < _TRIED_SECONDS:
        use((places[done : done + _TRIED], sources[done : done + _TRIED]))
        done += _TRIED
    rest = (places[done:], sources[done:])
    return itertools.chain([rest], chunks) if rest[0] else chunks


class _Progress:
    """Says how far decoding has come, every few seconds, once it is told to."""

    def __init__(self, total: int, say: Say) -> None:
        self.total, self.say, self.is_told = total, say, False
        self.done, self.start = 0, time.monotonic()
        self.last = self.start

    def tell(self, workers: int) -> None:
        """Begins to say something."""
        self.is_told = True
        self.say(f"decoding {self.total:,} pictures with {workers} processes")

    def add(self, count: int) -> None:
        """Counts pictures that are decoded."""
        self.done += count
        now = time.monotonic()
        if self.is_told and now - self.last >= _SAY_EVERY_SECONDS and self.done < self.total:
            self.last = now
            left = (now - self.start) / self.done * (self.total - self.done)
            self.say(f"decoded {self.done:,} of {self.total:,} pictures, {left:.0f} s left")

    def seconds_left(self) -> float:
        """How long the rest takes in this program, judged by what is done."""
        spent = time.monotonic() - self.start
        return spent / max(self.done, 1) * (self.total - self.done)

    def end(self) -> None:
        """Says how long it took."""
        seconds = time.monotonic() - self.start
        if self.is_told:
            rate = self.done / max(seconds, 1e-9)
            self.say(f"decoded {self.done:,} pictures in {seconds:.1f} s ({rate:,.0f} a second)")


class _Pool:
    """Worker processes, with a thread each that feeds it."""

    def __init__(self, listing: Listing, look: Look, count: int) -> None:
        self.listing, self.look = listing, look
        self.processes = [_start_worker() for _ in range(count)]
        self.reading, self.collecting = threading.Lock(), threading.Lock()
        self.is_stopped = False

    def run(self, chunks: Iterator[Chunk], collect: Collect) -> None:
        """Decodes every chunk; the first error of any thread is raised here."""
        try:
            with ThreadPoolExecutor(len(self.processes)) as threads:
                tasks = [
                    threads.submit(self._feed, process, chunks, collect)
                    for process in self.processes
                ]
                try:
                    done, _ = wait(tasks, return_when=FIRST_EXCEPTION)
                    for task in done:
                        task.result()
                finally:
                    self.is_stopped = True
                    self._end()
        finally:
            self._end()

    def _feed(
        self, process: "subprocess.Popen[bytes]", chunks: Iterator[Chunk], collect: Collect
    ) -> None:
        while not self.is_stopped and (chunk := self._next(chunks)) is not None:
            decoded = self._ask(process, chunk)
            with self.collecting:
                collect(chunk, decoded)

    def _next(self, chunks: Iterator[Chunk]) -> Chunk | None:
        with self.reading:
            return next(chunks, None)

    def _ask(self, process: "subprocess.Popen[bytes]", chunk: Chunk) -> Decoded:
        sources, requests = chunk[1], cast("BinaryIO", process.stdin)
        answers = cast("io.BufferedReader", process.stdout)  # both are pipes, as asked for
        facts: dict[str, Any] = {"names": _names(self.listing, chunk), "look": self.look}
        data = [source for source in sources if isinstance(source, bytes)]
        if data:
            facts["sizes"] = [len(content) for content in data]
        else:
            facts["paths"] = sources
        pixels = np.empty((len(chunk[0]), *self.look.shape), np.uint8)
        digests = np.empty((len(chunk[0]), DIGEST_BYTES), np.uint8)
        try:
            write_message(requests, facts, *data)
            told = read_facts(answers)
            is_whole = told is not None and all(
                _fill(array, answers) for array in (pixels, digests)
            )
        except (OSError, ValueError) as error:  # its pipes broke, or were closed here
            raise _died(facts["names"]) from error
        if told is None or not is_whole:
            raise _died(facts["names"])
        broken = [Broken(*entry) for entry in told["broken"]]
        return Decoded(pixels, digests, told["resized"], told["coloured"], broken)

    def _end(self) -> None:
        """Ends the processes that are still there; does nothing the second time."""
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                with suppress(OSError):
                    stream.close()


def _start_worker() -> "subprocess.Popen[bytes]":
    """A fresh Python that finds the packages where this one does."""
    paths = os.pathsep.join(path for path in (_PACKAGE_PARENT, *sys.path) if path)
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "lamina.data.loading.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": paths},
    )


def _fill(array: np.ndarray, stream: io.BufferedReader) -> bool:
    """Reads the bytes of an array; whether they were all there."""
    rest = array.data.cast("B")
    while rest:
        count = stream.readinto(rest)
        if not count:
            return False
        rest = rest[count:]
    return True


def _names(listing: Listing, chunk: Chunk) -> list[str]:
    return [listing.label(listing.pictures[place].name) for place in chunk[0]]


def _changed(listing: Listing) -> DataError:
    return DataError(
        f"{printable(listing.path, 90)} changed while it was read: pictures are gone.",
        expected="a source that no other program is writing.",
        fix="wait for the other program to finish, then load the data again.",
    )


def _died(names: Sequence[str]) -> LoadError:
    return LoadError(
        f"a process that decoded pictures ended while it read {printable(names[0], 100)} "
        f"or one of the {len(names) - 1} after it.",
        expected="enough memory for every process, and pictures that Pillow can take.",
        fix="free memory; if it happens again, look for the picture that causes it.",
    )
