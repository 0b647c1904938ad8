"""What random image layers draw, against the formulas of their distributions."""

import copy

import pytest
import torch

from lamina.layers.augmentation import interval
from lamina.layers.color_augmentation import RandomBrightness, RandomContrast, RandomHue
from lamina.layers.geometry import RandomCrop, RandomFlip, RandomTranslation
from lamina.layers.mixing import CutMix, MixUp
from lamina.layers.texture_augmentation import RandomErasing
from lamina.layers.tone_augmentation import RandomInvert, RandomPosterization
from lamina.layers.warping import RandomRotation, RandomZoom

MANY = 4000
PIXEL = torch.zeros(MANY, 1, 1, 1)
RAMP = torch.arange(24.0).reshape(1, 4, 6, 1).repeat(400, 1, 1, 1)


def test_each_direction_is_flipped_half_of_the_time():
    x = torch.arange(4.0).reshape(1, 2, 2, 1).expand(MANY, 2, 2, 1)

    first = RandomFlip(seed=0)(x, training=True)[:, 0, 0, 0]

    # The first pixel comes from each of the 4 corners; deviation of a share: sqrt(3/16/4000).
    shares = torch.bincount(first.long(), minlength=4) / MANY
    torch.testing.assert_close(shares, torch.full((4,), 0.25), atol=4 * 0.007, rtol=0)


def test_brightness_is_drawn_evenly():
    layer = RandomBrightness((-0.2, 0.6), value_range=(-300, 300), seed=0)

    change = layer(PIXEL, training=True).flatten() / 600

    assert change.min() >= -0.2
    assert change.max() <= 0.6
    assert change.mean().item() == pytest.approx(0.2, abs=4 * 0.8 / (12 * MANY) ** 0.5)
    assert change.std().item() == pytest.approx(0.8 / 12**0.5, rel=0.05)


def test_contrast_keeps_the_mean_of_each_channel():
    x = torch.rand(3, 4, 4, 3) * 0.2 + 0.4

    y = RandomContrast((0.5, 0.5), value_range=(0, 1), seed=0)(x, training=True)

    torch.testing.assert_close(y.mean((1, 2)), x.mean((1, 2)))


def test_half_a_turn_of_the_hue_gives_the_complement():
    red = torch.tensor([255.0, 0.0, 0.0]).reshape(1, 1, 1, 3)

    y = RandomHue((1, 1), seed=0)(red, training=True)

    torch.testing.assert_close(y.flatten(), torch.tensor([0.0, 255.0, 255.0]))


def test_crops_are_contiguous_parts_from_everywhere():
    y = RandomCrop(2, 3, seed=0)(RAMP, training=True)[..., 0]
    corners = y[:, 0, 0]

    wanted = corners[:, None, None] + torch.tensor([[0.0, 1.0, 2.0], [6.0, 7.0, 8.0]])
    assert torch.equal(y, wanted)
    assert corners.unique().tolist() == [0, 1, 2, 3, 6, 7, 8, 9, 12, 13, 14, 15]


def test_crops_outside_of_training_are_the_middle():
    y = RandomCrop(2, 2)(RAMP[:1], training=False)

    assert y.flatten().tolist() == [8, 9, 14, 15]


def test_images_too_small_are_enlarged():
    assert RandomCrop(8, 3)(RAMP[:2], training=True).shape == (2, 8, 3, 1)


def test_positive_shifts_go_down_and_right():
    layer = RandomTranslation((0.25, 0.25), (0.5, 0.5), "constant", fill_value=-1.0)

    y = layer(RAMP[:1], training=True)[0, ..., 0]

    torch.testing.assert_close(y[1:, 3:], RAMP[0, :3, :3, 0], atol=1e-4, rtol=0)
    torch.testing.assert_close(y[0], torch.full((6,), -1.0))


def test_a_quarter_turn_goes_against_the_clock():
    x = torch.arange(9.0).reshape(1, 3, 3, 1)

    y = RandomRotation((0.25, 0.25))(x, training=True)

    torch.testing.assert_close(y[0, ..., 0], x[0, ..., 0].rot90(), atol=1e-4, rtol=0)


def test_positive_zoom_shows_more():
    x = torch.ones(1, 6, 6, 1)

    y = RandomZoom((1.0, 1.0), fill_mode="constant")(x, training=True)

    assert y.sum() < 16  # at twice the distance: about a quarter of 36, and soft borders


