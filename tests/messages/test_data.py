"""Full text of the errors of arrays, weights, splits and streams."""

import itertools
import re

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse
import torch
from torch.utils.data import TensorDataset

from lamina.core.errors import ArgumentError, ArgumentTypeError, DataError, StateError
from lamina.data.arrays import require_labels, to_arrays, unpack_validation
from lamina.data.encoding import to_categorical
from lamina.data.labels import check_whole
from lamina.data.sequences import PyDataset, unpack_x_y_sample_weight
from lamina.data.sources import refuse_companions
from lamina.data.split import check_one_validation, split_dataset, train_validation_split
from lamina.data.streams import StreamBatches
from lamina.data.timeseries import pad_sequences, timeseries_dataset_from_array
from lamina.data.weights import class_sample_weight

GOOD = ([[1.0]], [0])
THREE = torch.tensor([0, 1, 2])


def table(*shape):
    return np.ones(shape, np.float32)


def shaped(shape, wanted):
    return lambda: to_arrays(table(*shape), input_shapes=[wanted])


def weighted(weight):
    return lambda: to_arrays(table(3, 2), table(3), weight)


def by_class(class_weight, **options):
    return lambda: class_sample_weight(THREE, class_weight, **options)


def split(share):
    return lambda: train_validation_split(to_arrays(table(10, 1)), share, seed=0)


def read(source, **options):
    def two_epochs():
        batches = StreamBatches(source(), **options)
        return [list(batches.epoch(epoch)) for epoch in range(2)]

    return two_epochs


def yielding(*batches):
    return lambda: (batch for batch in batches)


class Endless(PyDataset):
    num_batches = None


class Unsized(PyDataset):
    def __getitem__(self, index):
        return GOOD


class Unfinished(PyDataset):
    def __len__(self):
        return 1


SHAPES = {
    "row 1, other number of features": (
        shaped((4, 5), (None, 8)),
        "x has 5 features per sample, the model expects 8.",
        "shape (n, 8), where n is the number of samples.",
        "change the data, or build the model with Input(shape=(5,)).",
    ),
    "row 2, one axis too few": (
        shaped((64,), (None, 8)),
        "x has shape (64,), the model expects (n, 8).",
        "shape (n, 8), where n is the number of samples.",
        "give each sample a row; a single feature is x[:, None] and Input(shape=(1,)).",
    ),
    "row 3, one sample": (
        shaped((8,), (None, 8)),
        "x has shape (8,), which looks like one sample without a batch axis.",
        "shape (n, 8), where n is the number of samples.",
        "take a slice such as x[:1], or add the axis: x[None].",
    ),
    "row 4, one axis too many": (
        shaped((1, 64, 8), (None, 8)),
        "x has shape (1, 64, 8), the model expects (n, 8).",
        "shape (n, 8), where n is the number of samples.",
        "remove the first axis: x[0].",
    ),
    "row 5, channels first": (
        shaped((2, 3, 8, 8), (None, 8, 8, 3)),
        "x has shape (2, 3, 8, 8), the model expects (n, 8, 8, 3).",
        "shape (n, 8, 8, 3), where n is the number of samples.",
        "move the channels to the end: np.moveaxis(x, 1, -1).",
    ),
    "row 5, channels last": (
        shaped((2, 8, 8, 3), (None, 3, 8, 8)),
        "x has shape (2, 8, 8, 3), the model expects (n, 3, 8, 8).",
        "shape (n, 3, 8, 8), where n is the number of samples.",
        "move the channels to the front: np.moveaxis(x, -1, 1).",
    ),
    "row 6, grey images": (
        shaped((2, 8, 8), (None, 8, 8, 3)),
        "x has shape (2, 8, 8), the model expects (n, 8, 8, 3).",
        "shape (n, 8, 8, 3), where n is the number of samples.",
        "add the channels: np.repeat(x[..., None], 3, axis=-1).",
    ),
    "images for a dense model": (
        shaped((2, 8, 8), (None, 64)),
        "x has shape (2, 8, 8), the model expects (n, 64).",
        "shape (n, 64), where n is the number of samples.",
        "reshape it: x.reshape(len(x), -1).",
    ),
    "a table turned round": (
        shaped((8, 64), (None, 8)),
        "x has 64 features per sample, the model expects 8.",
        "shape (n, 8), where n is the number of samples.",
        "samples are rows: turn the table round with x.T.",
    ),
}

