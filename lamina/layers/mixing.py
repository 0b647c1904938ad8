"""MixUp and CutMix: image layers that combine two examples, labels included."""

from typing import Any

import torch
from torch import Tensor

from lamina.core import checks
from lamina.core.errors import DataError
from lamina.layers.adapted import to_compute_dtype
from lamina.layers.augmentation import Augmentation, each, interval
from lamina.layers.texture_augmentation import rectangles


class Mixing(Augmentation):
    """Combines each image of a batch with another one; a subclass says how.

    Inside a model the layer is called on images alone. `fit` then opens a list with
    `labels_follow`, in which the layer notes what it drew, and mixes the labels alike.
    """

    _drawn: list[tuple["Mixing", tuple]] | None = None

    def labels_follow(self, drawn: list[tuple["Mixing", tuple]] | None) -> None:
        """Notes what is drawn in this list from now on; `None` ends it."""
        self._drawn = drawn

    def call(self, data: Any) -> Any:
        if self.training and self._drawn is not None and not isinstance(data, dict):
            images = self._to_batch(data)
            drawn = self.draw(images)
            self._drawn.append((self, drawn))
            return self._from_batch(self.transform(images, drawn), data)
        if self.training and not (isinstance(data, dict) and "labels" in data):
            raise DataError(
                f"{self.name} received images without labels.",
                expected="a dict of images and labels, for both are mixed with the same weight.",
                fix=f'{self.name}({{"images": images, "labels": labels}}, training=True).',
            )
        return super().call(data)

    def mixed_labels(self, labels: Tensor, drawn: tuple) -> Tensor:
        """The labels of a batch mixed as its images were, in float32 or wider."""
        self._refuse_class_numbers(labels)
        return _mixed(labels.to(torch.promote_types(labels.dtype, torch.float32)), drawn)

    def transform_labels(self, labels: Tensor, drawn: tuple) -> Tensor:
        self._refuse_class_numbers(labels)
        return _mixed(to_compute_dtype(self, labels), drawn)

    def _refuse_class_numbers(self, labels: Tensor) -> None:
        has_classes = labels.ndim > 1 and labels.shape[-1] > 1
        if not has_classes and not labels.is_floating_point():
            raise DataError(
                f"{self.name} received whole numbers as labels, of shape {tuple(labels.shape)}.",
                expected="labels that can be mixed: one-hot vectors or floating point numbers.",
                fix="pass to_categorical(labels, num_classes) and a categorical loss.",
            )

    def partners(self, images: Tensor) -> Tensor:
        """A random order of the batch."""
        return self.random(images).argsort()

    def symmetric_beta(self, images: Tensor, alpha: Tensor | float) -> Tensor:
        """One number an image from 0 to 1 with density proportional to (x (1 - x))^(alpha - 1).

        Reference:
            Ulrich, "Computer Generation of Distributions on the M-Sphere", Applied Statistics
            33(2), 1984, for a parameter above 1/2; a lower one is reached by raising it by 1 and
            scaling both gammas by a power of a uniform number (Stuart's theorem).
        """
        radius, angle, u, v = 1 - self.random(images, 4)  # above 0, so that logarithms exist
        length = (1 - radius ** (2 / (2 * alpha + 1))).clamp(min=0).sqrt()
        x = (1 + length * torch.cos(2 * torch.pi * angle)) / 2
        return torch.sigmoid(torch.logit(x, eps=1e-7) + (u.log() - v.log()) / alpha)


def _mixed(labels: Tensor, drawn: tuple) -> Tensor:
    partners, weight = drawn[:2]
    share = weight.reshape(-1, *(1,) * (labels.ndim - 1)).to(labels.dtype)
    return torch.lerp(labels.index_select(0, partners), labels, share)


class MixUp(Mixing):
    """Averages each image, and its labels, with another one of the batch.

    The weight of the first is drawn from Beta(alpha, alpha), so that one of the two mostly
    dominates. Inside a model it takes images, and `fit` mixes the one-hot labels alike; metrics
    keep comparing with the labels as they were. Called directly while training, it takes a dict
    with "images" and "labels"; Keras also mixes images alone, which leaves their labels wrong.

    Args:
        alpha: Above 0; larger values mix more evenly.
        data_format: "channels_last" (the default) or "channels_first".
        seed: Start of a stream of random numbers of its own.
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        images: (batch, height, width, channels), any dtype
        labels: (batch, classes), or (batch,) in floating point
        output: a dict of the same shapes, floating point

    Raises:
        ArgumentError: `alpha` is not above 0.
        DataError: Labels are missing while training, or are class numbers.
        ShapeError: The images have neither 3 nor 4 axes.

    Reference:
        Zhang et al., "mixup: Beyond Empirical Risk Minimization", ICLR 2018.

    Example:
        >>> data = {"images": torch.zeros(2, 4, 4, 3), "labels": torch.eye(2)}
        >>> MixUp()(data, training=True)["labels"].shape
        torch.Size([2, 2])
    """

    def __init__(
        self,
        alpha: float = 0.2,
        data_format: str | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.alpha = checks.number(self, "alpha", alpha, low=0.0, open_low=True)

    def draw(self, images: Tensor) -> tuple[Tensor, Tensor]:
        return self.partners(images), self.symmetric_beta(images, self.alpha)

    def transform(self, images: Tensor, drawn: tuple[Tensor, Tensor]) -> Tensor:
        partners, weight = drawn
        return torch.lerp(images.index_select(0, partners), images, each(weight).to(images.dtype))

    transform_masks = transform  # type: ignore[assignment]  # the masks come by position


class CutMix(Mixing):
    """Puts a rectangle of another image of the batch into each image.

    Labels are averaged by area. Inside a model it takes images, and called directly while training
    a dict, as `MixUp` does.

    Args:
        factor: Parameter of the Beta distribution that the area is drawn from, from 0 to 1, or
            two ends of an interval; one number `a` stands for the interval from 0 to `a`.
        seed: Start of a stream of random numbers of its own.
        data_format: "channels_last" (the default) or "channels_first".
        **kwargs: `name`, `dtype`, `trainable`.

    Shape:
        images: (batch, height, width, channels), any dtype
        labels: (batch, classes), or (batch,) in floating point
        output: a dict of the same shapes, floating point

    Raises:
        ArgumentError: `factor` lies outside 0 to 1.
        DataError: Labels are missing while training, or are class numbers.
        ShapeError: The images have neither 3 nor 4 axes.

    Reference:
        Yun et al., "CutMix: Regularization Strategy to Train Strong Classifiers with Localizable
        Features", ICCV 2019.

    Example:
        >>> data = {"images": torch.zeros(2, 4, 4, 3), "labels": torch.eye(2)}
        >>> CutMix()(data, training=True)["images"].shape
        torch.Size([2, 4, 4, 3])
    """

    def __init__(
        self,
        factor: Any = 1.0,
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed=seed, data_format=data_format, **kwargs)
        self.factor = interval(self, "factor", factor, 0, 1)

    def draw(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        alpha, x, y = self.uniform(images, self.factor, (0, 1), (0, 1))
        share = (1 - self.symmetric_beta(images, alpha + 1e-6)).sqrt()
        pasted = rectangles(images, share, share, x, y)
        return self.partners(images), 1 - share.square(), pasted

    def transform(self, images: Tensor, drawn: tuple[Tensor, Tensor, Tensor]) -> Tensor:
        partners, _, pasted = drawn
        return torch.where(pasted, images.index_select(0, partners), images)

    transform_masks = transform  # type: ignore[assignment]  # the masks come by position
