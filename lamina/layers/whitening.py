"""Whitening2D: a first convolution that makes the values of small patches independent."""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from lamina.core import checks
from lamina.layers import sliding
from lamina.layers.adapted import AdaptedLayer, to_float64
from lamina.layers.base import Shape
from lamina.layers.weights import declared_weight

_LARGEST_COUNT = 2**31 - 1


class Whitening2D(AdaptedLayer):
    """Convolves images with the directions in which their patches vary, each brought to length 1.

    The filters are the eigenvectors v of the covariance of all patches, divided by
    `sqrt(eigenvalue + epsilon)`, the strongest first, followed by their opposites. `adapt` learns
    them (or `fit`, from the training part); they are not trained afterwards, the bias is. As the
    first layer of a convolutional net it saves the updates in which the net would learn the same.

    Args:
        kernel_size: Height and width of a patch, one number where they are equal.
        epsilon: Keeps directions that hardly vary from being blown up.
        both_signs: Whether the opposite of each direction is a filter too; choose it before an
            activation that cuts negative values off.
        padding: "valid" or "same".
        use_bias: Whether a bias is added, which is trained.
        bias_initializer: How the bias starts.
        bias_regularizer: Penalty on the bias, added to the loss.
        bias_constraint: Projection of the bias after each update.
        **kwargs: `name`, `dtype`, `trainable`, `learning_rate_multiplier`.

    Shape:
        input: (batch, height, width, channels)
        output: (batch, new height, new width, filters), dtype of the policy; twice as many filters
            as a patch has values, or as many without `both_signs`
        kernel: (kernel height, kernel width, channels, filters), not trained, starts at 0
        bias: (filters,), starts at 0

    Raises:
        ArgumentError: An argument has no possible value.
        ShapeError: The input has other axes or channels, or is smaller than a patch.

    Reference:
        Jordan, "94% on CIFAR-10 in 3.29 Seconds on a Single GPU", arXiv 2404.00498, 2024, section
        3.1; patches are taken about their mean here.

    Example:
        >>> layer = Whitening2D(2)
        >>> layer.adapt(torch.rand(50, 8, 8, 3))
        >>> layer(torch.rand(1, 8, 8, 3)).shape
        torch.Size([1, 7, 7, 24])
    """

    rank = 2

    def __init__(
        self,
        kernel_size: Any = 2,
        epsilon: float = 5e-4,
        both_signs: bool = True,
        padding: str = "valid",
        use_bias: bool = True,
        bias_initializer: Any = "zeros",
        bias_regularizer: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.kernel_size = checks.sizes(self, "kernel_size", kernel_size, self.rank)
        self.epsilon = checks.number(self, "epsilon", epsilon, low=0.0, example=5e-4)
        self.both_signs = checks.boolean(self, "both_signs", both_signs)
        self.padding = sliding.padding(self, padding)
        self.use_bias = checks.boolean(self, "use_bias", use_bias)
        self.bias_initializer = bias_initializer
        self.bias_regularizer = bias_regularizer
        self.bias_constraint = bias_constraint
        self.data_format = sliding.CHANNELS_LAST
        self.strides, self.dilation_rate = (1, 1), (1, 1)

    def build(self, input_shape: Shape) -> None:
        channels = sliding.channels(self, input_shape)
        size = self.kernel_size[0] * self.kernel_size[1] * channels
        filters = size * (2 if self.both_signs else 1)
        shape = (*self.kernel_size, channels, filters)
        self.kernel = self.add_weight(shape, "zeros", trainable=False, name="kernel")
        self.bias = declared_weight(self, "bias", (filters,)) if self.use_bias else None
        self.count = self.add_weight((), "zeros", "int32", trainable=False, name="count")

    @property
    def is_adapted(self) -> bool:
        """Whether the filters were learned, loaded or set."""
        return self.is_built and (bool(self.count > 0) or bool((self.kernel != 0).any()))

    def reset_state(self) -> None:
        """Forgets the sums collected so far; the filters stay until `finalize_state`."""
        self._total, self._sum, self._products = 0, 0.0, 0.0

    def update_state(self, data: Any) -> None:
        """Adds the patches of a batch to their sum and the sum of their products."""
        images = torch.from_numpy(np.ascontiguousarray(to_float64(self, data), np.float32))
        if not self.is_built:
            self.build_for((images,), {})
        sliding.check_channels(self, images.shape, self.kernel.shape[2])
        height, width = self.kernel_size
        sliding.check_window(self, "kernel", self.kernel_size, tuple(images.shape[1:3]))
        patches = images.unfold(1, height, 1).unfold(2, width, 1).permute(0, 1, 2, 4, 5, 3)
        rows = patches.reshape(-1, height * width * images.shape[3])
        for part in rows.split(1 << 18):
            double = part.double()
            self._sum = self._sum + double.sum(0)
            self._products = self._products + double.T @ double
        self._total += len(rows)

    def finalize_state(self) -> None:
        """Turns the sums into filters."""
        mean: Any = self._sum / self._total
        covariance: Any = self._products / self._total - torch.outer(mean, mean)
        values, vectors = torch.linalg.eigh(covariance)
        ruler = torch.arange(1, len(values) + 1, dtype=torch.float64).sqrt()
        vectors = vectors * torch.sign(ruler @ vectors)  # either sign solves; one is agreed on
        filters = (vectors / (values.clamp(min=0.0) + self.epsilon).sqrt()).flip(1)
        if self.both_signs:
            filters = torch.cat([filters, -filters], dim=1)
        self.kernel.assign(filters.reshape(self.kernel.shape))
        self.count.assign(min(self._total, _LARGEST_COUNT))

    def call(self, x: Tensor) -> Tensor:
        sliding.check_channels(self, x.shape, self.kernel.shape[2])
        return sliding.convolve(self, x, self.kernel, self.bias, 1)
