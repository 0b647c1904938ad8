"""Numbers that say how good predictions are: by class, by confidence, against a constant."""

from dataclasses import dataclass

import numpy as np

from lamina.report.intervals import Interval, bootstrap, wilson

_BINS = 10


@dataclass(frozen=True)
class ClassScore:
    """How one class fared.

    Args:
        precision: Of the examples given this answer, the share that is of the class.
        recall: Of the examples of the class, the share given this answer.
        f1: Harmonic mean of the two.
        support: Examples of the class in the test part.
        answered: Examples given this answer.
    """

    precision: Interval
    recall: Interval
    f1: Interval
    support: int
    answered: int


@dataclass(frozen=True)
class Bin:
    """Answers of similar confidence: from `low` to `high`, how sure and how often right."""

    low: float
    high: float
    count: int
    confidence: float
    accuracy: Interval


def confusion(y: np.ndarray, answers: np.ndarray, num_classes: int) -> np.ndarray:
    """Counts examples by true class (rows) and given answer (columns)."""
    pairs = y.astype(np.int64) * num_classes + answers.astype(np.int64)
    counts = np.bincount(pairs, minlength=num_classes * num_classes)
    return counts.reshape(num_classes, num_classes)


def class_scores(matrix: np.ndarray) -> list[ClassScore]:
    """Precision, recall and F1 of each class with 95 % intervals.

    F1 = 2tp / (2tp + fp + fn); its interval comes from that of the share tp / (tp + fp + fn),
    which F1 grows with.

    Args:
        matrix: Counts as `confusion` makes them.
    """
    scores = []
    for number in range(len(matrix)):
        right = int(matrix[number, number])
        support, answered = int(matrix[number].sum()), int(matrix[:, number].sum())
        overlap = wilson(right, support + answered - right)
        scores.append(
            ClassScore(
                wilson(right, answered),
                wilson(right, support),
                Interval(*(2 * j / (1 + j) for j in (overlap.value, overlap.low, overlap.high))),
                support,
                answered,
            )
        )
    return scores


def macro_f1(matrix: np.ndarray) -> float:
    """Mean of the F1 of all classes that occur, each counting alike.

    Args:
        matrix: Counts as `confusion` makes them.
    """
    right = np.diag(matrix).astype(np.float64)
    total = matrix.sum(axis=0) + matrix.sum(axis=1)
    occurs = matrix.sum(axis=1) > 0
    scores = 2 * right / np.maximum(1, total)
    return float(scores[occurs].mean()) if occurs.any() else float("nan")


def most_confused(matrix: np.ndarray, limit: int) -> list[tuple[int, int, int]]:
    """The commonest mistakes as (true class, answer, count), the commonest first."""
    wrong = matrix.copy()
    np.fill_diagonal(wrong, 0)
    order = np.argsort(-wrong, axis=None, kind="stable")[:limit]
    places = [divmod(int(flat), len(matrix)) for flat in order]
    return [(true, given, int(wrong[true, given])) for true, given in places if wrong[true, given]]


def calibration(confidence: np.ndarray, is_right: np.ndarray) -> list[Bin]:
    """Answers in ten groups by confidence; groups without an answer are left out."""
    numbers = np.clip((confidence * _BINS).astype(int), 0, _BINS - 1)
    bins = []
    for number in range(_BINS):
        within = numbers == number
        count = int(within.sum())
        if count:
            accuracy = wilson(int(is_right[within].sum()), count)
            mean = float(confidence[within].mean())
            bins.append(Bin(number / _BINS, (number + 1) / _BINS, count, mean, accuracy))
    return bins


def calibration_error(bins: list[Bin]) -> float:
    """Mean distance between confidence and accuracy over all answers (ECE, ten equal bins).

    Reference:
        Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks", ICML 2017.
    """
    total = sum(group.count for group in bins)
    gaps = sum(group.count * abs(group.accuracy.value - group.confidence) for group in bins)
    return gaps / total if total else float("nan")


def log_losses(y: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """-log of the probability given to the true class of each example, in nats."""
    chosen = probabilities[np.arange(len(y)), y.astype(np.int64)]
    return -np.log(np.maximum(chosen.astype(np.float64), 1e-12))


def log_loss(y: np.ndarray, probabilities: np.ndarray) -> float:
    """Mean of -log of the probability given to the true class, in nats."""
    return float(log_losses(y, probabilities).mean())


def r2(y: np.ndarray, predicted: np.ndarray) -> float:
    """Share of the variance of `y` that the predictions explain; below 0 is worse than its mean."""
    spread = float(((y - y.mean()) ** 2).sum())
    return 1 - float(((y - predicted) ** 2).sum()) / spread if spread > 0 else float("nan")


def mean_absolute_error(y: np.ndarray, predicted: np.ndarray) -> float:
    """Mean size of an error, in the unit of `y`."""
    return float(np.abs(y - predicted).mean())


def root_mean_squared_error(y: np.ndarray, predicted: np.ndarray) -> float:
    """Root of the mean squared error, in the unit of `y`; large errors count more."""
    return float(np.sqrt(((y - predicted) ** 2).mean()))


def regression_scores(y: np.ndarray, predicted: np.ndarray) -> dict[str, Interval]:
    """R², MAE and RMSE with 95 % intervals."""
    wanted, given = y.astype(np.float64), predicted.astype(np.float64)
    return {
        "r2": bootstrap(r2, wanted, given),
        "mae": bootstrap(mean_absolute_error, wanted, given),
        "rmse": bootstrap(root_mean_squared_error, wanted, given),
    }
