"""Sources of examples: arrays, folders of pictures, streams and public data sets."""

from typing import TYPE_CHECKING

from lamina.core.later import imported_later

if TYPE_CHECKING:
    from lamina.data.arrays import Arrays, Batch, to_arrays, unpack_validation
    from lamina.data.batches import ArrayBatches, take
    from lamina.data.dataset import Column, Dataset, Part, Schema
    from lamina.data.encoding import normalize, to_categorical
    from lamina.data.finite import check_finite
    from lamina.data.folders import image_dataset_from_directory
    from lamina.data.image_folder import ImageFolder
    from lamina.data.images import array_to_img, img_to_array, load_img, save_img, smart_resize
    from lamina.data.loading.entry import load, read
    from lamina.data.sequences import (
        PyDataset,
        pack_x_y_sample_weight,
        unpack_x_y_sample_weight,
    )
    from lamina.data.sources import is_stream
    from lamina.data.split import split_dataset, train_validation_split
    from lamina.data.streams import StreamBatches
    from lamina.data.timeseries import pad_sequences, timeseries_dataset_from_array
    from lamina.data.weights import class_sample_weight

_PLACES = {
    "lamina.data.arrays": "Arrays Batch to_arrays unpack_validation",
    "lamina.data.batches": "ArrayBatches take",
    "lamina.data.dataset": "Column Dataset Part Schema",
    "lamina.data.encoding": "normalize to_categorical",
    "lamina.data.finite": "check_finite",
    "lamina.data.folders": "image_dataset_from_directory",
    "lamina.data.image_folder": "ImageFolder",
    "lamina.data.images": "array_to_img img_to_array load_img save_img smart_resize",
    "lamina.data.loading.entry": "load read",
    "lamina.data.sequences": "PyDataset pack_x_y_sample_weight unpack_x_y_sample_weight",
    "lamina.data.sources": "is_stream",
    "lamina.data.split": "split_dataset train_validation_split",
    "lamina.data.streams": "StreamBatches",
    "lamina.data.timeseries": "pad_sequences timeseries_dataset_from_array",
    "lamina.data.weights": "class_sample_weight",
}

__getattr__ = imported_later(__name__, _PLACES)

__all__ = [
    "ArrayBatches",
    "Arrays",
    "Batch",
    "Column",
    "Dataset",
    "ImageFolder",
    "Part",
    "PyDataset",
    "Schema",
    "StreamBatches",
    "array_to_img",
    "check_finite",
    "class_sample_weight",
    "image_dataset_from_directory",
    "img_to_array",
    "is_stream",
    "load",
    "load_img",
    "normalize",
    "pack_x_y_sample_weight",
    "pad_sequences",
    "read",
    "save_img",
    "smart_resize",
    "split_dataset",
    "take",
    "timeseries_dataset_from_array",
    "to_arrays",
    "to_categorical",
    "train_validation_split",
    "unpack_validation",
    "unpack_x_y_sample_weight",
]
