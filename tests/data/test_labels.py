"""Labels that have to be class numbers."""

import pytest
import torch

from lamina.core.errors import DataError
from lamina.data.labels import check_whole


@pytest.mark.parametrize(
    "y",
    [
        torch.tensor([0, 1]),
        torch.tensor([0.0, 1.0]),
        torch.tensor([[0], [1]]),
        torch.tensor([True]),
        torch.tensor([1, 2], dtype=torch.uint8),
    ],
)
def test_whole_numbers_pass_whatever_their_dtype(y):
    check_whole("y", y)


def test_nan_is_named():
    with pytest.raises(DataError, match=r"^y has 1 NaN \(first at row 1\)"):
        check_whole("y", torch.tensor([0.0, torch.nan]))
