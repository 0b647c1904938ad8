"""Full text of the errors of the preprocessing layers."""

import re

import numpy as np
import pytest
import torch

from lamina.core.errors import LaminaError
from lamina.graph.symbol import new_input
from lamina.layers.category_encoding import CategoryEncoding
from lamina.layers.color_augmentation import RandomBrightness, RandomGrayscale, RandomHue
from lamina.layers.discretization import Discretization
from lamina.layers.hashing import HashedCrossing, Hashing
from lamina.layers.lookup import IntegerLookup, StringLookup
from lamina.layers.mixing import MixUp
from lamina.layers.resizing import Resizing
from lamina.layers.scaling import MinMaxScaling, Normalization, Rescaling
from lamina.layers.texture_augmentation import RandomErasing, RandomGaussianBlur
from lamina.layers.warping import RandomZoom

X = torch.zeros(2, 3)
IMAGES = torch.zeros(2, 4, 4, 3)


def called(layer, *args, **kwargs):
    return lambda: layer(*args, **kwargs)


def adapting(layer, data):
    return lambda: layer.adapt(data)


def adapted(layer, data):
    layer.adapt(data)
    return layer


CASES = {
    "no data": (
        adapting(Normalization(name="scale"), np.zeros((0, 3))),
        "scale.adapt() received no data.",
        "an array with at least one row, or an iterable with at least one batch.",
        "scale.adapt(train_x).",
    ),
    "no array": (
        adapting(Normalization(name="scale"), 3),
        "scale.adapt() received int.",
        "an array, a tensor, a list, a data frame, or an iterable of batches.",
        "scale.adapt(train_x).",
    ),
    "ragged rows": (
        adapting(Normalization(name="scale"), [[1], [1, 2]]),
        "scale.adapt() received rows of different lengths.",
        "rows that all have the same length.",
        "pad the rows to one length, or pass an iterable of batches.",
    ),
    "text": (
        adapting(Normalization(name="scale"), [["a"]]),
        "scale.adapt() received values that are no numbers.",
        "an array of numbers.",
        "turn text columns into numbers first, for example with StringLookup.",
    ),
    "gaps": (
        adapting(Normalization(name="scale"), [[1.0], [float("nan")]]),
        "scale.adapt() received 1 values that are NaN or infinite.",
        "finite numbers, for one NaN would make every statistic NaN.",
        "fill or drop them first, for example with numpy.nan_to_num(x).",
    ),
    "nothing to adapt": (
        adapting(Normalization(mean=0, variance=1, name="scale"), X),
        "scale was given 'mean', so there is nothing to adapt.",
        "adapt() on a layer made without 'mean'.",
        "leave out mean=..., or do not call adapt().",
    ),
    "scale": (
        lambda: Rescaling("big"),
        "Rescaling(scale='big') is not possible.",
        "'scale' as a number, or a list with one number a channel.",
        "pass for example scale=1 / 255.",
    ),
    "lone mean": (
        lambda: Normalization(mean=3),
        "Normalization(mean=3) is not possible.",
        "both 'mean' and 'variance', or neither.",
        "pass mean=... and variance=..., or leave both to adapt().",
    ),
    "unequal mean and variance": (
        lambda: Normalization(mean=[1, 2], variance=[1]),
        "Normalization(variance=[1]) is not possible.",
        "the shape of 'mean', (2,).",
        "pass one mean and one variance a feature.",
    ),
    "mean of another size": (
        called(Normalization(mean=[1, 2], variance=[1, 1]), X),
        "Normalization(mean=[1, 2]) is not possible.",
        "'mean' as a number, or as numbers of shape (3,).",
        "pass one mean and one variance a feature.",
    ),
    "axis word": (
        lambda: Normalization(axis="last"),
        "Normalization(axis='last') is not possible.",
        "'axis' as a whole number, several of them, or None.",
        "pass axis=-1.",
    ),
    "axis that is not there": (
        called(Normalization(axis=2, name="scale"), X),
        "scale received an input of shape (None, 3).",
        "an input that has axis 2.",
        "pass axis=None for one mean of all values, or axis=-1 for one a feature.",
    ),
    "column without features": (
        adapting(Normalization(name="scale"), np.zeros(3)),
        "scale keeps axis -1 of an input of shape (None,).",
        "kept axes of a known size, other than the batch axis.",
        "add a feature axis with x.reshape(-1, 1), or pass axis=None.",
    ),
    "other features": (
        called(adapted(Normalization(name="scale"), X), torch.zeros(2, 4)),
        "scale received an input of shape (2, 4).",
        "axes of sizes (any, 3), as at its first call.",
        "give every call the same number of features, or make a new layer.",
    ),
    "range": (
        lambda: MinMaxScaling(feature_range=(1, 0)),
        "MinMaxScaling(feature_range=(1, 0)) is not possible.",
        "'feature_range' as two numbers, the smaller one first.",
        "pass for example feature_range=(0, 1).",
    ),
    "range of a column": (
        adapting(MinMaxScaling(name="scale"), np.zeros(3)),
        "scale received an input of shape (None,).",
        "at least 2 axes, (batch, ..., features), the last of a known size.",
        "add a feature axis with x.reshape(-1, 1), or pass axis=None.",
    ),
    "range of other features": (
        called(adapted(MinMaxScaling(name="scale"), X), torch.zeros(2, 4)),
        "scale received an input of shape (2, 4).",
        "axes of sizes (batch, ..., 3), as at its first call.",
        "give every call the same number of features, or make a new layer.",
    ),
    "two ways to keep the shape": (
        lambda: Resizing(2, 2, crop_to_aspect_ratio=True, pad_to_aspect_ratio=True),
        "Resizing(pad_to_aspect_ratio=True) is not possible.",
        "only one of 'crop_to_aspect_ratio' and 'pad_to_aspect_ratio'.",
        "leave one of them out.",
    ),
    "images without channels": (
        called(Resizing(2, 2, name="small"), X),
        "small received an input of shape (2, 3).",
        "images of shape (batch, height, width, channels), or one without the batch.",
        "add a channel axis, for example x[..., None].",
    ),
    "parts": (
        called(RandomBrightness(0.1, name="light"), {"images": IMAGES, "boxes": X}),
        "light received a dict with the keys 'images', 'boxes'.",
        "'images', and perhaps 'labels' and 'segmentation_masks'.",
        'pass {"images": images, "labels": labels}.',
    ),
    "factor": (
        lambda: RandomBrightness(1.5),
        "RandomBrightness(factor=1.5) is not possible.",
        "'factor' as a number from -1 to 1, or two of them.",
        "pass for example factor=0.25.",
    ),
    "zoom": (
        lambda: RandomZoom((-1, 0.5)),
        "RandomZoom(height_factor=(-1, 0.5)) is not possible.",
        "'height_factor' as a number above -1 up to 1, or two of them.",
        "pass for example height_factor=0.25.",
    ),
    "colours of gray images": (
        called(RandomHue(0.1, name="hue"), IMAGES[..., :1], training=True),
        "hue received images with 1 channels.",
        "3 channels (red, green, blue).",
        "leave the layer out, or make 3 channels with x.repeat(1, 1, 1, 3).",
    ),
    "gray of two channels": (
        called(RandomGrayscale(name="gray"), IMAGES[..., :2], training=True),
        "gray received images with 2 channels.",
        "3 channels (red, green, blue) or 1.",
        "leave the layer out, or make 3 channels with x.repeat(1, 1, 1, 3).",
    ),
    "even kernel": (
        lambda: RandomGaussianBlur(kernel_size=4),
        "RandomGaussianBlur(kernel_size=4) is not possible.",
        "'kernel_size' as an odd number, or two of them.",
        "pass kernel_size=3.",
    ),
    "fill value": (
        lambda: RandomErasing(fill_value="black"),
        "RandomErasing(fill_value='black') is not possible.",
        "'fill_value' as a number, three numbers, or None for noise.",
        "pass fill_value=0.",
    ),
    "images alone": (
        called(MixUp(name="mix"), IMAGES, training=True),
        "mix received images without labels.",
        "a dict of images and labels, for both are mixed with the same weight.",
        'mix({"images": images, "labels": labels}, training=True).',
    ),
    "class numbers": (
        called(
            MixUp(name="mix"), {"images": IMAGES, "labels": torch.tensor([0, 1])}, training=True
        ),
        "mix received whole numbers as labels, of shape (2,).",
        "labels that can be mixed: one-hot vectors or floating point numbers.",
        "pass to_categorical(labels, num_classes) and a categorical loss.",
    ),
    "weights without counts": (
        called(CategoryEncoding(3, name="code"), [[0]], count_weights=[[1.0]]),
        "code received count_weights with output_mode='multi_hot'.",
        "count_weights only with output_mode='count'.",
        "leave out count_weights, or make the layer with output_mode='count'.",
    ),
    "sparse": (
        lambda: CategoryEncoding(3, sparse=True),
        "CategoryEncoding(sparse=True) is not possible.",
        "'sparse' as False: results are dense tensors.",
        "leave out sparse=True.",
    ),
    "salt": (
        lambda: Hashing(3, salt="sea"),
        "Hashing(salt='sea') is not possible.",
        "'salt' as a whole number, or two of them.",
        "pass for example salt=1.",
    ),
    "one feature": (
        called(HashedCrossing(3, name="cross"), [X[:, 0]]),
        "cross received 1 input.",
        "a list of two or more features to combine.",
        "cross([feature_1, feature_2]).",
    ),
    "several features in one": (
        called(HashedCrossing(3, name="cross"), [X, X]),
        "cross received inputs of shapes (2, 3), (2, 3).",
        "inputs of one shape: (batch,) or (batch, 1).",
        "pass one feature an input, for example x[:, :1] and x[:, 1:2].",
    ),
    "no bins": (
        Discretization,
        "Discretization(num_bins=None) is not possible.",
        "either 'bin_boundaries' or 'num_bins'.",
        "pass bin_boundaries=[0.0, 1.0], or num_bins=10 and call adapt(data).",
    ),
    "unsorted bins": (
        lambda: Discretization([1, 0]),
        "Discretization(bin_boundaries=[1, 0]) is not possible.",
        "'bin_boundaries' as a list of increasing numbers.",
        "sort them and drop repeated ones, for example numpy.unique(boundaries).",
    ),
    "bins still to be learned": (
        called(Discretization(num_bins=3, name="bins"), X),
        "bins has no bin boundaries yet.",
        "bin_boundaries=..., or adapt() before the first call.",
        "bins.adapt(train_x), before the model is built.",
    ),
    "bins that are given": (
        adapting(Discretization([0.0], name="bins"), X),
        "bins was given 'bin_boundaries', so there is nothing to adapt.",
        "adapt() on a layer made without 'bin_boundaries'.",
        "leave out bin_boundaries=..., or do not call adapt().",
    ),
    "inverse as vectors": (
        lambda: StringLookup(invert=True, output_mode="count"),
        "StringLookup(output_mode='count') is not possible.",
        "'output_mode' as 'int' when 'invert' is true.",
        "leave out output_mode.",
    ),
    "padding to nothing": (
        lambda: StringLookup(pad_to_max_tokens=True),
        "StringLookup(pad_to_max_tokens=True) is not possible.",
        "'max_tokens' as well, the size to pad to.",
        "pass max_tokens=1000.",
    ),
    "vocabulary file": (
        lambda: StringLookup(vocabulary="words.txt", name="words"),
        "words received a path, 'words.txt', as its vocabulary.",
        "a list of tokens, each once, most frequent first.",
        "read the file first: vocabulary=open('words.txt').read().splitlines().",
    ),
    "empty vocabulary": (
        lambda: StringLookup(vocabulary=[], name="words"),
        "words received a vocabulary with no tokens.",
        "a list of tokens, each once, most frequent first.",
        "pass at least one token, or call adapt(data).",
    ),
    "repeated token": (
        lambda: StringLookup(vocabulary=["a", "a"], name="words"),
        "words received a vocabulary with the token 'a' more than once.",
        "a list of tokens, each once, most frequent first.",
        "drop repeated tokens: vocabulary=list(dict.fromkeys(vocabulary)).",
    ),
    "special token in the middle": (
        lambda: StringLookup(vocabulary=["a", ""], mask_token="", name="words"),
        "words received a vocabulary with the special token '' in the middle.",
        "a list of tokens, each once, most frequent first.",
        "leave special tokens out, or begin with ['', '[UNK]'].",
    ),
    "long vocabulary": (
        lambda: StringLookup(max_tokens=2, vocabulary=["a", "b"], name="words"),
        "words received a vocabulary with 3 tokens, special ones included, with max_tokens=2.",
        "a list of tokens, each once, most frequent first.",
        "pass max_tokens=3.",
    ),
    "numbers that are not whole": (
        lambda: IntegerLookup(vocabulary=[0.5], name="codes"),
        "codes received tokens that are no whole numbers.",
        "a list of tokens, each once, most frequent first.",
        "pass an array of dtype int64.",
    ),
    "weights without a vocabulary": (
        lambda: StringLookup(output_mode="tf_idf", idf_weights=[1.0], name="words"),
        "words received idf_weights that do not fit its vocabulary.",
        "'vocabulary' as well.",
        "pass vocabulary=[...] too.",
    ),
    "vocabulary without weights": (
        lambda: StringLookup(output_mode="tf_idf", vocabulary=["a"], name="words"),
        "words received no idf_weights for its vocabulary.",
        "one weight a token.",
        "pass idf_weights=[...].",
    ),
    "weights for nothing": (
        lambda: StringLookup(vocabulary=["a"], idf_weights=[1.0], name="words"),
        "words received idf_weights that do not fit its vocabulary.",
        "'idf_weights' only with output_mode='tf_idf'.",
        "leave out idf_weights.",
    ),
    "too many weights": (
        lambda: StringLookup(
            output_mode="tf_idf", vocabulary=["a"], idf_weights=[1.0, 2.0], name="words"
        ),
        "words received idf_weights that do not fit its vocabulary.",
        "1 weights, one a token.",
        "pass as many as tokens.",
    ),
    "a vocabulary that is given": (
        adapting(StringLookup(vocabulary=["a"], name="words"), ["b"]),
        "words was given 'vocabulary', so there is nothing to adapt.",
        "adapt() on a layer made without 'vocabulary'.",
        "leave out vocabulary=..., or do not call adapt().",
    ),
    "a size that is unknown": (
        called(StringLookup(output_mode="count", name="words"), [["a"]]),
        "words has no vocabulary yet, so the size of its output is unknown.",
        "a vocabulary before the first call, for output_mode='count'.",
        "words.adapt(train_x), or pass vocabulary=[...] or max_tokens=... with "
        "pad_to_max_tokens=True.",
    ),
    "unknown words": (
        called(StringLookup(vocabulary=["a"], num_oov_indices=0, name="words"), ["a", "b"]),
        "words received 1 values that are not in its vocabulary.",
        "known values only, for num_oov_indices=0.",
        "pass num_oov_indices=1, which gives unknown values a place.",
    ),
    "words out of a model": (
        called(
            StringLookup(vocabulary=["a"], invert=True, name="words"),
            new_input((None,), torch.int64, "places"),
        ),
        "words cannot stand in a model, for its results are strings.",
        "an inverted StringLookup called on the results of a model.",
        "words = words(model.predict(x).argmax(-1)).",
    ),
    "salt without a hash": (
        lambda: IntegerLookup(num_oov_indices=2, salt=1),
        "IntegerLookup(salt=1) is not possible.",
        "'salt' only with oov_method='farmhash'.",
        "leave out salt, or pass oov_method='farmhash'.",
    ),
}


@pytest.mark.parametrize(("act", "problem", "expected", "fix"), CASES.values(), ids=CASES)
def test_message_is(act, problem, expected, fix):
    message = f"{problem}\n  expected: {expected}\n  fix: {fix}"

    with pytest.raises(LaminaError, match=f"^{re.escape(message)}$"):
        act()