VALUES = {
    "row 7, text": (
        lambda: to_arrays(np.array([["a", "b"]])),
        "x contains text ('a' at row 0, column 0).",
        "numbers.",
        "encode it first, for example with pandas.get_dummies, or leave it out.",
    ),
    "row 7, numbers as text": (
        lambda: to_arrays([["1.5"]]),
        "x contains text ('1.5' at row 0, column 0).",
        "numbers.",
        'convert it: np.asarray(x).astype("float32").',
    ),
    "row 8, None inside": (
        lambda: to_arrays(np.array([[None, 1]])),
        "x[0, 0] is None.",
        "numbers.",
        "fill in or drop what is missing before training.",
    ),
    "row 9, numbers as objects": (
        lambda: to_arrays(np.array([[1, 2.0]], dtype=object)),
        "x has dtype object, though it holds numbers.",
        "an array whose dtype is a number.",
        'convert it: x.astype("float32").',
    ),
    "row 10, ragged": (
        lambda: to_arrays([[1, 2], [1]]),
        "x has rows of different lengths: x[0] has 2 values, x[1] has 1 value.",
        "the same number of values in every row.",
        "fill them up with keras.utils.pad_sequences(x).",
    ),
    "row 10, ragged deeper": (
        lambda: to_arrays([[[1, 2], [3]], [[1, 2], [3, 4]]]),
        "x has rows of different lengths: x[0][0] has 2 values, x[0][1] has 1 value.",
        "the same number of values in every row.",
        "fill them up with keras.utils.pad_sequences(x).",
    ),
    "row 12, no samples": (
        lambda: to_arrays(table(0, 8)),
        "x has no samples: its shape is (0, 8).",
        "at least one sample with one value.",
        "look at the step that selects the rows or columns.",
    ),
    "row 13, empty list": (
        lambda: to_arrays([]),
        "x is empty.",
        "at least one sample.",
        "pass data.",
    ),
    "row 13, empty dict": (
        lambda: to_arrays({}),
        "x is empty.",
        "at least one array.",
        "pass data.",
    ),
    "row 15, NaN": (
        lambda: to_arrays(np.array([[1, 2], [3, np.nan], [np.nan, 4]])),
        "x has 2 NaN (first at row 1, column 1).",
        "finite numbers.",
        'drop those rows or fill in numbers, for example with np.nan_to_num; nan="allow" goes on.',
    ),
    "row 16, infinite": (
        lambda: to_arrays(np.array([[1, -np.inf]])),
        "x has 1 infinite value (first at row 0, column 1).",
        "finite numbers.",
        'drop those rows or fill in numbers, for example with np.nan_to_num; nan="allow" goes on.',
    ),
    "row 17, complex": (
        lambda: to_arrays(np.ones((2, 2), complex)),
        "x holds complex numbers.",
        "real numbers.",
        "pass the parts as two columns: np.stack([x.real, x.imag], axis=-1).",
    ),
    "row 18, dates": (
        lambda: to_arrays(np.array(["2020-01-01"], "M8[D]")),
        "x holds dates or times (datetime64[D]).",
        "numbers.",
        "convert them, for example to days: (x - x.min()) / np.timedelta64(1, 'D').",
    ),
    "row 21, too large for float32": (
        lambda: to_arrays(np.array([[1.0, 1e39]])),
        "x has the value 1e+39 at row 0, column 1, which does not fit float32.",
        "numbers between -3.4e38 and 3.4e38.",
        "divide by a large number or take logarithms first.",
    ),
    "row 22, text column": (
        lambda: to_arrays(pd.DataFrame({"age": [1], "city": ["Oslo"]})),
        "column 'city' of x is text ('Oslo' at row 0).",
        "columns of numbers.",
        "encode it first, for example with pandas.get_dummies, or leave it out.",
    ),
    "category column": (
        lambda: to_arrays(pd.DataFrame({"city": pd.Categorical(["Oslo"])})),
        "column 'city' of x holds categories ('Oslo' at row 0).",
        "columns of numbers.",
        "encode it first, for example with pandas.get_dummies, or leave it out.",
    ),
    "date column": (
        lambda: to_arrays(pl.DataFrame({"day": pl.Series([0]).cast(pl.Date)})),
        "column 'day' of x holds dates or times (datetime.date(1970, 1, 1) at row 0).",
        "columns of numbers.",
        "convert it to a number, such as days since a date.",
    ),
    "list column": (
        lambda: to_arrays(pl.DataFrame({"part": [[1, 2]]})),
        "column 'part' of x holds lists.",
        "columns of numbers.",
        "make one column of each of their values.",
    ),
    "object column": (
        lambda: to_arrays(pd.DataFrame({"age": [1, "x"]}, dtype=object)),
        "column 'age' of x holds objects ('x' at row 1).",
        "columns of numbers.",
        'convert it with .astype("float32"), or leave it out.',
    ),
    "row 23, missing value": (
        lambda: to_arrays(pd.DataFrame({"age": pd.array([1, None], dtype="Int64")})),
        "x has 1 missing value (first at row 1, column 'age').",
        "finite numbers.",
        "drop those rows or fill in numbers, for example with dropna() or fillna(); "
        'nan="allow" goes on.',
    ),
    "two columns of one name": (
        lambda: to_arrays(pd.DataFrame([[1, 2]], columns=["a", "a"])),
        "x has two columns called 'a'.",
        "a name for each column.",
        "rename one of them, or pass the values alone: x.to_numpy().",
    ),
    "a column is absent": (
        lambda: to_arrays(pd.DataFrame({"hight": [1]}), column_names=["height"]),
        "x has no column 'height'.",
        "the columns 'height'.",
        'did you mean "hight"?',
    ),
    "row 26, masked": (
        lambda: to_arrays(np.ma.array([1.0, 2.0], mask=[0, 1])),
        "x has 1 masked value (first at row 1).",
        "an array without a mask.",
        "give them a value with x.filled(0), or drop those rows.",
    ),
    "structured array": (
        lambda: to_arrays(np.zeros(2, [("a", "f4"), ("b", "f4")])),
        "x is a structured array with the fields ('a', 'b').",
        "an array with one dtype and one column for each feature.",
        "use numpy.lib.recfunctions.structured_to_unstructured.",
    ),
    "number of 64 bits": (
        lambda: to_arrays(np.array([1, 2**63], "uint64")),
        "x has a number of more than 63 bits at row 1.",
        "whole numbers below 2**63.",
        'use floats: x.astype("float32").',
    ),
    "a single number": (
        lambda: to_arrays(3),
        "x is the single number 3.",
        "an array with one row for each sample.",
        "for one sample with one feature pass np.array([[3]]).",
    ),
    "row 37, broken label": (
        lambda: check_whole("y", torch.tensor([0.0, 0.5])),
        "y has the label 0.5 at row 1.",
        "whole numbers: the numbers of the classes.",
        "round the labels, or use a loss for numbers such as 'mse'.",
    ),
    "row 39, text labels": (
        lambda: to_arrays(table(2, 2), ["cat", "dog"]),
        "y contains text ('cat' at row 0).",
        "numbers.",
        "number the classes: class_names, y = np.unique(y, return_inverse=True).",
    ),
    "row 44, NaN label": (
        lambda: to_arrays(table(2, 2), [0.0, np.nan]),
        "y has 1 NaN (first at row 1).",
        "finite numbers.",
        'drop those rows or fill in numbers, for example with np.nan_to_num; nan="allow" goes on.',
    ),
    "row 51, other length": (
        lambda: to_arrays(table(64, 2), table(50)),
        "x has 64 samples, y has 50.",
        "the same number of samples, which is the size of the first axis.",
        "check that x and y come from the same rows.",
    ),
    "row 4, one sample and many labels": (
        lambda: to_arrays(table(1, 6, 8), table(6)),
        "x has 1 sample, y has 6.",
        "the same number of samples, which is the size of the first axis.",
        "remove the first axis: x[0].",
    ),
    "row 27, a list of rows": (
        lambda: to_arrays([torch.ones(3), torch.ones(3)], table(2)),
        "x[0] has 3 samples, y has 2.",
        "the same number of samples, which is the size of the first axis.",
        "if the list holds the rows of one array, use np.stack.",
    ),
    "row 52, y is missing": (
        lambda: require_labels(None, "mse"),
        "y is missing.",
        "y, because the loss 'mse' compares predictions with it.",
        "pass it after x, as in model.fit(x, y).",
    ),
    "labels of to_categorical": (
        lambda: to_categorical([0, 3], 3),
        "to_categorical received 3 at row 1.",
        "class numbers from 0 to 2.",
        "start the numbers at 0, or pass a larger num_classes.",
    ),
    "no labels for to_categorical": (
        lambda: to_categorical(np.zeros(0)),
        "y has no labels.",
        "at least one.",
        "pass class numbers.",
    ),
}

