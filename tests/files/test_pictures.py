"""Pictures are decoded within limits, upright, in the wanted mode."""

import io
import re
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageFile

from lamina.core.errors import ArgumentError, LoadError, StateError
from lamina.files import limits
from lamina.files.pictures import is_picture_name, open_picture, outline_of, read_picture

RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (5, 7, 3), dtype=np.uint8)


def encoded(image, form="PNG", **kwargs):
    buffer = io.BytesIO()
    image.save(buffer, form, **kwargs)
    return buffer.getvalue()


PNG = encoded(Image.fromarray(PIXELS))


@pytest.mark.parametrize("form", ["PNG", "BMP"])
def test_lossless_pictures_come_back_exactly(tmp_path, form):
    path = tmp_path / f"a.{form.lower()}"
    path.write_bytes(encoded(Image.fromarray(PIXELS), form))

    np.testing.assert_array_equal(read_picture(path), PIXELS)


def test_jpeg_comes_back_nearly():
    smooth = np.linspace(0, 255, 64 * 3).reshape(8, 8, 3).astype(np.uint8)

    result = read_picture(encoded(Image.fromarray(smooth), "JPEG", quality=95, subsampling=0))

    assert np.abs(result.astype(int) - smooth).max() < 12


def test_the_first_frame_of_a_gif_is_read():
    frames = [Image.new("P", (4, 3), color) for color in (1, 2)]
    for frame in frames:
        frame.putpalette([0, 0, 0, 10, 20, 30, 40, 50, 60] + [0] * 759)
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])

    assert read_picture(data).shape == (3, 4, 3)
    assert read_picture(data)[0, 0].tolist() == [10, 20, 30]


MODES = {
    "1": Image.new("1", (2, 2), 1),
    "L": Image.new("L", (2, 2), 200),
    "LA": Image.new("LA", (2, 2), (200, 0)),
    "P": Image.new("L", (2, 2), 200).convert("P"),
    "RGBA": Image.new("RGBA", (2, 2), (200, 200, 200, 0)),
    "I;16": Image.fromarray(np.full((2, 2), 200 * 257, np.uint16)),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("color_mode", "channels"), [("grayscale", 1), ("rgb", 3), ("rgba", 4)])
def test_every_mode_becomes_the_wanted_channels(mode, color_mode, channels):
    result = read_picture(encoded(MODES[mode]), color_mode=color_mode)

    assert result.shape == (2, 2, channels)
    assert result.dtype == np.uint8
    assert result[0, 0, 0] == (255 if mode == "1" else 200)


def test_cmyk_becomes_rgb():
    data = encoded(Image.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG")

    red, green, blue = read_picture(data)[4, 4]
    assert red > 200 > 60 > max(green, blue)


def test_a_palette_with_transparency_keeps_its_colours():
    image = Image.new("P", (2, 2), 0)
    image.putpalette([250, 10, 20] + [0] * 765)
    data = encoded(image, transparency=bytes([0] + [255] * 255))

    assert read_picture(data)[0, 0].tolist() == [250, 10, 20]


def test_exif_orientation_is_applied():
    exif = Image.Exif()
    exif[0x0112] = 6  # turn right by 90 degrees
    data = encoded(Image.fromarray(PIXELS), exif=exif)

    np.testing.assert_array_equal(read_picture(data), np.rot90(PIXELS, -1))


def test_pictures_are_resized_to_height_and_width():
    assert read_picture(PNG, size=(3, 2), interpolation="box").shape == (3, 2, 3)


def chunk(kind, data):
    return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))


