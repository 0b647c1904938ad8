"""What a straight line answers right of rows that it has not seen."""

import pytest
import torch

from lamina.preflight.straight import share_right


def rows(count, columns=20, seed=0):
    return torch.randn(count, columns, generator=torch.Generator().manual_seed(seed))


def by_refitting(x, y):
    """The same, each row left out of a fit of its own."""
    count = len(x)
    x = (x - x.mean(0)) / x.std(0)
    wanted = torch.nn.functional.one_hot(y).float()
    wanted = wanted - wanted.mean(0)
    right = 0
    for place in range(count):
        others = [one for one in range(count) if one != place]
        alike = x[others] @ x[others].T / x.shape[1]
        weights = torch.linalg.solve(alike + count / 60 * torch.eye(count - 1), wanted[others])
        answer = (x[place] @ x[others].T / x.shape[1]) @ weights
        right += int(answer.argmax() == y[place])
    return right / count


def test_one_inverse_answers_as_a_fit_without_each_row():
    x = rows(210)
    y = (x[:, 0] + x[:, 1] > 0).long() + (x[:, 2] > 1).long()

    assert share_right([x], y) == pytest.approx(by_refitting(x, y))


def test_classes_that_a_line_parts_are_known():
    x = rows(600)

    assert share_right([x], (x[:, 0] > 0).long()) > 0.9


def test_labels_without_relation_are_guessed():
    assert share_right([rows(600)], torch.arange(600) % 2) < 0.6


def test_one_hot_rows_are_class_numbers():
    x = rows(300)
    y = (x[:, 0] > 0).long()

    assert share_right([x], torch.nn.functional.one_hot(y)) == share_right([x], y)


def test_few_rows_tell_nothing():
    assert share_right([rows(150)], torch.arange(150) % 2) is None