NAMES = {
    "row 27, a list of rows for one input": (
        lambda: to_arrays([torch.ones(3), torch.ones(3)], input_names=["left"]),
        "x is a list of 2 arrays, but the model has one input.",
        "one array for the input 'left'.",
        "stack the rows of one array: np.stack(x).",
    ),
    "row 29, dict for one input": (
        lambda: to_arrays({"a": table(2, 2)}, input_names=["left"]),
        "x is a dict with 'a', but the model has one input.",
        "one array, or a dict with the key 'left'.",
        "pass the array itself as x.",
    ),
    "row 30, missing name": (
        lambda: to_arrays({"left": [1], "rigt": [1]}, input_names=["left", "right"]),
        "x has nothing for the input 'right'; it has 'left', 'rigt'.",
        "a dict with 'left', 'right'.",
        "rename 'rigt' to 'right', or add 'right'.",
    ),
    "row 30, unknown output": (
        lambda: to_arrays([1], {"p": [1], "q": [1]}, output_names=["p"]),
        "y has labels for 'q', which is no output of the model.",
        "a dict with 'p'.",
        "remove 'q', or name an output so.",
    ),
    "row 30, too short a list": (
        lambda: to_arrays([table(2, 2)], input_names=["left", "right"]),
        "x is a list of 1, but the model has 2 inputs.",
        "one array for each of 'left', 'right'.",
        "pass a list in this order, or a dict with these names, as x.",
    ),
    "row 30, one array for two inputs": (
        lambda: to_arrays(table(2, 2), input_names=["left", "right"]),
        "x is one array, but the model has 2 inputs.",
        "one array for each of 'left', 'right'.",
        "pass a list in this order, or a dict with these names, as x.",
    ),
}

