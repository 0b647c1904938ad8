"""Which columns a model uses: how much worse its answers get when one column is shuffled."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from lamina.data.dataset import Inputs, Schema
from lamina.report import answers, scoring
from lamina.report.features import Feature, plain, repeated, shuffled, take
from lamina.report.records import Importance

MOST_ROWS = 2_000
MOST_COLUMNS = 500
_MOST_ANSWERS = 1_500_000  # predictions in all
_MOST_REPEATS = 10


def importances(
    model: Any, x: Inputs, y: np.ndarray, schema: Schema, features: Sequence[Feature]
) -> list[Importance]:
    """Permutation importance of each column on at most 2,000 test rows, the greatest first.

    Columns that tell the same share their importance: shuffling one leaves the other. A fall below
    zero means that chance alone is at work.

    Args:
        model: A built model.
        x: Test rows.
        y: Their labels.
        schema: How they are read.
        features: The columns.

    Returns:
        One entry a column; none for no rows, or for over 500 columns.

    Reference:
        Breiman, "Random Forests", Machine Learning 45(1), 2001, section 10.
    """
    if not 1 < len(features) <= MOST_COLUMNS or len(y) < 2:
        return []
    generator = np.random.default_rng(0)
    places = np.sort(generator.permutation(len(y))[:MOST_ROWS])
    x, y = take(x, places), y[places]
    repeats = max(1, min(_MOST_REPEATS, _MOST_ANSWERS // (len(y) * len(features))))
    copies, wanted = repeated(x, repeats), np.tile(y, repeats)
    base_score, base_loss = _scores(answers.predict(model, x, schema), y, 1, schema)
    found = []
    for feature in features:
        orders = [generator.permutation(len(y)) + number * len(y) for number in range(repeats)]
        changed = shuffled(copies, feature, np.concatenate(orders))
        scores, losses = _scores(answers.predict(model, changed, schema), wanted, repeats, schema)
        falls = base_score.mean() - scores
        loss = float((losses - base_loss.mean()).mean())
        found.append(Importance(plain(feature.name), float(falls.mean()), float(falls.std()), loss))
    return sorted(found, key=lambda one: (-one.mean, -one.loss))


def _scores(
    predicted: np.ndarray, y: np.ndarray, repeats: int, schema: Schema
) -> tuple[np.ndarray, np.ndarray]:
    """Score and loss of each repeat."""
    pairs = zip(np.split(predicted, repeats), np.split(y, repeats), strict=True)
    if schema.task == "regression":
        found = [(scoring.r2(b, a), float(((a - b) ** 2).mean())) for a, b in pairs]
    else:
        found = [(float((a.argmax(1) == b).mean()), scoring.log_loss(b, a)) for a, b in pairs]
    scores, losses = np.array(found).T
    return scores, losses
