"""load_img and its relatives, compared with the real Keras's rules."""

import io
import re
import warnings

import numpy as np
import pytest
import torch
from PIL import Image

from lamina.core.errors import (
    ArgumentError,
    ArgumentTypeError,
    LoadError,
    ShapeError,
    StorageError,
)
from lamina.data.images import array_to_img, img_to_array, load_img, save_img, smart_resize

PIXELS = np.random.default_rng(0).integers(0, 256, (6, 10, 3), dtype=np.uint8)


@pytest.fixture
def path(tmp_path):
    file = tmp_path / "a.png"
    Image.fromarray(PIXELS).save(file)
    return file


@pytest.mark.parametrize(
    "kind", [str, lambda p: p, lambda p: bytes(p), lambda p: io.BytesIO(p.read_bytes())]
)
def test_every_kind_of_path_is_read(path, kind):
    np.testing.assert_array_equal(np.asarray(load_img(kind(path))), PIXELS)


@pytest.mark.parametrize(
    ("color_mode", "mode"), [("grayscale", "L"), ("rgb", "RGB"), ("rgba", "RGBA")]
)
def test_colour_modes(path, color_mode, mode):
    assert load_img(path, color_mode=color_mode).mode == mode


def test_sixteen_bit_grey_keeps_its_depth(tmp_path):
    deep = np.full((2, 2), 40_000, np.uint16)
    Image.fromarray(deep).save(tmp_path / "a.png")

    np.testing.assert_array_equal(load_img(tmp_path / "a.png", color_mode="grayscale"), deep)


def test_the_target_size_is_height_and_width(path):
    assert load_img(path, target_size=(3, 4)).size == (4, 3)


def test_nearest_is_the_default_filter(path):
    expected = np.asarray(Image.fromarray(PIXELS).resize((5, 3), Image.Resampling.NEAREST))

    np.testing.assert_array_equal(np.asarray(load_img(path, target_size=(3, 5))), expected)


def test_the_centre_is_kept_with_the_aspect_ratio(path):
    result = np.asarray(load_img(path, target_size=(6, 6), keep_aspect_ratio=True))

    np.testing.assert_array_equal(result, PIXELS[:, 2:8])


@pytest.mark.parametrize(
    "arguments",
    [
        {"color_mode": "bgr"},
        {"target_size": (0, 0)},
        {"target_size": "64"},
        {"target_size": (64,)},
        {"interpolation": "magic"},
    ],
)
def test_impossible_arguments_are_refused(path, arguments):
    with pytest.raises(ArgumentError, match=r"^load_img\("):
        load_img(path, **arguments)


def test_another_kind_of_path_is_refused():
    message = (
        "load_img(path=3) is not possible.\n"
        "  expected: a path, or an io.BytesIO with the content of a picture file.\n"
        '  fix: pass for example path="cat.jpg".'
    )
    with pytest.raises(ArgumentTypeError, match=f"^{re.escape(message)}$"):
        load_img(3)


def test_a_broken_or_missing_file_is_named(tmp_path):
    (tmp_path / "b.png").write_bytes(b"no")
    with pytest.raises(LoadError, match="the content is no picture"):
        load_img(tmp_path / "b.png")
    with pytest.raises(StorageError, match="does not exist"):
        load_img(tmp_path / "c.png")


def test_images_become_float_arrays_with_a_channel_axis():
    grey = Image.fromarray(PIXELS[:, :, 0])

    assert img_to_array(grey).shape == (6, 10, 1)
    assert img_to_array(grey).dtype == np.float32
    assert img_to_array(Image.fromarray(PIXELS), "channels_first", "uint8").shape == (3, 6, 10)
    with pytest.raises(ShapeError, match=r"received an image of shape \(2,\)"):
        img_to_array(np.zeros(2))


def test_arrays_and_images_are_exchanged_exactly():
    result = img_to_array(array_to_img(PIXELS, scale=False), dtype="uint8")

    np.testing.assert_array_equal(result, PIXELS)


def test_scaling_stretches_to_0_and_255():
    image = array_to_img(torch.tensor([[[1.0], [2.0], [3.0]]]))

    assert np.asarray(image).tolist() == [[0, 127, 255]]
    assert np.asarray(array_to_img(PIXELS * 0.37)).max() == 255
    assert np.asarray(array_to_img(np.zeros((1, 1, 1)))).tolist() == [[0]]


@pytest.mark.parametrize(
    ("shape", "mode"), [((2, 2, 1), "L"), ((2, 2, 3), "RGB"), ((2, 2, 4), "RGBA")]
)
def test_channels_decide_the_mode(shape, mode):
    assert array_to_img(np.zeros(shape)).mode == mode


def test_grey_above_255_is_kept():
    image = array_to_img(np.full((1, 1, 1), 1000.0), scale=False)

    assert image.mode == "I"
    assert image.getpixel((0, 0)) == 1000


@pytest.mark.parametrize("shape", [(2, 2), (2, 2, 2), (1, 2, 2, 3)])
def test_what_is_no_picture_is_refused(shape):
    message = (
        f"array_to_img() received an array of shape {shape}.\n"
        "  expected: 3 axes (height, width, channels) with 1, 3 or 4 channels.\n"
        "  fix: pass one picture, for example batch[0]."
    )
    with pytest.raises(ShapeError, match=f"^{re.escape(message)}$"):
        array_to_img(np.zeros(shape))


@pytest.mark.parametrize("ending", ["png", "bmp", "jpg", "JPEG", "gif"])
def test_saved_pictures_are_read_again(tmp_path, ending):
    save_img(tmp_path / f"a.{ending}", PIXELS)

    assert load_img(tmp_path / f"a.{ending}").size == (10, 6)


def test_png_saves_without_loss(tmp_path):
    save_img(tmp_path / "a.png", np.moveaxis(PIXELS, -1, 0), "channels_first", scale=False)

    np.testing.assert_array_equal(np.asarray(load_img(tmp_path / "a.png")), PIXELS)


def test_jpeg_drops_transparency_with_a_warning(tmp_path):
    with pytest.warns(UserWarning, match="JPEG has none"):
        save_img(tmp_path / "a.jpg", np.zeros((2, 2, 4)))

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert load_img(tmp_path / "a.jpg").mode == "RGB"


def test_a_picture_that_cannot_be_saved_is_our_error(tmp_path):
    with pytest.raises(ArgumentError, match="a format that Pillow can write"):
        save_img(tmp_path / "a.xyz", PIXELS)
    with pytest.raises(StorageError, match="cannot be written"):
        save_img(tmp_path / "none" / "a.png", PIXELS)


def test_smart_resize_crops_before_it_resizes():
    x = np.zeros((4, 8, 1))
    x[:, 2:6] = 1.0

    np.testing.assert_array_equal(smart_resize(x, (2, 2)), np.ones((2, 2, 1)))


def test_smart_resize_gives_back_the_kind_it_got():
    tensor = torch.rand(2, 3, 6, 10)

    result = smart_resize(tensor, (3, 5), data_format="channels_first")

    assert result.shape == (2, 3, 3, 5)
    assert isinstance(result, torch.Tensor)
    with pytest.raises(ShapeError, match=r"received an array of shape \(2, 2\)"):
        smart_resize(np.zeros((2, 2)), (2, 2))