WEIGHTS = {
    "row 53, wrong number": (
        weighted([1.0, 1.0]),
        "sample_weight has 2 weights, x has 3 samples.",
        "one weight for each sample.",
        "check that x and sample_weight come from the same rows.",
    ),
    "row 53, negative": (
        weighted([1.0, -1.0, 1.0]),
        "sample_weight is negative at row 1: -1.",
        "weights of at least 0.",
        "use 0 to leave a sample out.",
    ),
    "row 53, NaN": (
        weighted([1.0, np.nan, 1.0]),
        "sample_weight has 1 NaN (first at row 1).",
        "finite numbers.",
        "drop those rows or fill in numbers, for example with np.nan_to_num.",
    ),
    "row 53, all zero": (
        weighted([0, 0, 0]),
        "sample_weight is 0 for every sample, so nothing would be learned.",
        "at least one weight above 0.",
        "leave sample_weight out to weigh all samples alike.",
    ),
    "row 54, class without weight": (
        by_class({0: 1, 1: 1}),
        "class_weight has no weight for class 2, which occurs in y.",
        "a weight for every class.",
        "add 2: 1.0 to class_weight.",
    ),
    "row 54, class that does not occur": (
        by_class({0: 1, 1: 1, 2: 1, 3: 1}),
        "class_weight has a weight for class 3, which does not occur in y.",
        "weights for the classes in y.",
        "remove the key 3.",
    ),
    "row 54, class that does not exist": (
        by_class({0: 1, 1: 1, 2: 1, 3: 1}, num_classes=3),
        "class_weight has a weight for class 3, which does not exist.",
        "classes from 0 to 2.",
        "remove the key 3.",
    ),
}

