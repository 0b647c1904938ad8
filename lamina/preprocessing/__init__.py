"""keras.preprocessing: data sets from folders and arrays, and single pictures."""

from lamina.data import image_dataset_from_directory, pad_sequences, timeseries_dataset_from_array
from lamina.preprocessing import image, sequence

__all__ = [
    "image",
    "image_dataset_from_directory",
    "pad_sequences",
    "sequence",
    "timeseries_dataset_from_array",
]
