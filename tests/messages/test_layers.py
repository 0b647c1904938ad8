"""Full text of the errors of layers."""

import re
from typing import Any

import pytest
import torch
from torch import Tensor, nn, zeros

from lamina import layers
from lamina.core.errors import ArgumentError, ArgumentTypeError, ShapeError
from lamina.graph.symbol import Symbol, new_input


def symbol(*shape: int | None) -> Symbol:
    return new_input(shape, torch.float32, "data")


def called_twice(layer: layers.Layer, first: Tensor, second: Tensor) -> Any:
    layer(first)
    return layer(second)


ROWS = {
    "no units": (
        ArgumentError,
        lambda: layers.Dense(0),
        "Dense(units=0) is not possible.",
        "'units' as a whole number of at least 1.",
        "pass for example units=1.",
    ),
    "units below zero": (
        ArgumentError,
        lambda: layers.Dense(-1),
        "Dense(units=-1) is not possible.",
        "'units' as a whole number of at least 1.",
        "pass for example units=1.",
    ),
    "half a unit": (
        ArgumentError,
        lambda: layers.Dense(2.5),
        "Dense(units=2.5) is not possible.",
        "'units' as a whole number of at least 1.",
        "pass for example units=1.",
    ),
    "dropout rate above one": (
        ArgumentError,
        lambda: layers.Dropout(1.5),
        "Dropout(rate=1.5) is not possible.",
        "'rate' as a number from 0 up to, not including, 1.",
        "pass for example rate=0.5.",
    ),
    "dropout of everything": (
        ArgumentError,
        lambda: layers.Dropout(1.0),
        "Dropout(rate=1.0) is not possible.",
        "'rate' as a number from 0 up to, not including, 1.",
        "pass for example rate=0.5.",
    ),
    "dropout rate below zero": (
        ArgumentError,
        lambda: layers.SpatialDropout2D(-0.1),
        "SpatialDropout2D(rate=-0.1) is not possible.",
        "'rate' as a number from 0 up to, not including, 1.",
        "pass for example rate=0.5.",
    ),
    "noise shape as text": (
        ArgumentError,
        lambda: layers.Dropout(0.5, noise_shape="rows"),
        "Dropout(noise_shape='rows') is not possible.",
        "'noise_shape' as a tuple of whole numbers of at least 1, or None for an axis.",
        "pass for example noise_shape=(None, 1, None).",
    ),
    "negative seed": (
        ArgumentError,
        lambda: layers.AlphaDropout(0.5, seed=-1),
        "AlphaDropout(seed=-1) is not possible.",
        "'seed' as a whole number from 0 to 9223372036854775807.",
        "pass for example seed=1.",
    ),
    "too much noise": (
        ArgumentError,
        lambda: layers.GaussianNoise(2.0),
        "GaussianNoise(stddev=2.0) is not possible.",
        "'stddev' as a number from 0 to 1.",
        "pass for example stddev=0.1.",
    ),
    "noise shape of another rank": (
        ShapeError,
        lambda: layers.Dropout(0.5, noise_shape=(1, 2), name="drop")(zeros(2, 3, 4), training=True),
        "drop has noise_shape=(1, 2) and received an input of shape (2, 3, 4).",
        "as many sizes in 'noise_shape' as the input has axes.",
        "write None for axes that are as long as those of the input.",
    ),
    "kernel larger than image": (
        ShapeError,
        lambda: layers.Conv2D(4, 9, name="conv")(zeros(2, 5, 6, 3)),
        "conv has a kernel of (9, 9) and received an image of (5, 6).",
        "a kernel no larger than the image on any axis.",
        'use a smaller kernel, padding="same", or fewer pooling layers before it.',
    ),
    "dilated kernel larger than image": (
        ShapeError,
        lambda: layers.Conv1D(4, 3, dilation_rate=4, name="conv")(zeros(2, 5, 3)),
        "conv has a dilated kernel of (9,) and received an image of (5,).",
        "a dilated kernel no larger than the image on any axis.",
        'use a smaller dilated kernel, padding="same", or fewer pooling layers before it.',
    ),
    "pool larger than image": (
        ShapeError,
        lambda: layers.MaxPooling2D(9, name="pool")(zeros(2, 5, 6, 3)),
        "pool has a pool of (9, 9) and received an image of (5, 6).",
        "a pool no larger than the image on any axis.",
        'use a smaller pool, padding="same", or fewer pooling layers before it.',
    ),
    "no stride": (
        ArgumentError,
        lambda: layers.Conv2D(4, 3, strides=0),
        "Conv2D(strides=0) is not possible.",
        "'strides' as a whole number of at least 1, or 2 of them.",
        "pass for example strides=2.",
    ),
    "no pool": (
        ArgumentError,
        lambda: layers.MaxPooling2D(0),
        "MaxPooling2D(pool_size=0) is not possible.",
        "'pool_size' as a whole number of at least 1, or 2 of them.",
        "pass for example pool_size=2.",
    ),
    "no stride of a pool": (
        ArgumentError,
        lambda: layers.AveragePooling1D(2, strides=0),
        "AveragePooling1D(strides=0) is not possible.",
        "'strides' as a whole number of at least 1.",
        "pass for example strides=2.",
    ),
    "filters in groups": (
        ArgumentError,
        lambda: layers.Conv2D(4, 3, groups=3),
        "Conv2D cannot share 4 filters among 3 groups.",
        "a number of filters that is a multiple of 'groups'.",
        "pass for example filters=3.",
    ),
    "channels in groups": (
        ArgumentError,
        lambda: layers.Conv2D(4, 3, groups=2, name="conv")(zeros(2, 5, 6, 3)),
        "conv cannot share 3 input channels among 2 groups.",
        "a number of input channels that is a multiple of 'groups'.",
        "pass groups=1, or a divisor of both the input channels and the filters.",
    ),
    "unknown padding": (
        ArgumentError,
        lambda: layers.Conv2D(4, 3, padding="samee"),
        "Conv2D(padding='samee') is not possible.",
        "'padding' as one of 'valid', 'same'.",
        'did you mean "same"?',
    ),
    "causal image": (
        ArgumentError,
        lambda: layers.Conv2D(4, 3, padding="causal"),
        "Conv2D(padding='causal') is not possible.",
        "'padding' as one of 'valid', 'same'.",
        "choose one of the 2 names above.",
    ),
    "kernel of another rank": (
        ArgumentError,
        lambda: layers.Conv2D(4, (3, 3, 3)),
        "Conv2D(kernel_size=(3, 3, 3)) is not possible.",
        "'kernel_size' as a whole number of at least 1, or 2 of them.",
        "pass for example kernel_size=2.",
    ),
    "strides and dilation": (
        ArgumentError,
        lambda: layers.Conv2D(4, 3, strides=2, dilation_rate=2),
        "Conv2D has strides=(2, 2) and dilation_rate=(2, 2).",
        "strides of 1, or a dilation rate of 1.",
        "drop one of the two, or put a pooling layer after the dilated convolution.",
    ),
    "unknown data format": (
        ArgumentError,
        lambda: layers.Conv2D(4, 3, data_format="channel_last"),
        "Conv2D(data_format='channel_last') is not possible.",
        "'data_format' as one of 'channels_last', 'channels_first'.",
        'did you mean "channels_last"?',
    ),
    "grey images": (
        ShapeError,
        lambda: layers.Conv2D(4, 3, name="conv")(zeros(2, 28, 28)),
        "conv received an input of shape (None, 28, 28).",
        "4 axes, (batch, height, width, channels).",
        "add the missing axis, for one channel with x[..., None] or Reshape((..., 1)).",
    ),
    "too many axes": (
        ShapeError,
        lambda: layers.Conv1D(4, 3, name="conv", data_format="channels_first")(
            zeros(2, 2, 8, 8, 8)
        ),
        "conv received an input of shape (None, 2, 8, 8, 8).",
        "3 axes, (batch, channels, steps).",
        "check the shapes of the layers before it with summary().",
    ),
    "unknown channels": (
        ShapeError,
        lambda: layers.Conv2D(4, 3, name="conv")(symbol(None, 5, 5, None)),
        "conv received an input of shape (None, 5, 5, None), its channels unknown.",
        "a channel axis of known size, from which the kernel gets its shape.",
        "give the number of channels in Input(shape=...).",
    ),
    "other channels later": (
        ShapeError,
        lambda: called_twice(
            layers.Conv2D(4, 3, name="conv"), zeros(2, 5, 5, 3), zeros(2, 5, 5, 4)
        ),
        "conv received an input of shape (2, 5, 5, 4).",
        "3 channels on the last axis, as at its first call.",
        "give every call the same number of channels, or make a new layer.",
    ),
    "no filters": (
        ArgumentError,
        lambda: layers.Conv2D(0, 3),
        "Conv2D(filters=0) is not possible.",
        "'filters' as a whole number of at least 1.",
        "pass for example filters=1.",
    ),
    "misspelt argument of a pool": (
        ArgumentError,
        lambda: layers.MaxPooling2D(pool_siz=2),
        "MaxPooling2D has no argument 'pool_siz'.",
        "arguments among data_format, dtype, name, padding, pool_size, strides, trainable.",
        'did you mean "pool_size"?',
    ),
    "output padding": (
        ArgumentError,
        lambda: layers.Conv2DTranspose(4, 3, strides=2, output_padding=2),
        "Conv2DTranspose has output_padding=(2, 2) and strides=(2, 2).",
        "an output padding below the stride on every axis.",
        "pass a smaller output_padding, or None to have it chosen.",
    ),
    "no vocabulary": (
        ArgumentError,
        lambda: layers.Embedding(0, 4),
        "Embedding(input_dim=0) is not possible.",
        "'input_dim' as a whole number of at least 1.",
        "pass for example input_dim=1.",
    ),
    "masks": (
        ArgumentError,
        lambda: layers.Embedding(5, 4, mask_zero=True),
        "Embedding(mask_zero=True) is not possible.",
        "mask_zero=False; masks are not passed from layer to layer yet.",
        "leave mask_zero out, or keep the padding short.",
    ),
    "vectors of another shape": (
        ArgumentError,
        lambda: layers.Embedding(5, 4, weights=[zeros(3, 3)], name="words"),
        "words.set_weights() received 1 arrays of shapes (3, 3).",
        "1 arrays of shapes (5, 4).",
        "pass a list like the one get_weights() returns, after the layer is built.",
    ),
    "batch axis": (
        ArgumentError,
        lambda: layers.BatchNormalization(axis=0),
        "BatchNormalization(axis=0) is not possible.",
        "'axis' as a whole number other than 0, the batch axis.",
        "pass axis=-1 for the last axis.",
    ),
    "momentum": (
        ArgumentError,
        lambda: layers.BatchNormalization(momentum=2),
        "BatchNormalization(momentum=2) is not possible.",
        "'momentum' as a number from 0 to 1.",
        "pass for example momentum=0.9.",
    ),
    "synchronized": (
        ArgumentError,
        lambda: layers.BatchNormalization(synchronized=True),
        "BatchNormalization(synchronized=True) is not possible.",
        "synchronized=False; this variant is not offered.",
        "leave synchronized out, or use GroupNormalization for small batches.",
    ),
    "renorm": (
        ArgumentError,
        lambda: layers.BatchNormalization(renorm=True),
        "BatchNormalization(renorm=True) is not possible.",
        "renorm=False; this variant is not offered.",
        "leave renorm out, or use GroupNormalization for small batches.",
    ),
    "normalization of numbers": (
        ShapeError,
        lambda: layers.BatchNormalization(name="norm")(zeros(3)),
        "norm received an input of shape (None,).",
        "an axis -1 of known size beside the batch axis.",
        "give the size in Input(shape=...), or choose another axis.",
    ),
    "missing axis": (
        ShapeError,
        lambda: layers.LayerNormalization(axis=4, name="norm")(zeros(3, 4)),
        "norm received an input of shape (None, 4).",
        "an axis 4 of known size beside the batch axis.",
        "give the size in Input(shape=...), or choose another axis.",
    ),
    "other features later": (
        ShapeError,
        lambda: called_twice(layers.BatchNormalization(name="norm"), zeros(3, 4), zeros(3, 5)),
        "norm received an input of shape (3, 5).",
        "4 values along axis -1, as at its first call.",
        "give every call the same number of channels, or make a new layer.",
    ),
    "channels in groups of a norm": (
        ArgumentError,
        lambda: layers.GroupNormalization(groups=3, name="norm")(zeros(2, 4)),
        "norm cannot share 4 channels among 3 groups.",
        "a number of channels that is a multiple of 'groups'.",
        "pass a divisor of the number of channels as groups.",
    ),
    "one tensor to add": (
        ArgumentError,
        lambda: layers.Add(name="sum")(zeros(3)),
        "sum received a Tensor.",
        "a list of tensors.",
        "call it as sum([a, b]).",
    ),
    "shapes to add": (
        ShapeError,
        lambda: layers.Add(name="sum")([zeros(3, 4), zeros(3, 5)]),
        "sum received tensors of shapes (3, 4), (3, 5).",
        "equal sizes on every axis, or 1 where a tensor is to be repeated.",
        "bring them to one shape with Dense, Reshape or pooling before merging.",
    ),
    "one tensor to subtract": (
        ArgumentError,
        lambda: layers.Subtract(name="minus")([zeros(3)]),
        "minus received 1 in a list.",
        "a list of 2 tensors.",
        "call it as minus([a, b]).",
    ),
    "shapes to join": (
        ShapeError,
        lambda: layers.Concatenate(name="join")([zeros(3, 4), zeros(2, 5)]),
        "join received tensors of shapes (3, 4), (2, 5).",
        "equal sizes on every axis but axis -1.",
        "choose another axis, or bring the tensors to fitting shapes first.",
    ),
    "axis to join along": (
        ArgumentError,
        lambda: layers.Concatenate(axis="last"),
        "Concatenate(axis='last') is not possible.",
        "'axis' as a whole number.",
        "pass axis=-1.",
    ),
    "batch axis of a product": (
        ArgumentError,
        lambda: layers.Dot(axes=0),
        "Dot(axes=0) is not possible.",
        "'axes' as a whole number other than 0, or two of them.",
        "pass axes=1, or axes=(1, 2).",
    ),
    "shapes to multiply": (
        ShapeError,
        lambda: layers.Dot(axes=1, name="dot")([zeros(3, 4), zeros(3, 5)]),
        "dot received tensors of shapes (3, 4), (3, 5).",
        "equal sizes along axes=1, which are no batch axes.",
        "choose other axes, or bring the tensors to fitting shapes first.",
    ),
    "number of values": (
        ShapeError,
        lambda: layers.Reshape((5,), name="shape")(zeros(3, 4)),
        "shape cannot give (5,) to an input of shape (3, 4).",
        "a target_shape of 4 values in all.",
        "leave one size open with -1, or check the layers before it.",
    ),
    "two open sizes": (
        ArgumentError,
        lambda: layers.Reshape((-1, -1)),
        "Reshape(target_shape=(-1, -1)) is not possible.",
        "'target_shape' as a tuple of whole numbers, at most one of them -1.",
        "pass for example target_shape=(28, 28, 1).",
    ),
    "one number as shape": (
        ArgumentError,
        lambda: layers.Reshape(5),
        "Reshape(target_shape=5) is not possible.",
        "'target_shape' as a tuple of whole numbers, at most one of them -1.",
        "pass for example target_shape=(28, 28, 1).",
    ),
    "order with zero": (
        ArgumentError,
        lambda: layers.Permute((0, 1)),
        "Permute(dims=(0, 1)) is not possible.",
        "'dims' as the numbers 1, 2, ... in the wanted order.",
        "pass for example dims=(2, 1).",
    ),
    "order of another rank": (
        ShapeError,
        lambda: layers.Permute((2, 1), name="swap")(zeros(3, 4)),
        "swap received an input of shape (3, 4).",
        "3 axes, the batch axis included.",
        "pass dims with 1 numbers, or change the layers before it.",
    ),
    "no repetition": (
        ArgumentError,
        lambda: layers.RepeatVector(0),
        "RepeatVector(n=0) is not possible.",
        "'n' as a whole number of at least 1.",
        "pass for example n=1.",
    ),
    "repeated sequence": (
        ShapeError,
        lambda: layers.RepeatVector(2, name="again")(zeros(2, 3, 4)),
        "again received an input of shape (2, 3, 4).",
        "2 axes, (batch, features).",
        "put Flatten before it.",
    ),
    "three paddings of an image": (
        ArgumentError,
        lambda: layers.ZeroPadding2D((1, 2, 3)),
        "ZeroPadding2D(padding=(1, 2, 3)) is not possible.",
        "'padding' as a whole number of at least 0, 2 of them, or 2 pairs of them.",
        "pass padding=((1, 2), (1, 2)).",
    ),
    "negative padding": (
        ArgumentError,
        lambda: layers.ZeroPadding1D(-1),
        "ZeroPadding1D(padding=-1) is not possible.",
        "'padding' as a whole number of at least 0, or a pair of them.",
        "pass padding=(1, 2).",
    ),
    "nothing left": (
        ShapeError,
        lambda: layers.Cropping2D(3, name="crop")(zeros(2, 5, 6, 3)),
        "crop cuts ((3, 3), (3, 3)) off an image of (5, 6).",
        "fewer places cut off than there are, on every axis.",
        "crop less, or give the layer a larger image.",
    ),
    "unknown interpolation": (
        ArgumentError,
        lambda: layers.UpSampling2D(interpolation="linear"),
        "UpSampling2D(interpolation='linear') is not possible.",
        "'interpolation' as one of 'nearest', 'bilinear', 'bicubic'.",
        'did you mean "bilinear"?',
    ),
    "input as a number": (
        ArgumentTypeError,
        lambda: layers.Input(8),
        "Input(shape=8) is not possible.",
        "'shape' as a tuple of whole numbers, None where a size is unknown.",
        "pass shape=(8,).",
    ),
    "no shape": (
        ArgumentError,
        lambda: layers.Input(),
        "Input received no 'shape'.",
        "the shape of one example, without the batch axis.",
        "pass for example shape=(8,) for rows of 8 numbers.",
    ),
    "negative size": (
        ArgumentError,
        lambda: layers.Input((8, -1)),
        "Input(shape=(8, -1)) is not possible.",
        "'shape' as a tuple of whole numbers, None where a size is unknown.",
        "pass shape=(28, 28, 1).",
    ),
    "shape twice": (
        ArgumentError,
        lambda: layers.Input((8,), batch_shape=(None, 8)),
        "Input received both 'batch_shape' and 'shape'.",
        "either 'batch_shape', or 'shape' and perhaps 'batch_size'.",
        "leave 'shape' out.",
    ),
    "batch size twice": (
        ArgumentError,
        lambda: layers.Input(batch_size=2, batch_shape=(None, 8)),
        "Input received both 'batch_shape' and 'batch_size'.",
        "either 'batch_shape', or 'shape' and perhaps 'batch_size'.",
        "leave 'batch_size' out.",
    ),
    "shape as text": (
        ArgumentTypeError,
        lambda: layers.Input("8"),
        "Input(shape='8') is not possible.",
        "'shape' as a tuple of whole numbers, None where a size is unknown.",
        "pass shape=(28, 28, 1).",
    ),
    "sparse": (
        ArgumentError,
        lambda: layers.Input((8,), sparse=True),
        "Input(sparse=True) is not possible.",
        "sparse=False; data is dense.",
        "convert the data with .toarray(), or pad it to one length.",
    ),
    "real tensor": (
        ArgumentError,
        lambda: layers.Input(tensor=zeros(3)),
        "Input(tensor=<class 'torch.Tensor'>) is not possible.",
        "'tensor' as a symbolic tensor, such as Input() returns.",
        "leave it out; real data goes to fit() and predict().",
    ),
    "no batch": (
        ArgumentError,
        lambda: layers.Input((8,), batch_size=0),
        "Input(batch_size=0) is not possible.",
        "'batch_size' as a whole number of at least 1.",
        "pass for example batch_size=1.",
    ),
    "another shape than the tensor": (
        ArgumentError,
        lambda: layers.Input((8,), tensor=symbol(None, 3)),
        "Input received a tensor of (None, 3) and arguments that contradict it.",
        "shape and dtype like those of the tensor.",
        "leave shape, batch_shape and dtype out.",
    ),
    "function by name": (
        ArgumentError,
        lambda: layers.Lambda("relu"),
        "Lambda(function='relu') is not possible.",
        "'function' as something that can be called with a tensor.",
        "pass for example Lambda(lambda x: x / 2).",
    ),
    "class of a module": (
        ArgumentError,
        lambda: layers.TorchModuleWrapper(nn.Linear),
        "TorchModuleWrapper(module=<class 'torch.nn.modules.linear.Linear'>) is not possible.",
        "'module' as a torch.nn.Module, not a class or a function.",
        "pass for example torch.nn.Linear(8, 4).",
    ),
    "no kernel": (
        ArgumentError,
        lambda: layers.SpectralNormalization(layers.Flatten(name="flat"), name="norm")(zeros(3, 4)),
        "norm received 'flat', which has no kernel.",
        "a layer with a 'kernel' or 'embeddings', such as Dense or Conv2D.",
        "wrap the layer that holds the weights.",
    ),
    "module to wrap": (
        ArgumentError,
        lambda: layers.SpectralNormalization(nn.ReLU()),
        "SpectralNormalization(layer=ReLU()) is not possible.",
        "'layer' as a layer of this library.",
        "pass for example Dense(8), or TorchModuleWrapper(module).",
    ),
    "equation with one term": (
        ArgumentError,
        lambda: layers.EinsumDense("ab->c", 3),
        "EinsumDense(equation='ab->c') is not possible.",
        '"input,kernel->output" in letters, with "..." in input and output or nowhere.',
        'pass for example equation="abc,cd->abd".',
    ),
    "sizes for the equation": (
        ArgumentError,
        lambda: layers.EinsumDense("abc,cd->abd", 5, name="mix")(zeros(2, 3, 4)),
        "mix has output_shape=(5,) for 'abc,cd->abd'.",
        "2 sizes, for 'bd', that agree with the input.",
        "pass None for the axes whose size the input gives.",
    ),
    "axes for the equation": (
        ShapeError,
        lambda: layers.EinsumDense("abc,cd->abd", (None, 5), name="mix")(zeros(2, 3)),
        "mix received an input of shape (None, 3).",
        "as many axes as 'abc' has.",
        "change the equation, or the layers before this one.",
    ),
    "unknown bias axis": (
        ArgumentError,
        lambda: layers.EinsumDense("ab,bc->ac", 5, bias_axes="z"),
        "EinsumDense(bias_axes='z') is not possible.",
        "letters of the output 'ac'.",
        "pass for example bias_axes='c'.",
    ),
    "unknown size in the equation": (
        ArgumentError,
        lambda: layers.EinsumDense("ab,bc->ac", (None,), name="mix")(zeros(2, 3)),
        "mix cannot tell how large axis 'c' is.",
        "every letter of 'bc' with a size in the input or output_shape.",
        "give the size in output_shape, or in Input(shape=...).",
    ),
    "unknown size of slopes": (
        ShapeError,
        lambda: layers.PReLU(name="relu")(symbol(None, None, 3)),
        "relu received an input of shape (None, None, 3).",
        "axes of known size, apart from those in 'shared_axes'.",
        "pass shared_axes with the axes of unknown size, for images [1, 2].",
    ),
    "slope shared by the batch": (
        ArgumentError,
        lambda: layers.PReLU(shared_axes=[0]),
        "PReLU(shared_axes=[0]) is not possible.",
        "'shared_axes' as whole numbers of at least 1.",
        "pass for example shared_axes=[1, 2].",
    ),
    "negative limit": (
        ArgumentError,
        lambda: layers.ReLU(max_value=-1),
        "ReLU(max_value=-1) is not possible.",
        "'max_value' as a number of at least 0.",
        "pass for example max_value=6.",
    ),
    "axis as text": (
        ArgumentError,
        lambda: layers.Softmax(axis="last"),
        "Softmax(axis='last') is not possible.",
        "'axis' as a whole number, or several.",
        "pass axis=-1 for the last axis.",
    ),
    "unknown activation of a layer": (
        ArgumentTypeError,
        lambda: layers.Activation(["relu"]),
        "['relu'] is not an activation.",
        "a name, a configuration, a function or an object.",
        'pass for example "celu".',
    ),
    "negative penalty": (
        ArgumentError,
        lambda: layers.ActivityRegularization(l1=-1),
        "ActivityRegularization(l1=-1) is not possible.",
        "'l1' as a number of at least 0.",
        "pass for example l1=0.5.",
    ),
    "pooled sequence as an image": (
        ShapeError,
        lambda: layers.GlobalAveragePooling2D(name="pool")(zeros(2, 3, 4)),
        "pool received an input of shape (2, 3, 4).",
        "4 axes, (batch, height, width, channels).",
        "add the missing axis, for one channel with x[..., None] or Reshape((..., 1)).",
    ),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
def test_message_says_problem_expected_and_fix(row):
    kind, call, problem, expected, fix = row
    text = f"{problem}\n  expected: {expected}\n  fix: {fix}"
    with pytest.raises(kind, match=re.escape(problem)) as caught:
        call()
    assert str(caught.value) == text


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS.keys())
def test_first_line_is_short(row):
    assert len(row[2]) <= 200
