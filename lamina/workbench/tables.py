"""The inputs of a model for a table: gaps filled, numbers scaled, words looked up.

Everything that is learned here is learned from the training part and travels with the model.
"""

from typing import Any

from lamina.layers import (
    CategoryEncoding,
    Concatenate,
    Embedding,
    Flatten,
    Imputation,
    Input,
    Normalization,
    StringLookup,
)
from lamina.workbench.facts import DataFacts, InputFacts

_MOST_MARKED = 16  # words that get an axis of their own; more are placed in a smaller space


def features(facts: DataFacts, *, one_hot: bool) -> tuple[dict[str, Any], Any]:
    """The symbolic inputs by name, and all of them as one vector of features.

    Args:
        facts: What is known of the table.
        one_hot: Whether every word gets an axis of its own, however many there are.
    """
    inputs: dict[str, Any] = {}
    vectors = []
    for entry in facts.inputs:
        if entry.words is None:
            given = Input(shape=(len(entry.columns),), name=entry.name)
            vectors.append(_numbers(given, entry))
        else:
            given = Input(shape=(1,), dtype="string", name=entry.name)
            vectors.append(_category(given, entry, entry.words, one_hot))
        inputs[entry.name] = given
    return inputs, vectors[0] if len(vectors) == 1 else Concatenate()(vectors)


def _numbers(x: Any, entry: InputFacts) -> Any:
    x = Imputation(add_indicator=entry.has_gaps)(x)
    return Normalization()(x)


def _category(x: Any, entry: InputFacts, words: tuple[str, ...], one_hot: bool) -> Any:
    """Unknown words share one place, which rare words of the training part have filled."""
    lookup = StringLookup(name=f"words_of_{entry.name}"[:60])
    lookup.set_vocabulary(list(words))
    size = len(words) + 1
    if one_hot or size <= _MOST_MARKED:
        return CategoryEncoding(size, output_mode="one_hot")(lookup(x))
    return Flatten()(Embedding(size, embedding_size(size))(lookup(x)))


def embedding_size(size: int) -> int:
    """Numbers that stand for a word, by how many words there are: 8 for 17, 32 at most.

    Example:
        >>> embedding_size(17), embedding_size(1_000)
        (8, 32)
    """
    return min(32, round(1.6 * size**0.56))