def test_inversion_happens_as_often_as_asked():
    share = RandomInvert((0.3, 0.3), seed=0)(PIXEL, training=True).mean().item() / 255

    assert share == pytest.approx(0.3, abs=4 * (0.21 / MANY) ** 0.5)


def test_posterization_keeps_the_leading_bits():
    x = torch.full((200, 1, 1, 1), 255.0)

    y = RandomPosterization((1, 4), seed=0)(x, training=True)

    assert y.unique().tolist() == [128, 192, 224]  # 1, 2 or 3 bits


def test_erased_area_has_the_wanted_size():
    layer = RandomErasing((1, 1), scale=(0.25, 0.25), fill_value=255, seed=0)

    share = layer(torch.zeros(50, 16, 16, 1), training=True).mean((1, 2, 3)) / 255

    torch.testing.assert_close(share, torch.full((50,), 0.25))  # 8 by 8 pixels


@pytest.mark.parametrize("alpha", [0.2, 0.5, 1.0, 3.0])
def test_mixing_weights_follow_the_beta_distribution(alpha):
    weight = MixUp(seed=0).symmetric_beta(torch.zeros(40_000, 1), alpha)

    # Moments of Beta(a, a): 1/2, 1 / (4 (2a + 1)), and the fourth central one.
    variance = 1 / (4 * (2 * alpha + 1))
    fourth = 3 / (16 * (2 * alpha + 1) * (2 * alpha + 3))
    assert weight.mean().item() == pytest.approx(0.5, abs=0.01)
    assert weight.var().item() == pytest.approx(variance, rel=0.03)
    assert (weight - 0.5).pow(4).mean().item() == pytest.approx(fourth, rel=0.05)


@pytest.mark.parametrize("kind", [MixUp, CutMix])
def test_labels_are_mixed_as_much_as_images(kind):
    x = torch.eye(8)[:, None, None, :].expand(8, 20, 20, 8)

    mixed = kind(seed=0)({"images": x, "labels": torch.eye(8)}, training=True)

    # Image i holds ones in channel i only, so that its mean is its label. A rectangle whose
    # sides are no whole numbers is off by less than a pixel each way.
    shares = mixed["images"].mean((1, 2))
    torch.testing.assert_close(shares, mixed["labels"], atol=0.11, rtol=0)
    torch.testing.assert_close(mixed["labels"].sum(1), torch.ones(8))


def test_mixing_outside_of_training_changes_nothing():
    data = {"images": torch.rand(2, 3, 3, 1), "labels": torch.eye(2)}

    same = MixUp()(data, training=False)

    assert torch.equal(same["images"], data["images"])
    assert torch.equal(same["labels"], data["labels"])


def test_masks_move_with_their_images():
    x = torch.rand(5, 6, 6, 1)

    moved = RandomRotation(0.3, interpolation="nearest", seed=0)(
        {"images": x, "segmentation_masks": x, "labels": torch.arange(5)}, training=True
    )

    assert torch.equal(moved["images"], moved["segmentation_masks"])
    assert moved["labels"].tolist() == [0, 1, 2, 3, 4]


def test_colour_changes_leave_masks_alone():
    x = torch.rand(5, 6, 6, 1)

    changed = RandomBrightness(0.5, seed=0)({"images": x, "segmentation_masks": x}, training=True)

    assert torch.equal(changed["segmentation_masks"], x)


def test_a_copy_goes_on_with_the_same_numbers():
    layer = RandomBrightness(0.5, seed=0)
    layer(PIXEL, training=True)

    other = copy.deepcopy(layer)

    assert torch.equal(layer(PIXEL, training=True), other(PIXEL, training=True))


@pytest.mark.parametrize(
    ("value", "low", "mirrored", "wanted"),
    [
        (0.3, -1, False, (-0.3, 0.3)),
        (0.3, 0, False, (0.0, 0.3)),
        (0.3, 0, True, (-0.3, 0.3)),
        ((0.5, -0.5), -1, False, (-0.5, 0.5)),
        (1, -1, False, (-1.0, 1.0)),
    ],
)
def test_one_number_stands_for_an_interval(value, low, mirrored, wanted):
    assert interval("Layer", "factor", value, low, 1, mirrored=mirrored) == wanted
