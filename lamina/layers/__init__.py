"""Layers: what models are built from."""

from typing import TYPE_CHECKING

from lamina.core.later import imported_later

if TYPE_CHECKING:
    from lamina.layers.activation import ELU, Activation, LeakyReLU, PReLU, ReLU, Softmax
    from lamina.layers.adaptive_pooling import (
        AdaptiveAveragePooling1D,
        AdaptiveAveragePooling2D,
        AdaptiveAveragePooling3D,
        AdaptiveMaxPooling1D,
        AdaptiveMaxPooling2D,
        AdaptiveMaxPooling3D,
    )
    from lamina.layers.adopt import TorchModuleWrapper
    from lamina.layers.alternating_flip import AlternatingFlip
    from lamina.layers.base import Layer
    from lamina.layers.batch_normalization import BatchNormalization
    from lamina.layers.category_encoding import CategoryEncoding
    from lamina.layers.color_augmentation import (
        RandomBrightness,
        RandomColorDegeneration,
        RandomContrast,
        RandomGrayscale,
        RandomHue,
        RandomSaturation,
    )
    from lamina.layers.composed_augmentation import AugMix, RandAugment, RandomColorJitter
    from lamina.layers.convolution import Conv1D, Conv2D, Conv3D
    from lamina.layers.convolution import Conv1D as Convolution1D
    from lamina.layers.convolution import Conv2D as Convolution2D
    from lamina.layers.convolution import Conv3D as Convolution3D
    from lamina.layers.dense import Dense
    from lamina.layers.depthwise_convolution import (
        DepthwiseConv1D,
        DepthwiseConv2D,
        SeparableConv1D,
        SeparableConv2D,
    )
    from lamina.layers.depthwise_convolution import SeparableConv1D as SeparableConvolution1D
    from lamina.layers.depthwise_convolution import SeparableConv2D as SeparableConvolution2D
    from lamina.layers.discretization import Discretization
    from lamina.layers.dropout import (
        AlphaDropout,
        Dropout,
        GaussianDropout,
        GaussianNoise,
        SpatialDropout1D,
        SpatialDropout2D,
        SpatialDropout3D,
    )
    from lamina.layers.einsum_dense import EinsumDense
    from lamina.layers.embedding import Embedding
    from lamina.layers.geometry import RandomCrop, RandomFlip, RandomTranslation
    from lamina.layers.global_pooling import (
        GlobalAveragePooling1D,
        GlobalAveragePooling2D,
        GlobalAveragePooling3D,
        GlobalMaxPooling1D,
        GlobalMaxPooling2D,
        GlobalMaxPooling3D,
    )
    from lamina.layers.global_pooling import GlobalAveragePooling1D as GlobalAvgPool1D
    from lamina.layers.global_pooling import GlobalAveragePooling2D as GlobalAvgPool2D
    from lamina.layers.global_pooling import GlobalAveragePooling3D as GlobalAvgPool3D
    from lamina.layers.global_pooling import GlobalMaxPooling1D as GlobalMaxPool1D
    from lamina.layers.global_pooling import GlobalMaxPooling2D as GlobalMaxPool2D
    from lamina.layers.global_pooling import GlobalMaxPooling3D as GlobalMaxPool3D
    from lamina.layers.hashing import HashedCrossing, Hashing
    from lamina.layers.imputation import Imputation
    from lamina.layers.inputs import Input, InputLayer, InputSpec
    from lamina.layers.lambda_layer import Lambda
    from lamina.layers.lookup import IntegerLookup, StringLookup
    from lamina.layers.merging import (
        Add,
        Average,
        Concatenate,
        Dot,
        Maximum,
        Minimum,
        Multiply,
        Subtract,
        add,
        average,
        concatenate,
        dot,
        maximum,
        minimum,
        multiply,
        subtract,
    )
    from lamina.layers.mixing import CutMix, MixUp
    from lamina.layers.normalization import (
        GroupNormalization,
        LayerNormalization,
        RMSNormalization,
        UnitNormalization,
    )
    from lamina.layers.padding import (
        Cropping1D,
        Cropping2D,
        Cropping3D,
        ZeroPadding1D,
        ZeroPadding2D,
        ZeroPadding3D,
    )
    from lamina.layers.pooling import (
        AveragePooling1D,
        AveragePooling2D,
        AveragePooling3D,
        MaxPooling1D,
        MaxPooling2D,
        MaxPooling3D,
    )
    from lamina.layers.pooling import AveragePooling1D as AvgPool1D
    from lamina.layers.pooling import AveragePooling2D as AvgPool2D
    from lamina.layers.pooling import AveragePooling3D as AvgPool3D
    from lamina.layers.pooling import MaxPooling1D as MaxPool1D
    from lamina.layers.pooling import MaxPooling2D as MaxPool2D
    from lamina.layers.pooling import MaxPooling3D as MaxPool3D
    from lamina.layers.progressive_resizing import ProgressiveResizing
    from lamina.layers.regularization import ActivityRegularization
    from lamina.layers.reshaping import Flatten, Identity, Permute, RepeatVector, Reshape
    from lamina.layers.resizing import CenterCrop, Resizing
    from lamina.layers.scaling import MinMaxScaling, Normalization, Rescaling
    from lamina.layers.texture_augmentation import (
        RandomErasing,
        RandomGaussianBlur,
        RandomSharpness,
    )
    from lamina.layers.tone_augmentation import (
        AutoContrast,
        Equalization,
        RandomInvert,
        RandomPosterization,
        Solarization,
    )
    from lamina.layers.transposed_convolution import (
        Conv1DTranspose,
        Conv2DTranspose,
        Conv3DTranspose,
    )
    from lamina.layers.transposed_convolution import Conv1DTranspose as Convolution1DTranspose
    from lamina.layers.transposed_convolution import Conv2DTranspose as Convolution2DTranspose
    from lamina.layers.transposed_convolution import Conv3DTranspose as Convolution3DTranspose
    from lamina.layers.up_sampling import UpSampling1D, UpSampling2D, UpSampling3D
    from lamina.layers.warping import RandomPerspective, RandomRotation, RandomShear, RandomZoom
    from lamina.layers.whitening import Whitening2D
    from lamina.layers.wrapper import SpectralNormalization, Wrapper

