"""Random image layers made of other ones: colour jitter, RandAugment and AugMix."""

from typing import Any

import torch
from torch import Tensor

from lamina.core import checks
from lamina.layers.augmentation import Augmentation, each, interval
from lamina.layers.color_augmentation import (
    RandomBrightness,
    RandomColorDegeneration,
    RandomContrast,
    RandomHue,
    RandomSaturation,
)
from lamina.layers.geometry import RandomTranslation
from lamina.layers.scaling import increasing_pair
from lamina.layers.texture_augmentation import RandomSharpness
from lamina.layers.tone_augmentation import (
    AutoContrast,
    Equalization,
    RandomPosterization,
    Solarization,
)
from lamina.layers.warping import RandomRotation, RandomShear


class RandomColorJitter(Augmentation):
    """Changes brightness, contrast, saturation and hue of each image at random, in this order.

    Args:
        value_range: Smallest and largest possible value.
        brightness_factor: As in `RandomBrightness`; `None` leaves the brightness alone.
        contrast_factor: As in `RandomContrast`, likewise.
        saturation_factor: As in `RandomSaturation`, likewise.
        hue_factor: As in `RandomHue`, likewise.
        seed: Start of a stream of random numbers of its own.
        data_format: "channels_last" (the default) or "channels_first".
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, height, width, 3) or (height, width, 3), any dtype
        output: the shape of the input, floating point

    Raises:
        ArgumentError: A factor or `value_range` has no possible value.
        ShapeError: The input has neither 3 nor 4 axes, or not 3 channels.

    Example:
        >>> RandomColorJitter(hue_factor=0.1)(torch.zeros(2, 4, 4, 3), training=True).shape
        torch.Size([2, 4, 4, 3])
    """

    def __init__(
        self,
        value_range: Any = (0, 255),
        brightness_factor: Any = None,
        contrast_factor: Any = None,
        saturation_factor: Any = None,
        hue_factor: Any = None,
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.value_range = increasing_pair(self, "value_range", value_range)
        kinds = [
            (RandomBrightness, brightness_factor),
            (RandomContrast, contrast_factor),
            (RandomSaturation, saturation_factor),
            (RandomHue, hue_factor),
        ]
        self.parts = [
            kind(factor, value_range=self.value_range, **_part(self, number))
            for number, (kind, factor) in enumerate(kinds)
            if factor is not None
        ]

    def transform(self, images: Tensor, drawn: None) -> Tensor:
        for part in self.parts:
            images = part.transform(images, part.draw(images))
        return images


class RandAugment(Augmentation):
    """Applies a few layers to each image, chosen at random among eleven.

    The eleven shear, shift, turn, brighten, fade, change contrast, sharpen, posterize, solarize,
    stretch and equalize. Each image has its own choice (Keras makes one a batch). All eleven are
    computed for every choice, so this is slow on a CPU.

    Args:
        value_range: Smallest and largest possible value.
        num_ops: Number of layers applied one after the other.
        factor: Strength of each layer, from 0 to 1, or two ends of an interval.
        interpolation: "bilinear" or "nearest".
        seed: Start of a stream of random numbers of its own.
        data_format: "channels_last" (the default) or "channels_first".
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, height, width, 3) or (height, width, 3), any dtype
        output: the shape of the input, floating point

    Raises:
        ArgumentError: An argument has no possible value.
        ShapeError: The input has neither 3 nor 4 axes.

    Reference:
        Cubuk et al., "RandAugment: Practical automated data augmentation with a reduced search
        space", CVPR workshops 2020.

    Example:
        >>> RandAugment()(torch.zeros(2, 4, 4, 3), training=True).shape
        torch.Size([2, 4, 4, 3])
    """

    def __init__(
        self,
        value_range: Any = (0, 255),
        num_ops: int = 2,
        factor: Any = 0.5,
        interpolation: str = "bilinear",
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.value_range = increasing_pair(self, "value_range", value_range)
        self.num_ops = checks.positive_int(self, "num_ops", num_ops)
        self.factor = interval(self, "factor", factor, 0, 1)
        self.interpolation = interpolation
        self.parts = _all_parts(self, interpolation)

    def draw(self, images: Tensor) -> Tensor:
        return (self.random(images, self.num_ops) * len(self.parts)).long()

    def transform(self, images: Tensor, drawn: Tensor) -> Tensor:
        for choice in drawn.unbind():
            images = _applied(self.parts, images, choice)
        return images


class AugMix(Augmentation):
    """Averages each image with several randomly changed versions of itself.

    Each version goes through a chain of random layers; chains are weighted by a Dirichlet draw,
    and their sum is averaged with the image. Each image has its own choices (Keras makes one a
    batch). Slow on a CPU: every layer is computed for every place in every chain.

    Args:
        value_range: Smallest and largest possible value.
        num_chains: Number of changed versions.
        chain_depth: Number of layers a version goes through; some of them may do nothing.
        factor: Strength of each layer, from 0 to 1, or two ends of an interval.
        alpha: Only 1.0: the weights are drawn evenly.
        all_ops: Also changes brightness, contrast, colour and sharpness.
        interpolation: "bilinear" or "nearest".
        seed: Start of a stream of random numbers of its own.
        data_format: "channels_last" (the default) or "channels_first".
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        input: (batch, height, width, 3) or (height, width, 3), any dtype
        output: the shape of the input, floating point

    Raises:
        ArgumentError: An argument has no possible value.
        ShapeError: The input has neither 3 nor 4 axes.

    Reference:
        Hendrycks et al., "AugMix: A Simple Data Processing Method to Improve Robustness and
        Uncertainty", ICLR 2020.

    Example:
        >>> AugMix(num_chains=1)(torch.zeros(2, 4, 4, 3), training=True).shape
        torch.Size([2, 4, 4, 3])
    """

    def __init__(
        self,
        value_range: Any = (0, 255),
        num_chains: int = 3,
        chain_depth: int = 3,
        factor: Any = 0.3,
        alpha: float = 1.0,
        all_ops: bool = True,
        interpolation: str = "bilinear",
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.value_range = increasing_pair(self, "value_range", value_range)
        self.num_chains = checks.positive_int(self, "num_chains", num_chains)
        self.chain_depth = checks.positive_int(self, "chain_depth", chain_depth)
        self.factor = interval(self, "factor", factor, 0, 1)
        self.alpha = checks.choice(self, "alpha", float(alpha), (1.0,))
        self.all_ops = checks.boolean(self, "all_ops", all_ops)
        self.interpolation = interpolation
        parts = _all_parts(self, interpolation)
        self.parts = parts if self.all_ops else parts[:7]

    def draw(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        count = len(self.parts) + 1  # one more, which does nothing
        choices = self.random(images, self.num_chains, self.chain_depth) * count
        waits = -torch.log(1 - self.random(images, self.num_chains) * (1 - 1e-7))
        (own,) = self.random(images, 1)
        return choices.long(), waits / waits.sum(0).clamp(min=1e-7), own

    def transform(self, images: Tensor, drawn: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        choices, weights, own = drawn
        mixed = torch.zeros_like(images)
        for chain, weight in zip(choices.unbind(), weights.unbind(), strict=True):
            version = images
            for choice in chain.unbind():
                version = _applied(self.parts, version, choice)
            mixed = mixed + version * each(weight).to(images.dtype)
        return torch.lerp(mixed, images, each(own).to(images.dtype)).clamp(*self.value_range)


def _part(whole: Augmentation, number: int) -> dict[str, Any]:
    """Name, seed and dtype for a layer inside another one."""
    return {
        "name": f"{whole.name}_{number}",
        "seed": None if whole.seed is None else whole.seed + number,
        "dtype": whole.dtype_policy,
    }


def _all_parts(whole: RandAugment | AugMix, interpolation: str) -> list[Augmentation]:
    factor, value_range = whole.factor, whole.value_range
    bits = max(1, int(8 * factor[1]))
    moving = {"interpolation": interpolation}
    valued = {"value_range": value_range}
    kinds: list[tuple[type[Augmentation], dict[str, Any]]] = [
        (RandomShear, {"x_factor": factor, "y_factor": factor, **moving}),
        (RandomTranslation, {"height_factor": factor, "width_factor": factor, **moving}),
        (RandomRotation, {"factor": factor, **moving}),
        (RandomPosterization, {"factor": bits, **valued}),
        (Solarization, {"addition_factor": factor, "threshold_factor": factor, **valued}),
        (AutoContrast, valued),
        (Equalization, valued),
        (RandomBrightness, {"factor": factor, **valued}),
        (RandomColorDegeneration, {"factor": factor, **valued}),
        (RandomContrast, {"factor": factor, **valued}),
        (RandomSharpness, {"factor": factor, **valued}),
    ]
    return [
        kind(**arguments, **_part(whole, number)) for number, (kind, arguments) in enumerate(kinds)
    ]


def _applied(parts: list[Augmentation], images: Tensor, choice: Tensor) -> Tensor:
    """Each image changed by the layer of its own choice; a choice beyond the last does nothing."""
    changed = images
    for number, part in enumerate(parts):
        version = part.transform(images, part.draw(images))
        changed = torch.where(each(choice == number), version, changed)
    return changed