def huge_png(width, height):
    head = struct.pack(">2L5B", width, height, 8, 0, 0, 0, 0)
    body = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "the file is empty"),
        (b"hello, world", r"the content is no picture \(68 65 6c 6c ...\)"),
        (b"\x89PNG\r\n\x1a\n", "the content is no picture|the picture is damaged or cut"),
        (PNG[:-60], "the picture is damaged or cut"),
        (PNG[: len(PNG) // 2], "the picture is damaged or cut"),
        (encoded(Image.fromarray(PIXELS), "JPEG")[:-200], "the picture is damaged or cut"),
        (encoded(Image.fromarray(PIXELS), "TIFF"), "the content is no picture"),
        (encoded(Image.fromarray(PIXELS), "WEBP"), "the content is no picture"),
        (huge_png(8000, 8000), "it has 8,000 x 8,000 pixels"),
        (huge_png(30_000, 10), "it has 10 x 30,000 pixels"),
        (huge_png(50_000, 50_000), "it has over 50,000,000 pixels"),
        (huge_png(10_000, 10_000), "it has over 50,000,000 pixels"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "the content is no picture"),
    ],
)
def test_what_is_no_whole_picture_is_refused(data, reason):
    with pytest.raises(LoadError, match=reason):
        read_picture(data)


def test_the_message_names_the_file(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"")
    message = (
        f"{str(path)!r}: the file is empty.\n"
        "  expected: a complete PNG, JPEG, BMP or GIF file of at most 50 million pixels and "
        "20,000 a side.\n"
        "  fix: remove the file, or save the picture again in one of these formats."
    )
    with pytest.raises(LoadError, match=f"^{re.escape(message)}$"):
        read_picture(path)


def test_a_file_over_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(limits, "PICTURE_BYTES", 10)
    with pytest.raises(LoadError, match="the file is over 10 bytes"):
        read_picture(PNG)


@pytest.mark.parametrize("place", range(0, len(PNG), 3))
def test_a_flipped_byte_gives_a_picture_or_our_error(place):
    broken = bytearray(PNG)
    broken[place] ^= 0xFF

    assert _outcome(bytes(broken)) in ("picture", "refused")


def _outcome(data):
    try:
        return "picture" if read_picture(data).ndim == 3 else "other"
    except LoadError:
        return "refused"


def test_accepting_truncated_files_is_refused(monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    with pytest.raises(StateError, match="so cut pictures would pass as grey ones"):
        read_picture(PNG)


@pytest.mark.parametrize(
    "arguments", [{"color_mode": "bgr"}, {"size": (0, 3)}, {"interpolation": "magic"}]
)
def test_impossible_arguments_are_refused(arguments):
    with pytest.raises(ArgumentError, match=r"read_picture\("):
        read_picture(PNG, **arguments)


def test_picture_names_are_known_by_their_ending():
    assert is_picture_name("A.JPEG")
    assert not is_picture_name("a.txt")


# -- headers, and pictures larger than needed ----------------------------------------------------


@pytest.mark.parametrize(("turn", "size"), [(1, (40, 60)), (3, (40, 60)), (6, (60, 40))])
def test_a_header_tells_the_size_as_it_is_seen(turn, size):
    exif = Image.Exif()
    exif[0x0112] = turn
    data = encoded(Image.new("L", (60, 40)), "JPEG", exif=exif)

    assert outline_of(data) == (*size, "L")
    assert read_picture(data).shape[:2] == size


def test_a_header_is_enough_for_its_size():
    data = encoded(Image.fromarray(PIXELS))

    assert outline_of(data[:60]) == (5, 7, "RGB")


@pytest.mark.parametrize("data", [b"", b"no picture", PNG[:20]])
def test_a_header_that_is_none_is_refused(data):
    with pytest.raises(LoadError, match=r"no picture|empty|damaged"):
        outline_of(data)


@pytest.mark.parametrize(
    ("at_least", "size"), [((10, 10), (50, 40)), ((10, 25), (100, 80)), ((90, 90), (400, 320))]
)
def test_a_jpeg_is_decoded_at_a_fraction_that_is_twice_what_is_needed(at_least, size):
    data = encoded(Image.new("RGB", (400, 320), (10, 200, 60)), "JPEG", quality=95)
    image = open_picture(data, at_least=at_least)

    assert image.size == size
    assert np.abs(np.asarray(image).astype(int) - (10, 200, 60)).max() <= 3


def test_other_pictures_are_decoded_in_full():
    data = encoded(Image.new("RGB", (400, 320)))

    assert open_picture(data, at_least=(10, 10)).size == (400, 320)
