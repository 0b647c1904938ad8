"""Configurations of the preprocessing layers, in which they are compared with Keras's."""

from typing import Any, NamedTuple

FILL_MODES = ("reflect", "constant", "nearest", "wrap")
INTERPOLATIONS = ("bilinear", "nearest")


class Case(NamedTuple):
    """One layer with its arguments.

    Args:
        kind: Name of the class.
        config: Arguments of the constructor.
        scale: Largest value of the images.
        dtype: Dtype of the images.
        count: Number of images.
    """

    kind: str
    config: dict[str, Any]
    scale: float = 255.0
    dtype: str = "float32"
    count: int = 3


def _warps(kind: str, **config: Any) -> list[Case]:
    return [
        Case(kind, {**config, "fill_mode": mode, "interpolation": way, "fill_value": 7.0})
        for mode in FILL_MODES
        for way in INTERPOLATIONS
    ]


def _sizes(height: int, width: int) -> list[Case]:
    ways = (
        {},
        {"crop_to_aspect_ratio": True},
        {"pad_to_aspect_ratio": True, "fill_value": 3.0},
        {"antialias": True},
    )
    return [
        Case("Resizing", {"height": height, "width": width, "interpolation": name, **way})
        for name in ("bilinear", "nearest", "bicubic")
        for way in ways
    ]


# Intervals of length 0, so that what is drawn is known.
EXACT = [
    *_warps("RandomTranslation", height_factor=(0.3, 0.3), width_factor=(-0.4, -0.4)),
    *_warps("RandomRotation", factor=(0.13, 0.13)),
    *_warps("RandomZoom", height_factor=(0.3, 0.3), width_factor=(-0.2, -0.2)),
    *_warps("RandomZoom", height_factor=(0.7, 0.7)),
    Case("RandomShear", {}),
    Case("RandomBrightness", {"factor": (0.2, 0.2)}),
    Case("RandomBrightness", {"factor": (-0.3, -0.3), "value_range": (0, 1)}, scale=1.0),
    Case("RandomContrast", {"factor": (0, 0)}),
    Case("RandomSaturation", {"factor": (0.3, 0.3)}),
    Case("RandomSaturation", {"factor": (0.7, 0.7), "value_range": (0, 1)}, scale=1.0),
    Case("RandomHue", {"factor": (0, 0)}),
    Case("RandomGrayscale", {"factor": 1.0}),
    Case("RandomGrayscale", {"factor": 0.0}),
    Case("RandomColorDegeneration", {"factor": (0.4, 0.4)}),
    Case("RandomColorDegeneration", {"factor": (-0.4, -0.4)}),
    Case("RandomColorJitter", {"brightness_factor": (0.1, 0.1), "saturation_factor": (0.4, 0.4)}),
    Case("RandomInvert", {"factor": (1, 1)}),
    Case("RandomInvert", {"factor": (1, 1), "value_range": (0, 1)}, scale=1.0),
    Case("RandomInvert", {"factor": (0, 0)}),
    Case("RandomSharpness", {"factor": (0.2, 0.2)}),
    Case("RandomSharpness", {"factor": (0.9, 0.9)}),
    Case("RandomPosterization", {"factor": (3, 3)}),
    Case("RandomPosterization", {"factor": (5, 5), "value_range": (0, 1)}, scale=1.0),
    Case("Solarization", {}),
    Case("Solarization", {"value_range": (0, 1)}, scale=1.0),
    Case("AutoContrast", {}, scale=200.0),
    Case("AutoContrast", {"value_range": (0, 1)}, scale=0.7),
    Case("Equalization", {}, count=1),
    Case("Equalization", {"value_range": (0, 1)}, scale=1.0, count=1),
    Case("Equalization", {"bins": 10}, count=1),
    Case("RandomGaussianBlur", {"factor": (1, 1), "sigma": (0.7, 0.7)}),
    Case("RandomGaussianBlur", {"factor": (1, 1), "kernel_size": 5, "sigma": (0.7, 0.7)}),
    Case("RandomErasing", {"factor": (0, 0)}),
    Case("RandomPerspective", {"factor": (0, 0)}),
    Case("RandomPerspective", {"factor": (1, 1), "scale": 0.0}),
    Case("RandomCrop", {"height": 6, "width": 8}),
    *_sizes(4, 4),
    *_sizes(12, 5),
    *_sizes(3, 9),
    Case("Resizing", {"height": 4, "width": 5}, dtype="uint8"),
    Case("Resizing", {"height": 9, "width": 5, "interpolation": "bicubic"}, dtype="uint8"),
    Case("CenterCrop", {"height": 3, "width": 4}),
    Case("CenterCrop", {"height": 9, "width": 4}),
    Case("CenterCrop", {"height": 3, "width": 4}, dtype="uint8"),
    Case("Rescaling", {"scale": 1 / 255}, dtype="uint8"),
    Case("Rescaling", {"scale": [1.0, 2.0, 3.0], "offset": -1.0}),
    Case("Normalization", {"mean": [1.0, 2.0, 3.0], "variance": [4.0, 5.0, 6.0]}),
    Case("Normalization", {"axis": None, "mean": 2.0, "variance": 3.0}, dtype="uint8"),
    Case("Normalization", {"mean": 2.0, "variance": 3.0, "invert": True}),
    Case("Normalization", {"axis": (1, 3)}),
]

# Layers that change images at random, at a strength at which a change is certain to be seen.
RANDOM = [
    Case("RandomFlip", {}),
    Case("RandomFlip", {"mode": "horizontal"}),
    Case("RandomFlip", {"mode": "vertical"}),
    Case("RandomCrop", {"height": 3, "width": 4}),
    Case("RandomTranslation", {"height_factor": 0.4, "width_factor": 0.4}),
    Case("RandomRotation", {"factor": 0.4}),
    Case("RandomZoom", {"height_factor": 0.4}),
    Case("RandomShear", {"x_factor": 0.4, "y_factor": 0.4}),
    Case("RandomPerspective", {"factor": (1, 1)}),
    Case("RandomBrightness", {"factor": 0.4}),
    Case("RandomContrast", {"factor": 0.9}),
    Case("RandomSaturation", {"factor": (0.0, 0.9)}),
    Case("RandomHue", {"factor": 0.9}),
    Case("RandomGrayscale", {"factor": 0.5}),
    Case("RandomColorDegeneration", {"factor": 0.9}),
    Case("RandomColorJitter", {"brightness_factor": 0.4, "hue_factor": 0.4}),
    Case("RandomInvert", {"factor": (0.5, 0.5)}),
    Case("Solarization", {"addition_factor": 0.5, "threshold_factor": 0.5}),
    Case("RandomPosterization", {"factor": 5}),
    Case("RandomSharpness", {"factor": 0.9}),
    Case("RandomGaussianBlur", {"factor": (1, 1)}),
    Case("RandomErasing", {"factor": (1, 1)}),
    Case("RandomErasing", {"factor": (1, 1), "fill_value": [1.0, 2.0, 3.0]}),
    Case("RandAugment", {}),
    Case("AugMix", {"num_chains": 2, "chain_depth": 2}),
]
