"""Scores against scikit-learn and against hand-worked cases."""

import numpy as np
import pytest
from sklearn import metrics

from lamina.report import scoring
from lamina.report.sections.results import _auc

Y = np.array([0, 0, 0, 1, 1, 2, 2, 2, 2, 1])
ANSWERS = np.array([0, 0, 1, 1, 2, 2, 2, 0, 2, 1])


def test_confusion_has_true_classes_in_rows():
    np.testing.assert_array_equal(
        scoring.confusion(Y, ANSWERS, 3), metrics.confusion_matrix(Y, ANSWERS)
    )


def test_class_scores_are_those_of_scikit_learn():
    found = scoring.class_scores(scoring.confusion(Y, ANSWERS, 3))
    values = [[s.precision.value, s.recall.value, s.f1.value, s.support] for s in found]

    expected = np.stack(metrics.precision_recall_fscore_support(Y, ANSWERS)).T
    np.testing.assert_allclose(values, expected)


def test_f1_lies_within_its_interval():
    found = scoring.class_scores(scoring.confusion(Y, ANSWERS, 3))

    assert all(s.f1.low < s.f1.value < s.f1.high for s in found)


def test_macro_f1_is_that_of_scikit_learn():
    expected = metrics.f1_score(Y, ANSWERS, average="macro")

    assert scoring.macro_f1(scoring.confusion(Y, ANSWERS, 3)) == pytest.approx(expected)


def test_most_confused_pairs_come_first_and_right_answers_not_at_all():
    matrix = np.array([[5, 2, 0], [0, 5, 7], [1, 0, 5]])

    assert scoring.most_confused(matrix, 2) == [(1, 2, 7), (0, 1, 2)]


def test_calibration_error_of_a_hand_worked_case():
    # Four answers at 0.95, three right; two at 0.55, one right.
    confidence = np.array([0.95, 0.95, 0.95, 0.95, 0.55, 0.55])
    is_right = np.array([1, 1, 1, 0, 1, 0], dtype=bool)

    bins = scoring.calibration(confidence, is_right)

    assert [group.count for group in bins] == [2, 4]
    assert scoring.calibration_error(bins) == pytest.approx((4 * 0.2 + 2 * 0.05) / 6)


def test_certain_answers_are_in_the_last_group():
    bins = scoring.calibration(np.array([1.0]), np.array([True]))

    assert (bins[0].low, bins[0].high) == (0.9, 1.0)


def test_log_loss_is_that_of_scikit_learn():
    shares = np.array([[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4]])
    y = np.array([0, 1, 0])

    assert scoring.log_loss(y, shares) == pytest.approx(
        metrics.log_loss(y, shares, labels=[0, 1, 2])
    )


def test_regression_scores_are_those_of_scikit_learn():
    generator = np.random.default_rng(0)
    y = generator.normal(size=30)
    predicted = y + 0.3 * generator.normal(size=30)

    found = {name: one.value for name, one in scoring.regression_scores(y, predicted).items()}

    assert found == pytest.approx(
        {
            "r2": metrics.r2_score(y, predicted),
            "mae": metrics.mean_absolute_error(y, predicted),
            "rmse": metrics.root_mean_squared_error(y, predicted),
        }
    )


def test_area_under_the_roc_curve_counts_ties_half():
    y = np.array([0, 0, 1, 1, 0, 1, 1])
    scores = np.array([0.1, 0.4, 0.4, 0.8, 0.2, 0.2, 0.9])

    assert _auc(y, scores) == pytest.approx(metrics.roc_auc_score(y, scores))