_PLACES = {
    "lamina.layers.activation": "ELU Activation LeakyReLU PReLU ReLU Softmax",
    "lamina.layers.adaptive_pooling": (
        "AdaptiveAveragePooling1D AdaptiveAveragePooling2D AdaptiveAveragePooling3D "
        "AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D"
    ),
    "lamina.layers.adopt": "TorchModuleWrapper",
    "lamina.layers.alternating_flip": "AlternatingFlip",
    "lamina.layers.base": "Layer",
    "lamina.layers.batch_normalization": "BatchNormalization",
    "lamina.layers.category_encoding": "CategoryEncoding",
    "lamina.layers.color_augmentation": (
        "RandomBrightness RandomColorDegeneration RandomContrast RandomGrayscale "
        "RandomHue RandomSaturation"
    ),
    "lamina.layers.composed_augmentation": "AugMix RandAugment RandomColorJitter",
    "lamina.layers.convolution": (
        "Conv1D Conv2D Conv3D Convolution1D=Conv1D Convolution2D=Conv2D Convolution3D=Conv3D"
    ),
    "lamina.layers.dense": "Dense",
    "lamina.layers.depthwise_convolution": (
        "DepthwiseConv1D DepthwiseConv2D SeparableConv1D SeparableConv2D "
        "SeparableConvolution1D=SeparableConv1D SeparableConvolution2D=SeparableConv2D"
    ),
    "lamina.layers.discretization": "Discretization",
    "lamina.layers.dropout": (
        "AlphaDropout Dropout GaussianDropout GaussianNoise SpatialDropout1D "
        "SpatialDropout2D SpatialDropout3D"
    ),
    "lamina.layers.einsum_dense": "EinsumDense",
    "lamina.layers.embedding": "Embedding",
    "lamina.layers.geometry": "RandomCrop RandomFlip RandomTranslation",
    "lamina.layers.global_pooling": (
        "GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D "
        "GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D "
        "GlobalAvgPool1D=GlobalAveragePooling1D GlobalAvgPool2D=GlobalAveragePooling2D "
        "GlobalAvgPool3D=GlobalAveragePooling3D GlobalMaxPool1D=GlobalMaxPooling1D "
        "GlobalMaxPool2D=GlobalMaxPooling2D GlobalMaxPool3D=GlobalMaxPooling3D"
    ),
    "lamina.layers.hashing": "HashedCrossing Hashing",
    "lamina.layers.imputation": "Imputation",
    "lamina.layers.inputs": "Input InputLayer InputSpec",
    "lamina.layers.lambda_layer": "Lambda",
    "lamina.layers.lookup": "IntegerLookup StringLookup",
    "lamina.layers.merging": (
        "Add Average Concatenate Dot Maximum Minimum Multiply Subtract add average "
        "concatenate dot maximum minimum multiply subtract"
    ),
    "lamina.layers.mixing": "CutMix MixUp",
    "lamina.layers.normalization": (
        "GroupNormalization LayerNormalization RMSNormalization UnitNormalization"
    ),
    "lamina.layers.padding": (
        "Cropping1D Cropping2D Cropping3D ZeroPadding1D ZeroPadding2D ZeroPadding3D"
    ),
    "lamina.layers.pooling": (
        "AveragePooling1D AveragePooling2D AveragePooling3D MaxPooling1D MaxPooling2D "
        "MaxPooling3D AvgPool1D=AveragePooling1D AvgPool2D=AveragePooling2D "
        "AvgPool3D=AveragePooling3D MaxPool1D=MaxPooling1D MaxPool2D=MaxPooling2D "
        "MaxPool3D=MaxPooling3D"
    ),
    "lamina.layers.progressive_resizing": "ProgressiveResizing",
    "lamina.layers.regularization": "ActivityRegularization",
    "lamina.layers.reshaping": "Flatten Identity Permute RepeatVector Reshape",
    "lamina.layers.resizing": "CenterCrop Resizing",
    "lamina.layers.scaling": "MinMaxScaling Normalization Rescaling",
    "lamina.layers.texture_augmentation": "RandomErasing RandomGaussianBlur RandomSharpness",
    "lamina.layers.tone_augmentation": (
        "AutoContrast Equalization RandomInvert RandomPosterization Solarization"
    ),
    "lamina.layers.transposed_convolution": (
        "Conv1DTranspose Conv2DTranspose Conv3DTranspose "
        "Convolution1DTranspose=Conv1DTranspose Convolution2DTranspose=Conv2DTranspose "
        "Convolution3DTranspose=Conv3DTranspose"
    ),
    "lamina.layers.up_sampling": "UpSampling1D UpSampling2D UpSampling3D",
    "lamina.layers.warping": "RandomPerspective RandomRotation RandomShear RandomZoom",
    "lamina.layers.whitening": "Whitening2D",
    "lamina.layers.wrapper": "SpectralNormalization Wrapper",
}

