"""Convolutions work on views of the memory they are given, and keep unknown sizes unknown."""

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from lamina import layers


class Calls(TorchDispatchMode):
    """Writes down the names of the kernels called."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.names.append(function.overloadpacket.__name__)
        return function(*args, **(kwargs or {}))


VIEWS = {"permute", "unsqueeze", "squeeze", "view", "transpose", "slice"}


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (layers.Conv1D(4, 3), (2, 8, 3)),
        (layers.Conv2D(4, 3, padding="same"), (2, 8, 8, 3)),
        (layers.Conv3D(4, 2), (2, 4, 4, 4, 3)),
        (layers.Conv2DTranspose(4, 2, strides=2), (2, 4, 4, 3)),
        (layers.DepthwiseConv2D(3), (2, 8, 8, 3)),
    ],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_one_kernel_computes_a_convolution(layer, shape):
    layer(torch.zeros(shape))
    with Calls() as calls, torch.no_grad():
        layer(torch.zeros(shape))
    assert set(calls.names) - VIEWS == {"zeros", "convolution"}


@pytest.mark.parametrize(
    "layer", [layers.Conv2D(4, 3), layers.MaxPooling2D()], ids=lambda x: x.name
)
def test_images_stay_contiguous_with_channels_last(layer):
    assert layer(torch.randn(2, 8, 8, 3)).is_contiguous()


def test_weights_are_contiguous_in_keras_layout():
    layer = layers.Conv2D(4, (3, 2))
    layer(torch.zeros(1, 8, 8, 5))
    assert layer.kernel.shape == (3, 2, 5, 4)
    assert layer.kernel.is_contiguous()


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (layers.Conv2D(4, 3), (None, None, None, 4)),
        (layers.Conv2D(4, 3, padding="same", strides=2), (None, None, None, 4)),
        (layers.Conv2DTranspose(4, 3), (None, None, None, 4)),
        (layers.MaxPooling2D(), (None, None, None, 3)),
        (layers.GlobalAveragePooling2D(), (None, 3)),
        (layers.AdaptiveMaxPooling2D(2), (None, 2, 2, 3)),
        (layers.UpSampling2D(), (None, None, None, 3)),
        (layers.BatchNormalization(), (None, None, None, 3)),
        (layers.Dropout(0.5), (None, None, None, 3)),
    ],
    ids=lambda value: getattr(value, "name", str(value)),
)
def test_unknown_sizes_stay_unknown(layer, shape):
    assert layer(layers.Input((None, None, 3))).shape == shape


def test_a_symbolic_image_smaller_than_the_kernel_is_refused_at_once():
    with pytest.raises(ValueError, match=r"conv has a kernel of \(5, 5\)") as caught:
        layers.Conv2D(4, 5, name="conv")(layers.Input((4, 4, 1)))
    assert caught.value.__notes__ == ["  where: layer 'conv'"]


def test_images_of_bytes_are_computed_in_floats():
    image = torch.randint(0, 255, (2, 5, 5, 3), dtype=torch.uint8)
    layer = layers.Conv2D(4, 3)
    torch.testing.assert_close(layer(image), layer(image.float()))


def test_bias_regularizer_and_constraint_belong_to_their_weights():
    layer = layers.Conv2D(
        4, 3, kernel_regularizer="l2", bias_constraint="non_neg", activity_regularizer="l1"
    )
    layer(torch.ones(2, 5, 5, 3))
    assert len(layer.losses) == 2
    assert set(layer._constraints) == {"bias"}
