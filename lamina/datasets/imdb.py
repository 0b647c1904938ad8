"""Placeholder that says that the text data set imdb is not offered yet."""

from typing import Any, NoReturn

from lamina.core.errors import DataError


def load_data(*arguments: Any, **options: Any) -> NoReturn:
    """Refuses to load the data set: Keras's file of it holds pickled objects.

    Raises:
        DataError: Always.
    """
    raise _refusal()


def get_word_index(*arguments: Any, **options: Any) -> NoReturn:
    """Refuses to load the words of the data set.

    Raises:
        DataError: Always.
    """
    raise _refusal()


def _refusal() -> DataError:
    return DataError(
        "imdb is not offered yet: its published file holds pickled objects, which can run code.",
        expected="one of the data sets that lamina.data.catalog.names() lists.",
        fix="convert the texts with keras in a process of its own, and pass the arrays to fit().",
    )