__getattr__ = imported_later(__name__, _PLACES)

__all__ = [
    "ELU",
    "Activation",
    "ActivityRegularization",
    "AdaptiveAveragePooling1D",
    "AdaptiveAveragePooling2D",
    "AdaptiveAveragePooling3D",
    "AdaptiveMaxPooling1D",
    "AdaptiveMaxPooling2D",
    "AdaptiveMaxPooling3D",
    "Add",
    "AlphaDropout",
    "AlternatingFlip",
    "AugMix",
    "AutoContrast",
    "Average",
    "AveragePooling1D",
    "AveragePooling2D",
    "AveragePooling3D",
    "AvgPool1D",
    "AvgPool2D",
    "AvgPool3D",
    "BatchNormalization",
    "CategoryEncoding",
    "CenterCrop",
    "Concatenate",
    "Conv1D",
    "Conv1DTranspose",
    "Conv2D",
    "Conv2DTranspose",
    "Conv3D",
    "Conv3DTranspose",
    "Convolution1D",
    "Convolution1DTranspose",
    "Convolution2D",
    "Convolution2DTranspose",
    "Convolution3D",
    "Convolution3DTranspose",
    "Cropping1D",
    "Cropping2D",
    "Cropping3D",
    "CutMix",
    "Dense",
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "Discretization",
    "Dot",
    "Dropout",
    "EinsumDense",
    "Embedding",
    "Equalization",
    "Flatten",
    "GaussianDropout",
    "GaussianNoise",
    "GlobalAveragePooling1D",
    "GlobalAveragePooling2D",
    "GlobalAveragePooling3D",
    "GlobalAvgPool1D",
    "GlobalAvgPool2D",
    "GlobalAvgPool3D",
    "GlobalMaxPool1D",
    "GlobalMaxPool2D",
    "GlobalMaxPool3D",
    "GlobalMaxPooling1D",
    "GlobalMaxPooling2D",
    "GlobalMaxPooling3D",
    "GroupNormalization",
    "HashedCrossing",
    "Hashing",
    "Identity",
    "Imputation",
    "Input",
    "InputLayer",
    "InputSpec",
    "IntegerLookup",
    "Lambda",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "MaxPool1D",
    "MaxPool2D",
    "MaxPool3D",
    "MaxPooling1D",
    "MaxPooling2D",
    "MaxPooling3D",
    "Maximum",
    "MinMaxScaling",
    "Minimum",
    "MixUp",
    "Multiply",
    "Normalization",
    "PReLU",
    "Permute",
    "ProgressiveResizing",
    "RMSNormalization",
    "RandAugment",
    "RandomBrightness",
    "RandomColorDegeneration",
    "RandomColorJitter",
    "RandomContrast",
    "RandomCrop",
    "RandomErasing",
    "RandomFlip",
    "RandomGaussianBlur",
    "RandomGrayscale",
    "RandomHue",
    "RandomInvert",
    "RandomPerspective",
    "RandomPosterization",
    "RandomRotation",
    "RandomSaturation",
    "RandomSharpness",
    "RandomShear",
    "RandomTranslation",
    "RandomZoom",
    "ReLU",
    "RepeatVector",
    "Rescaling",
    "Reshape",
    "Resizing",
    "SeparableConv1D",
    "SeparableConv2D",
    "SeparableConvolution1D",
    "SeparableConvolution2D",
    "Softmax",
    "Solarization",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    "SpectralNormalization",
    "StringLookup",
    "Subtract",
    "TorchModuleWrapper",
    "UnitNormalization",
    "UpSampling1D",
    "UpSampling2D",
    "UpSampling3D",
    "Whitening2D",
    "Wrapper",
    "ZeroPadding1D",
    "ZeroPadding2D",
    "ZeroPadding3D",
    "add",
    "average",
    "concatenate",
    "dot",
    "maximum",
    "minimum",
    "multiply",
    "subtract",
]
