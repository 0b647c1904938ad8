"""What fits, what is expanded as in Keras, and fixes that work."""

import numpy as np
import pytest
import torch

from lamina.core.errors import DataError
from lamina.data.shapes import fit_shape, shape_words


@pytest.mark.parametrize(
    ("given", "wanted", "result"),
    [
        ((4, 8), (None, 8), (4, 8)),
        ((4, 7, 3), (None, None, 3), (4, 7, 3)),
        ((4,), (None, 1), (4, 1)),
        ((4, 1), (None,), (4,)),
        ((2, 8, 8), (None, 8, 8, 1), (2, 8, 8, 1)),
        ((2, 8, 8, 1), (None, 8, 8), (2, 8, 8)),
        ((1, 8), (None, 8), (1, 8)),
        ((0, 8), (None, 8), (0, 8)),
    ],
)
def test_what_fits_passes_as_in_keras(given, wanted, result):
    assert fit_shape("x", torch.zeros(given), wanted).shape == result


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ((8,), (None, 8)),
        ((1, 4, 8), (None, 8)),
        ((2, 3, 8, 8), (None, 8, 8, 3)),
        ((2, 8, 8, 3), (None, 3, 8, 8)),
        ((2, 3, 7), (None, 7, 3)),
        ((2, 8, 8), (None, 8, 8, 3)),
        ((2, 8, 8), (None, 64)),
        ((2, 64), (None, 8, 8)),
        ((8, 5), (None, 8)),
        ((8, 8), (None, 8, 8, 1)),
        ((8, 8), (None, 64)),
    ],
)
def test_the_code_in_a_fix_mends_the_shape(given, wanted):
    x = np.zeros(given)
    with pytest.raises(DataError, match="x has ") as caught:
        fit_shape("x", torch.from_numpy(x), wanted)
    code = caught.value.fix.rstrip(".").split("with ")[-1].split(": ")[-1]

    mended = eval(code, {"np": np, "x": x})

    fit_shape("x", torch.from_numpy(mended), wanted)


@pytest.mark.parametrize(
    ("shape", "words"),
    [((None, 8), "(n, 8)"), ((None,), "(n,)"), ((None, None, 3), "(n, ?, 3)")],
)
def test_shapes_are_shown_with_n_for_the_batch(shape, words):
    assert shape_words(shape) == words
