"""Whether a layer is only asked for the shape of its result, not for the result."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_is_probing: ContextVar[bool] = ContextVar("probing", default=False)


@contextmanager
def probing() -> Iterator[None]:
    """Says that what is computed in the block counts for its shape alone."""
    token = _is_probing.set(True)
    try:
        yield
    finally:
        _is_probing.reset(token)


def is_probing() -> bool:
    """Whether values are made up here, so that none of them is worth a complaint."""
    return _is_probing.get()