ARGUMENTS = {
    "row 54, negative": (
        by_class({0: -1, 1: 1, 2: 1}),
        "class_weight gives class 0 the weight -1.",
        "a finite number of at least 0.",
        "use 0 to leave a class out.",
    ),
    "both kinds of weights": (
        by_class({0: 1}, sample_weight=THREE),
        "class_weight and sample_weight were both given.",
        "one of them.",
        "multiply the class weights into sample_weight.",
    ),
    "class weights for two outputs": (
        lambda: class_sample_weight([THREE, THREE], {0: 1}),
        "class_weight needs one array of labels; y has several outputs.",
        "a model with one output, and its labels.",
        "pass sample_weight, with one array for each output.",
    ),
    "row 62": (
        split(1.5),
        "fit(validation_split=1.5) is not possible.",
        "'validation_split' as a number above 0 up to, not including, 1.",
        "pass for example validation_split=0.2.",
    ),
    "row 63": (
        split(-0.1),
        "fit(validation_split=-0.1) is not possible.",
        "'validation_split' as a number above 0 up to, not including, 1.",
        "pass for example validation_split=0.2.",
    ),
    "row 65": (
        lambda: check_one_validation(0.1, ([1], [1])),
        "validation_split=0.1 and validation_data were both given.",
        "one of them.",
        "leave validation_split out to validate on validation_data.",
    ),
    "no size": (
        lambda: split_dataset([[1, 2]]),
        "split_dataset received neither left_size nor right_size.",
        "at least one of them.",
        "pass for example left_size=0.8.",
    ),
    "sizes beyond the data": (
        lambda: split_dataset(table(10), 0.5, 0.8),
        "split_dataset cannot take 5 and 8 of 10 samples.",
        "two parts of at least one sample that fit into the data.",
        "leave one of the sizes out: it then takes the rest.",
    ),
    "row 68": (
        lambda: StreamBatches([GOOD], steps_per_epoch=0),
        "fit(steps_per_epoch=0) is not possible.",
        "'steps_per_epoch' as a whole number of at least 1.",
        "pass for example steps_per_epoch=1.",
    ),
    "row 69, cycle": (
        lambda: StreamBatches(itertools.cycle([GOOD])),
        "x (cycle) never ends, and steps_per_epoch is missing.",
        "the number of batches that make an epoch.",
        "pass for example steps_per_epoch=100.",
    ),
    "row 69, PyDataset": (
        lambda: StreamBatches(Endless()),
        "x (Endless) never ends, and steps_per_epoch is missing.",
        "the number of batches that make an epoch.",
        "pass for example steps_per_epoch=100.",
    ),
    "y beside a stream": (
        lambda: refuse_companions(iter([]), y=[1]),
        "y was given beside x of type list_iterator.",
        "y as a part of each batch that x yields.",
        "let x yield (x, y) or (x, y, sample_weight), and leave y out.",
    ),
    "a share of a stream": (
        lambda: refuse_companions(iter([]), validation_split=0.1),
        "validation_split cannot be taken from x of type list_iterator.",
        "arrays, whose rows can be divided.",
        "pass validation_data, or divide first with keras.utils.split_dataset.",
    ),
    "text to fill up with": (
        lambda: pad_sequences([[1]], value="a"),
        "pad_sequences(value='a') does not fit dtype int32.",
        "a number.",
        "pass dtype=object for text of any length.",
    ),
    "no window fits": (
        lambda: timeseries_dataset_from_array([1, 2, 3], None, 4),
        "no window of 4 steps, 1 apart, fits into 3 steps.",
        "a series that is longer than a window, and a target for its start.",
        "pass a smaller sequence_length or sampling_rate.",
    ),
}

