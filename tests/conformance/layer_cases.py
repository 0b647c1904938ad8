"""Configurations of every public layer, in which it is compared with Keras's."""

from typing import Any, NamedTuple


class Nested(NamedTuple):
    """A layer as an argument of another, made from whichever library is tested."""

    kind: str
    config: dict[str, Any]


class Case(NamedTuple):
    """One layer with its arguments, and the shapes of its inputs.

    Args:
        kind: Name of the class.
        config: Arguments of the constructor.
        shapes: Shapes of the inputs, batch axis first; several make a list.
        high: Whole numbers from 0 to below it as inputs; normal floats when `None`.
    """

    kind: str
    config: dict[str, Any]
    shapes: tuple[tuple[int, ...], ...]
    high: int | None = None


def _cases(kind: str, shape: tuple[int, ...], *configs: dict[str, Any]) -> list[Case]:
    return [Case(kind, config, (shape,)) for config in configs]


TABLE, SEQUENCE, IMAGE, VOLUME = (4, 6), (2, 7, 4), (2, 7, 6, 4), (2, 5, 4, 6, 2)
REGULAR = {"kernel_regularizer": "l2", "bias_regularizer": "l1", "kernel_initializer": "he_normal"}
FIRST = {"data_format": "channels_first"}

CASES: list[Case] = [
    *_cases("Dense", TABLE, {"units": 3}, {"units": 3, "activation": "relu", "use_bias": False}),
    *_cases("Dense", SEQUENCE, {"units": 5, "activation": "softmax"}),
    # -- activations
    *_cases("Activation", TABLE, {"activation": "relu"}, {"activation": "swish"}),
    *_cases("ELU", TABLE, {}, {"alpha": 0.5}),
    *_cases("LeakyReLU", TABLE, {}, {"negative_slope": 0.1}),
    *_cases("PReLU", IMAGE, {}, {"alpha_initializer": "ones", "shared_axes": [1, 2]}),
    *_cases("PReLU", TABLE, {"alpha_initializer": "glorot_uniform"}),
    *_cases(
        "ReLU",
        TABLE,
        {},
        {"max_value": 1.0},
        {"negative_slope": 0.2, "threshold": 0.3},
        {"max_value": 1.0, "negative_slope": 0.2, "threshold": 0.3},
    ),
    *_cases("Softmax", SEQUENCE, {}, {"axis": 1}, {"axis": (1, 2)}),
    # -- reshaping
    *_cases("Flatten", IMAGE, {}, FIRST),
    *_cases("Flatten", (3,), {}),
    *_cases("Identity", TABLE, {}),
    *_cases("Permute", IMAGE, {"dims": (3, 1, 2)}),
    *_cases("RepeatVector", TABLE, {"n": 3}),
    *_cases("Reshape", SEQUENCE, {"target_shape": (4, 7)}, {"target_shape": (-1,)}),
    *_cases("Reshape", SEQUENCE, {"target_shape": (2, -1, 2)}),
    Case("Embedding", {"input_dim": 9, "output_dim": 4}, ((3, 5),), 9),
    Case("Embedding", {"input_dim": 9, "output_dim": 4}, ((3,),), 9),
    # -- convolutions
    *_cases(
        "Conv1D",
        SEQUENCE,
        {"filters": 3, "kernel_size": 3},
        {"filters": 3, "kernel_size": 4, "padding": "same", "strides": 2},
        {"filters": 3, "kernel_size": 3, "padding": "causal", "dilation_rate": 2},
        {"filters": 4, "kernel_size": 2, "groups": 2, "activation": "relu", "use_bias": False},
        {"filters": 3, "kernel_size": 2, "padding": "same", **FIRST},
    ),
    *_cases(
        "Conv2D",
        IMAGE,
        {"filters": 3, "kernel_size": 3},
        {"filters": 3, "kernel_size": (2, 3), "padding": "same"},
        {"filters": 3, "kernel_size": 3, "padding": "SAME", "strides": 2, "activation": "relu"},
        {"filters": 3, "kernel_size": 4, "padding": "same", "strides": (3, 2)},
        {"filters": 3, "kernel_size": 2, "dilation_rate": (3, 2), **REGULAR},
        {"filters": 3, "kernel_size": 3, "dilation_rate": 2, "padding": "same"},
        {"filters": 6, "kernel_size": 2, "groups": 2},
        {"filters": 2, "kernel_size": 1, "use_bias": False},
        {"filters": 3, "kernel_size": 3, "padding": "same", "strides": 2, **FIRST},
    ),
    *_cases("Conv2D", (2, 7, 6, 1), {"filters": 3, "kernel_size": 3, "padding": "same"}),
    *_cases(
        "Conv3D",
        VOLUME,
        {"filters": 3, "kernel_size": 2},
        {"filters": 3, "kernel_size": (3, 2, 3), "padding": "same", "strides": 2},
        {"filters": 2, "kernel_size": 2, "groups": 2, "dilation_rate": 2},
        {"filters": 3, "kernel_size": (2, 1, 2), **FIRST},
    ),
    *[
        Case(f"Conv{rank}DTranspose", {"filters": 3, **config}, (shape,))
        for rank, shape in ((1, SEQUENCE), (2, IMAGE), (3, (2, 3, 2, 3, 2)))
        for config in (
            {"kernel_size": 3},
            {"kernel_size": 3, "strides": 2},
            {"kernel_size": 2, "strides": 3},
            {"kernel_size": 3, "strides": 2, "padding": "same"},
            {"kernel_size": 4, "strides": 2, "padding": "same", "use_bias": False},
            {"kernel_size": 1, "strides": 3, "padding": "same"},
            {"kernel_size": 3, "strides": 2, "output_padding": 1},
            {"kernel_size": 3, "strides": 2, "output_padding": 1, "padding": "same"},
            {"kernel_size": 4, "strides": 3, "output_padding": 0, "padding": "same"},
            {"kernel_size": 2, "dilation_rate": 2, "activation": "relu"},
            {"kernel_size": 3, "dilation_rate": 2, "padding": "same"},
            {"kernel_size": 3, "strides": 2, "padding": "same", **FIRST},
        )
    ],
    *[
        Case(f"DepthwiseConv{rank}D", config, (shape,))
        for rank, shape in ((1, SEQUENCE), (2, IMAGE))
        for config in (
            {"kernel_size": 3},
            {"kernel_size": 2, "padding": "same", "depth_multiplier": 2, "activation": "relu"},
            {"kernel_size": 3, "padding": "same", "strides": 2, "use_bias": False},
            {"kernel_size": 2, "dilation_rate": 2},
            {"kernel_size": 2, "depth_multiplier": 3, **FIRST},
        )
    ],
    *[
        Case(f"SeparableConv{rank}D", {"filters": 3, **config}, (shape,))
        for rank, shape in ((1, SEQUENCE), (2, IMAGE))
        for config in (
            {"kernel_size": 3},
            {"kernel_size": 2, "padding": "same", "depth_multiplier": 2, "activation": "relu"},
            {"kernel_size": 3, "padding": "same", "strides": 2, "use_bias": False},
            {"kernel_size": 2, "dilation_rate": 2},
            {"kernel_size": 2, "depth_multiplier": 2, **FIRST},
        )
    ],
    # -- pooling; average pooling with uneven "same" padding is tested against its definition
    *[
        Case(f"MaxPooling{rank}D", config, (shape,))
        for rank, shape in ((1, SEQUENCE), (2, IMAGE), (3, VOLUME))
        for config in (
            {},
            {"pool_size": 3, "strides": 1},
            {"pool_size": 3, "strides": 2, "padding": "same"},
            {"pool_size": 2, "strides": 1, "padding": "same"},
            {"pool_size": 1, "strides": 3, "padding": "same"},
            {"pool_size": 2, "padding": "same", **FIRST},
        )
    ],
    *_cases("MaxPooling2D", IMAGE, {"pool_size": (2, 3), "strides": (1, 2), "padding": "same"}),
    *[
        Case(f"AveragePooling{rank}D", config, (shape,))
        for rank, shape in ((1, SEQUENCE), (2, IMAGE), (3, VOLUME))
        for config in (
            {"pool_size": 2},
            {"pool_size": 3, "strides": 1},
            {"pool_size": 3, "strides": 1, "padding": "same"},
            {"pool_size": 2, "strides": 1, **FIRST},
        )
    ],
    *[
        Case(f"Global{kind}Pooling{rank}D", config, (shape,))
        for kind in ("Average", "Max")
        for rank, shape in ((1, SEQUENCE), (2, IMAGE), (3, VOLUME))
        for config in ({}, {"keepdims": True}, FIRST)
    ],
    *[
        Case(f"Adaptive{kind}Pooling{rank}D", config, (shape,))
        for kind in ("Average", "Max")
        for rank, shape in ((1, SEQUENCE), (2, IMAGE), (3, VOLUME))
        for config in (
            {"output_size": 3},
            {"output_size": 2, **FIRST},
        )
    ],
    # -- padding
    *_cases("ZeroPadding1D", SEQUENCE, {}, {"padding": (1, 2)}, FIRST),
    *_cases("ZeroPadding2D", IMAGE, {}, {"padding": (1, 2)}, {"padding": ((1, 0), (2, 3))}, FIRST),
    *_cases("ZeroPadding3D", VOLUME, {}, {"padding": ((1, 0), (2, 3), (0, 1))}, FIRST),
    *_cases("Cropping1D", SEQUENCE, {}, {"cropping": (0, 2)}),
    *_cases("Cropping2D", IMAGE, {}, {"cropping": (1, 2)}, {"cropping": ((1, 0), (2, 3))}, FIRST),
    *_cases("Cropping3D", VOLUME, {}, {"cropping": ((1, 0), (2, 1), (0, 1))}),
    *_cases("UpSampling1D", SEQUENCE, {}, {"size": 3}),
    *_cases(
        "UpSampling2D",
        IMAGE,
        {},
        {"size": (2, 3)},
        {"size": 2, "interpolation": "bilinear"},
        {"size": (1, 3), "interpolation": "bicubic", **FIRST},
        FIRST,
    ),
    *_cases("UpSampling3D", VOLUME, {}, {"size": (1, 2, 3)}, FIRST),
    # -- normalization; over axes in the middle Keras 3.15 fails on torch, so that the formula is
    #    the measure (tests/layers/test_normalization.py)
    *[
        Case("BatchNormalization", config, (shape,))
        for shape in (TABLE, SEQUENCE, IMAGE, VOLUME)
        for config in ({}, {"axis": 1, "scale": False, "epsilon": 0.01}, {"center": False})
    ],
    *_cases("LayerNormalization", TABLE, {}, {"center": False, "epsilon": 0.1}),
    *_cases("LayerNormalization", IMAGE, {}, {"axis": [2, 3], "scale": False}),
    *_cases("LayerNormalization", SEQUENCE, {"axis": [-1, -2]}),
    *_cases("GroupNormalization", (3, 8), {"groups": 4}),
    *_cases("GroupNormalization", SEQUENCE, {"groups": 2}, {"groups": 1, "scale": False}),
    *_cases("GroupNormalization", IMAGE, {"groups": -1, "center": False}, {"groups": 2}),
    *_cases("GroupNormalization", VOLUME, {"groups": 5, "axis": 1}, {"groups": 2}),
    *_cases("RMSNormalization", SEQUENCE, {}, {"epsilon": 0.1}),
    *_cases("RMSNormalization", IMAGE, {"axis": [2, 3]}),
    *_cases("UnitNormalization", IMAGE, {}, {"axis": 1}, {"axis": [1, 2]}),
    *_cases("SpectralNormalization", TABLE, {"layer": Nested("Dense", {"units": 3})}),
    *_cases(
        "SpectralNormalization",
        IMAGE,
        {"layer": Nested("Conv2D", {"filters": 3, "kernel_size": 2}), "power_iterations": 3},
    ),
    # -- noise, which passes everything on outside of training
    *_cases("AlphaDropout", TABLE, {"rate": 0.5}),
    *_cases("Dropout", TABLE, {"rate": 0.5}, {"rate": 0.0}),
    *_cases("GaussianDropout", TABLE, {"rate": 0.5}),
    *_cases("GaussianNoise", TABLE, {"stddev": 0.5}),
    *_cases("SpatialDropout1D", SEQUENCE, {"rate": 0.5}),
    *_cases("SpatialDropout2D", IMAGE, {"rate": 0.5}, {"rate": 0.5, **FIRST}),
    *_cases("SpatialDropout3D", VOLUME, {"rate": 0.5}),
    *_cases("ActivityRegularization", TABLE, {"l1": 0.1, "l2": 0.2}),
    # -- merging
    *[
        Case(kind, {}, shapes)
        for kind in ("Add", "Multiply", "Average", "Maximum", "Minimum")
        for shapes in (
            (TABLE, TABLE),
            (SEQUENCE, SEQUENCE, SEQUENCE),
            (SEQUENCE, (2, 4)),
            (SEQUENCE, (2, 1, 4)),
        )
    ],
    Case("Subtract", {}, (TABLE, TABLE)),
    Case("Subtract", {}, (SEQUENCE, (2, 1, 4))),
    Case("Concatenate", {}, (TABLE, (4, 2))),
    Case("Concatenate", {"axis": 1}, (SEQUENCE, (2, 3, 4), SEQUENCE)),
    Case("Dot", {"axes": 1}, (TABLE, TABLE)),
    Case("Dot", {"axes": -1, "normalize": True}, (TABLE, TABLE)),
    Case("Dot", {"axes": (2, 1)}, (SEQUENCE, (2, 4, 3))),
    Case("Dot", {"axes": (1, 1)}, (SEQUENCE, (2, 7))),
    Case("Dot", {"axes": (1, 2)}, ((2, 4), SEQUENCE)),
    Case("Dot", {"axes": (3, 1)}, (IMAGE, (2, 4, 5))),
    # -- Einstein's notation
    *_cases("EinsumDense", TABLE, {"equation": "ab,bc->ac", "output_shape": 8}),
    *_cases(
        "EinsumDense",
        SEQUENCE,
        {"equation": "abc,cd->abd", "output_shape": (None, 5), "bias_axes": "d"},
        {"equation": "abc,cde->abde", "output_shape": (None, 2, 3), "bias_axes": "de"},
        {"equation": "...x,xy->...y", "output_shape": 5, "bias_axes": "y", "activation": "relu"},
        {"equation": "abc,bd->adc", "output_shape": (3, 4), "bias_axes": "d"},
    ),
    *_cases(
        "EinsumDense",
        IMAGE,
        {"equation": "ab...,bd->ad...", "output_shape": 5, "bias_axes": "d"},
        {"equation": "...abc,bcd->...ad", "output_shape": (7, 5), "bias_axes": "d"},
    ),
]

