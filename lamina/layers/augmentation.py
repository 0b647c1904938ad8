"""What all random image layers share: when they act, what they draw, which inputs they take."""

from typing import Any

import torch
from torch import Tensor

from lamina.core import checks, randomness
from lamina.core.errors import DataError
from lamina.layers.adapted import to_compute_dtype
from lamina.layers.base import Layer
from lamina.layers.resizing import DATA_FORMATS, from_batch, to_batch

_PARTS = ("images", "labels", "segmentation_masks")


class Augmentation(Layer):
    """Changes images at random while a model trains, and leaves them alone otherwise.

    Every image of a batch is changed on its own. A subclass draws random numbers in `draw` and
    applies them in `transform`; neither reads a value back from the device.

    Args:
        seed: Makes the layer draw from a stream of its own that starts here; otherwise it draws
            from the stream of the training step.
        data_format: "channels_last" (the default) or "channels_first".
        **kwargs: `name`, `dtype`, `trainable`.
    """

    acts_when_called = True

    _acts_always = False

    def __init__(
        self, *, seed: int | None = None, data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.seed = None if seed is None else checks.whole(self, "seed", seed)
        self.data_format = checks.choice(self, "data_format", data_format, DATA_FORMATS)
        self._generators: dict[str, torch.Generator] = {}

    def draw(self, images: Tensor) -> Any:
        """The random numbers for a batch."""

    def transform(self, images: Tensor, drawn: Any) -> Tensor:
        """The changed images."""
        raise NotImplementedError

    def transform_labels(self, labels: Tensor, drawn: Any) -> Tensor:
        """The labels that belong to the changed images."""
        return labels

    def transform_masks(self, masks: Tensor, drawn: Any) -> Tensor:
        """The segmentation masks that belong to the changed images."""
        return masks

    def rest(self, images: Tensor) -> Tensor:
        """The images outside of training."""
        return images

    def call(self, data: Any) -> Any:
        parts = data if isinstance(data, dict) else {"images": data}
        self._check_parts(parts)
        changed = self._changed(parts)
        return changed if isinstance(data, dict) else changed["images"]

    def _changed(self, parts: dict[str, Any]) -> dict[str, Any]:
        images = self._to_batch(parts["images"])
        is_single = parts["images"].ndim == 3
        masks = parts.get("segmentation_masks")
        if not (self.training or self._acts_always):
            changed = dict(parts)
            changed["images"] = self._from_batch(self.rest(images), parts["images"])
            if masks is not None:
                changed["segmentation_masks"] = self._from_batch(
                    self.rest(self._to_batch(masks)), masks
                )
            return changed
        drawn = self.draw(images)
        changed = {"images": self._from_batch(self.transform(images, drawn), parts["images"])}
        if "labels" in parts:
            labels = torch.as_tensor(parts["labels"])
            labels = labels.unsqueeze(0) if is_single else labels
            labels = self.transform_labels(labels, drawn)
            changed["labels"] = labels.squeeze(0) if is_single else labels
        if masks is not None:
            new = self.transform_masks(self._to_batch(masks), drawn)
            changed["segmentation_masks"] = self._from_batch(new, masks)
        return changed

    def _check_parts(self, parts: dict[str, Any]) -> None:
        unknown = [key for key in parts if key not in _PARTS]
        if unknown or "images" not in parts:
            raise DataError(
                f"{self.name} received a dict with the keys {', '.join(map(repr, parts))}.",
                expected="'images', and perhaps 'labels' and 'segmentation_masks'.",
                fix='pass {"images": images, "labels": labels}.',
            )

    def _to_batch(self, x: Tensor) -> Tensor:
        return to_batch(self, to_compute_dtype(self, x), self.data_format)

    def _from_batch(self, images: Tensor, x: Tensor) -> Tensor:
        return from_batch(images, x, self.data_format)

    def generator(self, device: torch.device) -> torch.Generator:
        """The stream of random numbers for tensors on that device."""
        if self.seed is None:
            return randomness.step_generator(device)
        key = str(device)
        if key not in self._generators:
            self._generators[key] = randomness.new_generator(self.seed, device)
        return self._generators[key]

    def random(self, images: Tensor, *sizes: int) -> Tensor:
        """Numbers from 0 to 1 of shape (*sizes, batch), in float32."""
        return torch.rand(
            (*sizes, images.shape[0]),
            generator=self.generator(images.device),
            device=images.device,
        )

    def uniform(self, images: Tensor, *intervals: tuple[float, float]) -> list[Tensor]:
        """For each interval one number an image, of shape (batch,), in float32."""
        numbers = self.random(images, len(intervals)).unbind()
        return [
            low + (high - low) * number
            for (low, high), number in zip(intervals, numbers, strict=True)
        ]

    def chosen(self, images: Tensor, interval: tuple[float, float]) -> Tensor:
        """Which images to change: a share drawn from an interval is the chance of each."""
        chance, threshold = self.uniform(images, interval, (0.0, 1.0))
        return each(threshold < chance)


def each(values: Tensor) -> Tensor:
    """One number an image, with axes to meet (batch, height, width, channels)."""
    return values[:, None, None, None]


def interval(
    owner: object,
    name: str,
    value: Any,
    low: float,
    high: float,
    *,
    mirrored: bool = False,
    open_low: bool = False,
) -> tuple[float, float]:
    """Accepts an interval as two numbers in any order, or as one number.

    One number `a` stands for the interval from `-a` to `a`, cut off at `low`; a `mirrored`
    interval is not cut off.
    """
    ends = value if isinstance(value, (tuple, list)) else (value,)
    inside = [
        checks.is_number(end) and (low < end if open_low else low <= end) and end <= high
        for end in ends
    ]
    if not all(inside) or len(ends) not in (1, 2):
        start = f"above {low:g} up to {high:g}" if open_low else f"from {low:g} to {high:g}"
        raise checks.refuse(
            owner,
            name,
            value,
            expected=f"{name!r} as a number {start}, or two of them.",
            fix=f"pass for example {name}={max(low, 0) + (high - max(low, 0)) / 4:g}.",
        )
    if len(ends) == 2:
        return float(min(ends)), float(max(ends))
    size = abs(float(ends[0]))
    return (-size if mirrored or -size > low else float(low)), size