TYPES = {
    "row 14, None": (
        lambda: to_arrays(None),
        "x is None.",
        "an array, a tensor, a list of numbers or a data frame.",
        "pass the data as x; a function that prepares it may lack its return.",
    ),
    "row 25, sparse": (
        lambda: to_arrays(scipy.sparse.csr_matrix(np.eye(2))),
        "x is a sparse matrix.",
        "a dense array.",
        "use x.toarray().",
    ),
    "row 25, sparse tensor": (
        lambda: to_arrays(torch.eye(2).to_sparse()),
        "x is a sparse matrix.",
        "a dense array.",
        "use x.to_dense().",
    ),
    "row 28, Dataset": (
        lambda: to_arrays(TensorDataset(torch.ones(3)), table(3)),
        "x is of type TensorDataset, which is no array.",
        "an array, a tensor, a list of numbers or a data frame.",
        "a data set, a generator or a DataLoader is passed alone, as in model.fit(dataset).",
    ),
    "row 28, list of Datasets": (
        lambda: to_arrays([TensorDataset(torch.ones(3))]),
        "x[0] is of type TensorDataset, which is no array.",
        "an array, a tensor, a list of numbers or a data frame.",
        "a data set, a generator or a DataLoader is passed alone, as in model.fit(dataset).",
    ),
    "row 54, text as key": (
        by_class({"0": 1}),
        "class_weight has the key '0'.",
        "class numbers, as in y: 0, 1, 2 ...",
        "use the number of the class, for example class_weight={0: 1.0, 1: 5.0}.",
    ),
    "row 54, no dict": (
        by_class([1, 2]),
        "class_weight is [1, 2].",
        "a dict from class numbers to weights.",
        "pass for example class_weight={0: 1.0, 1: 5.0}.",
    ),
    "row 67, validation_data": (
        lambda: unpack_validation(table(2)),
        "validation_data is of type ndarray.",
        "(x, y) or (x, y, sample_weight), or a data set that yields batches.",
        "pass validation_data=(x_val, y_val).",
    ),
    "nothing to split": (
        lambda: split_dataset(5, 0.5),
        "split_dataset received an object of type int.",
        "an array, a list of arrays, or a torch Dataset with a length.",
        "collect an endless or unsized data set into arrays first.",
    ),
    "no sequences": (
        lambda: pad_sequences(iter([])),
        "pad_sequences received an object of type list_iterator.",
        "a list of sequences.",
        "collect them first: list(sequences).",
    ),
    "no sequence": (
        lambda: pad_sequences([1, 2]),
        "sequences[0] is 1, which is no sequence.",
        "a list of sequences.",
        "for one sequence alone pass [sequence].",
    ),
}

STREAMS = {
    "row 31, None": (
        read(yielding(GOOD, None), needs_y=True),
        "batch 1 of x is None.",
        "(x, y) or (x, y, sample_weight).",
        "let the source yield such a tuple; several inputs go into a list: ([a, b], y).",
    ),
    "row 31, 1-tuple": (
        read(yielding(GOOD, (1,)), needs_y=True),
        "batch 1 of x is a tuple of 1.",
        "(x, y) or (x, y, sample_weight).",
        "let the source yield such a tuple; several inputs go into a list: ([a, b], y).",
    ),
    "row 31, 4-tuple": (
        read(yielding(GOOD, (1, 2, 3, 4))),
        "batch 1 of x is a tuple of 4.",
        "x, (x, y) or (x, y, weight).",
        "let the source yield such a tuple; several inputs go into a list: ([a, b], y).",
    ),
    "row 31, array alone": (
        read(yielding(table(2, 1)), needs_y=True),
        "batch 0 of x is of type ndarray.",
        "(x, y) or (x, y, sample_weight).",
        "let the source yield such a tuple; several inputs go into a list: ([a, b], y).",
    ),
    "row 31, changes shape": (
        read(yielding(GOOD, ([[1.0, 2.0]], [0]))),
        "batch 1 of x has samples of shape (2,), (), batch 0 had (1,), ().",
        "batches that differ in their number of samples only.",
        "bring all samples to one shape, for example with pad_sequences or Resizing.",
    ),
    "row 31, ends early": (
        read(yielding(GOOD, GOOD, GOOD), steps_per_epoch=2),
        "x (generator) ended after 1 of 2 batches of epoch 2.",
        "batches for every step of every epoch.",
        "pass a list of batches, a DataLoader or a PyDataset, which can start again. "
        "An endless generator (while True) needs steps_per_epoch.",
    ),
    "yields nothing": (
        read(list, steps_per_epoch=2),
        "x (list) yielded no batches.",
        "batches for every step of every epoch.",
        "pass a list of batches, a DataLoader or a PyDataset, which can start again.",
    ),
    "used up": (
        read(yielding(GOOD)),
        "x (generator) has ended in an earlier epoch.",
        "batches for every step of every epoch.",
        "pass a list of batches, a DataLoader or a PyDataset, which can start again. "
        "An endless generator (while True) needs steps_per_epoch.",
    ),
    "more epochs than passes": (
        lambda: StreamBatches(iter([GOOD])).check_epochs(3),
        "x (list_iterator) can be gone through once, but 3 epochs were asked for.",
        "batches for every step of every epoch.",
        "pass a list of batches, a DataLoader or a PyDataset, which can start again. "
        "An endless generator (while True) needs steps_per_epoch.",
    ),
    "NaN in a batch": (
        read(yielding(GOOD, ([[np.nan]], [0]))),
        "x in batch 1 has 1 NaN (first at row 0, column 0).",
        "finite numbers.",
        'drop those rows or fill in numbers, for example with np.nan_to_num; nan="allow" goes on.',
    ),
    "a long tuple": (
        lambda: unpack_x_y_sample_weight((1, 2, 3, 4)),
        "a batch is a tuple of 4.",
        "(x,), (x, y) or (x, y, sample_weight).",
        "put several inputs into a list or dict of their own: ([a, b], y).",
    ),
    "row 64": (
        split(0.999),
        "validation_split=0.999 leaves no training samples: x has 10.",
        "at least one sample in each part.",
        "pass more data, or another share such as validation_split=0.2.",
    ),
    "arrays of different lengths": (
        lambda: split_dataset((table(3), table(2)), 0.5),
        "the arrays of dataset have 3, 2 samples.",
        "the same number in each.",
        "check that all come from the same rows.",
    ),
    "elements of different shapes": (
        lambda: pad_sequences([[[1, 2]], [[1, 2, 3]]]),
        "sequences[1] has elements of shape (3,), others of (2,).",
        "elements of one shape.",
        "bring the elements to one shape first.",
    ),
}