LOOKUP = "turns values into ids; tested in tests/layers/test_lookup.py"
MIXING = "mixes images of a batch; tested in test_preprocessing.py"
EPOCHS = "Keras has none; tested in tests/layers/test_epochs.py"
WITHOUT_CASES = {
    "AlternatingFlip": EPOCHS,
    "CategoryEncoding": LOOKUP,
    "CutMix": MIXING,
    "Discretization": LOOKUP,
    "HashedCrossing": LOOKUP,
    "Hashing": LOOKUP,
    "Imputation": "Keras has none; compared with scikit-learn's in tests/layers/test_imputation.py",
    "InputLayer": "passes data on; tested in tests/layers/test_inputs.py",
    "InputSpec": "is a description, not a layer",
    "IntegerLookup": LOOKUP,
    "Lambda": "has a function; tested in tests/layers/test_adopt.py",
    "Layer": "is the base class",
    "MinMaxScaling": "Keras has none; tested in tests/conformance/test_preprocessing.py",
    "MixUp": MIXING,
    "ProgressiveResizing": EPOCHS,
    "StringLookup": LOOKUP,
    "TorchModuleWrapper": "has a module; tested in tests/layers/test_adopt.py",
    "Whitening2D": "Keras has none; tested in tests/layers/test_whitening.py",
    "Wrapper": "is the base of wrappers; tested in tests/layers/test_adopt.py",
}
