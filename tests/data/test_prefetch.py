"""Work done ahead on threads: order, bound, errors, clean end."""

import itertools
import threading

import pytest

from lamina.data.prefetch import ahead, prefetched


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("depth", [1, 2, 20])
def test_results_come_in_order(workers, depth):
    results = ahead(lambda item: item * 2, range(10), workers=workers, depth=depth)

    assert list(results) == [0, 2, 4, 6, 8, 10, 12, 14, 16, 18]


def test_an_iterator_runs_on_a_side_thread():
    names = (threading.current_thread().name for _ in range(2))

    assert all(name.startswith("lamina-data") for name in prefetched(names))


def test_no_more_is_fetched_than_the_bound():
    fetched = []
    source = (fetched.append(item) or item for item in itertools.count())
    items = prefetched(source, depth=2)
    next(items)
    items.close()

    assert len(fetched) <= 3


def test_errors_arrive_after_the_results_before_them():
    def source():
        yield 1
        raise KeyError("of the user")

    items = prefetched(source())

    assert next(items) == 1
    with pytest.raises(KeyError, match="of the user"):
        next(items)


def test_no_thread_is_left_after_an_early_end():
    before = threading.active_count()
    items = prefetched(itertools.count())
    next(items)
    items.close()

    assert threading.active_count() == before