STATES = {
    "PyDataset without length": (
        lambda: Unsized().num_batches,
        "Unsized does not say how many batches it has.",
        "a __len__ method, or a num_batches property (None for endless data).",
        "add def __len__(self): return the number of batches.",
    ),
    "PyDataset without batches": (
        lambda: Unfinished()[0],
        "Unfinished has no __getitem__.",
        "a subclass of PyDataset that defines it.",
        "add def __getitem__(self, index): return x_batch, y_batch.",
    ),
}


def cases(*tables):
    return pytest.mark.parametrize(
        ("act", "problem", "expected", "fix"),
        [case for table in tables for case in table.values()],
        ids=[name for table in tables for name in table],
    )


def full(problem, expected, fix):
    return "^" + re.escape(f"{problem}\n  expected: {expected}\n  fix: {fix}") + "$"


@cases(SHAPES, VALUES, NAMES, WEIGHTS, STREAMS)
def test_data_that_cannot_be_used_is_refused(act, problem, expected, fix):
    with pytest.raises(DataError, match=full(problem, expected, fix)):
        act()


@cases(ARGUMENTS)
def test_arguments_that_cannot_be_used_are_refused(act, problem, expected, fix):
    with pytest.raises(ArgumentError, match=full(problem, expected, fix)):
        act()


@cases(TYPES)
def test_objects_that_are_no_data_are_refused(act, problem, expected, fix):
    with pytest.raises(ArgumentTypeError, match=full(problem, expected, fix)):
        act()


@cases(STATES)
def test_unfinished_data_sets_are_refused(act, problem, expected, fix):
    with pytest.raises(StateError, match=full(problem, expected, fix)):
        act()


LONG = "a" * 500


@pytest.mark.parametrize(
    "act",
    [
        lambda: to_arrays({LONG: [1]}, input_names=["left"]),
        lambda: to_arrays({LONG: [1]}, input_names=["left", "right"]),
        lambda: to_arrays([[LONG]]),
        lambda: to_arrays(np.array([[LONG]], dtype=object)),
        lambda: to_arrays(pd.DataFrame({LONG: ["b" * 500]})),
        lambda: to_arrays(pd.DataFrame({LONG: [np.nan]})),
        lambda: to_arrays(np.zeros(2, [(LONG, "f4")])),
        lambda: read(yielding(LONG), needs_y=True)(),
    ],
)
def test_first_lines_stay_short_whatever_is_shown(act):
    with pytest.raises(DataError, match=r"^.{1,200}\n  expected: "):
        act()
