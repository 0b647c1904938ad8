"""Runs a function ahead of its reader on other threads, in order and within a bound.

Errors of the function reach the reader at the result they belong to. No thread is left running
when the reader stops early.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from itertools import repeat
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

END: Any = object()


def ahead(
    function: Callable[[Item], Result], items: Iterable[Item], *, workers: int, depth: int
) -> Generator[Result, None, None]:
    """The results of `function` for each item, computed up to `depth` items early."""
    pending: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(workers, thread_name_prefix="lamina-data") as pool:
        try:
            for item in items:
                pending.append(pool.submit(function, item))
                if len(pending) > depth:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()


def prefetched(iterator: Iterator[Item], depth: int = 2) -> Generator[Item, None, None]:
    """The items of an iterator, fetched on one side thread up to `depth` items early."""
    results = ahead(lambda _: next(iterator, END), repeat(None), workers=1, depth=depth)
    with closing(results):
        for item in results:
            if item is END:
                return
            yield item
