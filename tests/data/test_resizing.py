"""Resizing against torch, Pillow and hand-worked values."""

import numpy as np
import pytest
import torch
from PIL import Image
from torch.nn import functional as F

from lamina.data.resizing import (
    INTERPOLATIONS,
    central_crop_box,
    resize,
    resize_with_padding,
)

PIXELS = np.random.default_rng(0).uniform(0, 255, (7, 9, 3)).astype(np.float32)
SIZES = [(4, 5), (14, 18), (7, 3), (1, 1), (13, 2), (7, 9)]
PILLOW = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC,
          "lanczos3": Image.Resampling.LANCZOS}  # fmt: skip


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    ("ours", "theirs"), [("bilinear", "bilinear"), ("nearest", "nearest-exact")]
)
def test_bilinear_and_nearest_equal_torch(size, ours, theirs):
    planes = torch.from_numpy(PIXELS).permute(2, 0, 1)[None]
    expected = F.interpolate(planes, size, mode=theirs)[0].permute(1, 2, 0)

    torch.testing.assert_close(torch.from_numpy(resize(PIXELS, size, ours)), expected)


@pytest.mark.parametrize("size", [(14, 18), (8, 11), (7, 20)])
@pytest.mark.parametrize("interpolation", PILLOW)
def test_enlarging_equals_pillow(size, interpolation):
    image = Image.fromarray(PIXELS[:, :, 0])
    expected = np.asarray(image.resize((size[1], size[0]), PILLOW[interpolation]))

    result = resize(PIXELS[:, :, :1], size, interpolation)[:, :, 0]

    np.testing.assert_allclose(result, expected, rtol=1e-4, atol=2e-3)


@pytest.mark.parametrize("size", [(1, 1), (7, 3), (1, 9)])
def test_area_by_whole_factors_is_the_mean_of_blocks(size):
    blocks = PIXELS.reshape(size[0], 7 // size[0], size[1], 9 // size[1], 3)

    np.testing.assert_allclose(resize(PIXELS, size, "area"), blocks.mean((1, 3)), rtol=1e-5)


def test_area_by_a_broken_factor_weighs_by_overlap():
    line = np.array([0.0, 3.0, 6.0], np.float32).reshape(1, 3, 1)

    result = resize(line, (1, 2), "area").ravel()

    # 3 pixels to 2: each new pixel covers 1.5 old ones, (0 + 3/2) / 1.5 and (3/2 + 6) / 1.5.
    np.testing.assert_allclose(result, [1.0, 5.0])


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
@pytest.mark.parametrize("size", SIZES)
def test_an_even_picture_stays_even(interpolation, size):
    even = np.full((7, 9, 1), 40.0)

    np.testing.assert_allclose(resize(even, size, interpolation), 40.0, rtol=1e-5)


@pytest.mark.parametrize("interpolation", INTERPOLATIONS)
def test_a_batch_is_resized_like_its_pictures(interpolation):
    batch = np.stack([PIXELS, PIXELS[::-1]])

    result = resize(batch, (5, 6), interpolation)

    np.testing.assert_allclose(result[1], resize(PIXELS[::-1], (5, 6), interpolation))


def test_the_mitchell_filter_blurs_a_point_as_its_formula_says():
    point = np.zeros((1, 5, 1), np.float32)
    point[0, 2] = 1.0

    # B = C = 1/3: weight 8/9 at distance 0 and 1/18 at distance 1.
    np.testing.assert_allclose(
        resize(point, (1, 5), "mitchellcubic").ravel(), [0, 1 / 18, 8 / 9, 1 / 18, 0], atol=1e-6
    )


def test_the_gaussian_filter_blurs_a_point_as_its_formula_says():
    point = np.zeros((1, 5, 1), np.float32)
    point[0, 2] = 1.0
    side = np.exp(-2.0)  # exp(-d² / (2 · 0.5²)) at d = 1

    np.testing.assert_allclose(
        resize(point, (1, 5), "gaussian").ravel()[1:4],
        np.array([side, 1, side]) / (1 + 2 * side),
        rtol=1e-5,
    )


@pytest.mark.parametrize(
    ("size", "wanted", "expected"),
    [
        ((340, 500), (200, 200), (slice(0, 340), slice(80, 420))),
        ((10, 10), (2, 4), (slice(2, 7), slice(0, 10))),
        ((1, 100), (50, 1), (slice(0, 1), slice(49, 50))),
    ],
)
def test_the_largest_centred_window_is_cropped(size, wanted, expected):
    assert central_crop_box(size, wanted) == expected


def test_padding_keeps_proportions():
    result = resize_with_padding(np.full((2, 4, 1), 9.0), (4, 4), "bilinear")

    np.testing.assert_allclose(result[:, 0, 0], [0, 9, 9, 0])
