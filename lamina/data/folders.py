"""Turns a folder with one folder a class into a dataset of pictures and labels."""

import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lamina.core import checks, kinds, randomness
from lamina.core.errors import ArgumentError, DataError, LoadError
from lamina.core.names import shown
from lamina.data.image_folder import WORKERS, ImageFolder, PictureForm
from lamina.data.picture_index import PictureIndex, index_classes, index_pictures
from lamina.data.resizing import INTERPOLATIONS
from lamina.files.pictures import CHANNELS, read_picture

_OWNER = "image_dataset_from_directory"


def image_dataset_from_directory(
    directory: str | os.PathLike,
    labels: str | Sequence[int] | None = "inferred",
    label_mode: str | None = "int",
    class_names: Sequence[str] | None = None,
    color_mode: str = "rgb",
    batch_size: int | None = 32,
    image_size: int | tuple[int, int] = (256, 256),
    shuffle: bool = True,
    seed: int | None = None,
    validation_split: float | None = None,
    subset: str | None = None,
    interpolation: str = "bilinear",
    follow_links: bool = False,
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
    data_format: str | None = None,
    format: str | None = None,
    verbose: bool = True,
    on_bad_file: str = "error",
) -> ImageFolder | tuple[ImageFolder, ImageFolder]:
    """Makes a dataset of the pictures in a folder, one class for each folder inside it.

    Pictures are turned upright by their EXIF orientation, converted to `color_mode` and resized
    as Keras resizes them (without antialiasing). For one seed, the split into training and
    validation part has the same files as in Keras.

    Args:
        directory: The folder that holds one folder a class.
        labels: "inferred" from the folders, `None`, or a number a picture in sorted order.
        label_mode: "int", "categorical" (one-hot), "binary" or `None`.
        class_names: Class folders to use, in this order. All, sorted, when `None`.
        color_mode: "grayscale", "rgb" or "rgba".
        batch_size: Pictures a batch. `None` yields single pictures.
        image_size: Height and width of all pictures.
        shuffle: Whether each pass has its own order. Otherwise sorted order.
        seed: Seed of the orders and of the split.
        validation_split: Share of the pictures kept for validation.
        subset: "training", "validation" or "both"; needed with `validation_split`.
        interpolation: "bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5",
            "gaussian" or "mitchellcubic".
        follow_links: Whether links are followed out of the folder.
        crop_to_aspect_ratio: Whether to crop the centre instead of distorting.
        pad_to_aspect_ratio: Whether to add black borders instead of distorting.
        data_format: Only "channels_last" (also when `None`).
        format: Accepted for Keras programs ("tf", "grain"); the result is the same.
        verbose: Whether to print how many files and classes were found.
        on_bad_file: "error" names the first damaged picture when it is reached; "skip" decodes
            every picture once beforehand, leaves the damaged ones out and prints their number.

    Returns:
        An `ImageFolder`, or a training and a validation one for `subset="both"`.

    Raises:
        ArgumentError: An argument is not possible, or two of them do not fit.
        DataError: The folder is missing, empty or has one class only.
    """
    checks.choice(_OWNER, "label_mode", label_mode, ("int", "categorical", "binary", None))
    checks.choice(_OWNER, "subset", subset, ("training", "validation", "both", None))
    checks.choice(_OWNER, "data_format", data_format, ("channels_last", None))
    checks.choice(_OWNER, "format", format, ("tf", "grain", None))
    checks.choice(_OWNER, "on_bad_file", on_bad_file, ("error", "skip"))
    form = PictureForm(
        checks.sizes(_OWNER, "image_size", image_size, 2),
        checks.choice(_OWNER, "color_mode", color_mode, tuple(CHANNELS)),
        checks.choice(_OWNER, "interpolation", interpolation, INTERPOLATIONS),
        _fit(crop_to_aspect_ratio, pad_to_aspect_ratio),
    )
    if batch_size is not None:
        batch_size = checks.positive_int(_OWNER, "batch_size", batch_size)
    shuffle = checks.boolean(_OWNER, "shuffle", shuffle)
    seed = _checked_seed(seed, validation_split, subset, shuffle)
    say = sys.stdout.write if verbose else _silent

    index, coded = _labelled_index(directory, labels, label_mode, class_names, follow_links)
    if on_bad_file == "skip":
        coded = _without_bad_files(index, coded, form, say)
    _announce(index, coded, say)
    order = _first_order(len(index.paths), seed, shuffle)

    def part(places: np.ndarray, shuffled: bool) -> ImageFolder:
        return ImageFolder(
            [index.paths[place] for place in places],
            None if coded is None else coded[torch.from_numpy(places)],
            None if coded is None else index.class_names,
            form=form,
            batch_size=batch_size,
            shuffle=shuffled,
            seed=seed,
        )

    if subset is None or validation_split is None:
        return part(order, shuffle)
    training, validation = _divided(order, validation_split, str(directory))
    if subset != "validation":
        say(f"Using {len(training)} files for training.\n")
    if subset != "training":
        say(f"Using {len(validation)} files for validation.\n")
    if subset == "both":
        return part(training, shuffle), part(validation, False)
    return part(training if subset == "training" else validation, shuffle)


def _silent(text: str) -> None:
    """Takes the place of printing."""


def _fit(crop: bool, pad: bool) -> str:
    if crop and pad:
        raise ArgumentError(
            f"{_OWNER}(crop_to_aspect_ratio=True, pad_to_aspect_ratio=True) is not possible.",
            expected="at most one of the two.",
            fix="leave one of them out.",
        )
    return "crop" if crop else "pad" if pad else "stretch"


def _checked_seed(
    seed: int | None, validation_split: float | None, subset: str | None, shuffle: bool
) -> int:
    if validation_split is not None and validation_split != 0:
        checks.number(
            _OWNER, "validation_split", validation_split,
            low=0.0, high=1.0, open_low=True, open_high=True, example=0.2,
        )  # fmt: skip
    if bool(validation_split) != (subset is not None):
        raise ArgumentError(
            f"{_OWNER}(validation_split={validation_split}, subset={subset!r}) is not possible.",
            expected="both of them or none.",
            fix='pass for example validation_split=0.2, subset="both", seed=1.',
        )
    if seed is not None:
        return checks.whole(_OWNER, "seed", seed, high=2**32 - 1)
    if validation_split and shuffle:
        raise ArgumentError(
            f"{_OWNER}(validation_split={validation_split}, seed=None) is not possible.",
            expected="a seed, so that the two parts do not overlap.",
            fix="pass for example seed=1, the same for both parts.",
        )
    return randomness.next_seed() % 2**32


def _labelled_index(
    directory: str | os.PathLike,
    labels: str | Sequence[int] | None,
    label_mode: str | None,
    class_names: Sequence[str] | None,
    follow_links: bool,
) -> tuple[PictureIndex, Tensor | None]:
    folder = kinds.path(_OWNER, "directory", directory, "pictures")
    given = labels if isinstance(labels, (list, tuple)) else None
    is_word = labels is None or (isinstance(labels, str) and labels == "inferred")
    if given is None and not is_word:
        raise checks.refuse(
            _OWNER, "labels", labels,
            expected='"inferred", None, or a list with one whole number a picture.',
            fix='pass labels="inferred".',
        )  # fmt: skip
    if class_names is not None and not isinstance(class_names, (list, tuple)):
        raise checks.refuse(
            _OWNER, "class_names", class_names,
            expected="'class_names' as a list of names of folders.",
            fix='pass for example class_names=["cat", "dog"].',
        )  # fmt: skip
    if class_names is not None and labels != "inferred":
        raise ArgumentError(
            f"{_OWNER}(class_names={shown(list(class_names))}) needs inferred labels.",
            expected='class_names only together with labels="inferred".',
            fix="leave class_names out.",
        )
    if labels != "inferred":
        index = index_pictures(folder, follow_links=follow_links)
        if given is None or label_mode is None:
            return index, None
        index.classes = _checked_labels(given, len(index.paths), folder)
        index.class_names = [str(label) for label in sorted(set(index.classes))]
    else:
        names = None if class_names is None else list(class_names)
        index = index_classes(folder, names, follow_links=follow_links)
        if label_mode is None:
            return index, None
    return index, _coded(index, label_mode)


def _checked_labels(labels: Sequence[int], count: int, folder: str) -> list[int]:
    if len(labels) != count:
        raise DataError(
            f"there are {len(labels)} labels for {count} pictures in {shown(folder)}.",
            expected="one label a picture, in the sorted order of their paths.",
            fix='pass labels="inferred" to take them from the folders.',
        )
    wrong = next((i for i, value in enumerate(labels) if not checks.is_whole(value)), None)
    if wrong is not None:
        raise DataError(
            f"labels[{wrong}] is {shown(labels[wrong])}.",
            expected="whole numbers.",
            fix="number the classes from 0.",
        )
    return [int(value) for value in labels]


def _coded(index: PictureIndex, label_mode: str) -> Tensor:
    classes, count = torch.tensor(index.classes), len(index.class_names)
    if label_mode == "binary" and count != 2:
        raise checks.refuse(
            _OWNER, "label_mode", label_mode,
            expected=f"exactly 2 classes; there are {count}: {shown(index.class_names, 120)}.",
            fix='pass label_mode="int".',
        )  # fmt: skip
    if label_mode == "binary":
        return classes.float()[:, None]
    if label_mode == "int":
        return classes.int()
    if not 0 <= int(classes.min()) <= int(classes.max()) < count:
        raise DataError(
            f"the labels {shown(sorted(set(index.classes)))} cannot be coded as {count} columns.",
            expected=f"every number from 0 to {count - 1}.",
            fix="number the classes from 0 without gaps.",
        )
    return torch.nn.functional.one_hot(classes, count).float()


def _without_bad_files(
    index: PictureIndex, coded: Tensor | None, form: PictureForm, say: Callable[[str], Any]
) -> Tensor | None:
    def problem(path: str) -> str | None:
        try:
            read_picture(path, color_mode=form.color_mode)
        except LoadError as error:
            return error.problem
        return None

    with ThreadPoolExecutor(WORKERS) as pool:
        problems = list(pool.map(problem, index.paths))
    good = [place for place, text in enumerate(problems) if text is None]
    bad = [text for text in problems if text is not None]
    if not good:
        raise DataError(
            f"none of the {len(problems)} pictures can be read; the first: {bad[0]}"[:200],
            expected="complete PNG, JPEG, BMP or GIF files.",
            fix="check how the folder was copied.",
        )
    if bad:
        say(f"Left out {len(bad)} damaged pictures; the first: {bad[0]}\n")
    index.paths = [index.paths[place] for place in good]
    return None if coded is None else coded[good]


def _announce(index: PictureIndex, coded: Tensor | None, say: Callable[[str], Any]) -> None:
    classes = "" if coded is None else f" belonging to {len(index.class_names)} classes"
    say(f"Found {len(index.paths)} files{classes}.\n")
    if index.skipped:
        say(f"Skipped {len(index.skipped)} files that are no pictures or are hidden; "
            f"the first: {index.skipped[0]}\n")  # fmt: skip
    moving = sum(path.lower().endswith(".gif") for path in index.paths)
    if moving:
        say(f"Of {moving} GIF files, the first frame is used.\n")


def _first_order(count: int, seed: int, shuffle: bool) -> np.ndarray:
    """Keras's order before the split, so that both parts hold the same files as there."""
    order = np.arange(count)
    if shuffle:
        np.random.RandomState(seed).shuffle(order)
    return order


def _divided(order: np.ndarray, share: float, directory: str) -> tuple[np.ndarray, np.ndarray]:
    count = int(share * len(order))
    if count == 0 or count == len(order):
        raise DataError(
            f"validation_split={share} of the {len(order)} pictures in {shown(directory)} leaves "
            f"the {'validation' if count == 0 else 'training'} part empty.",
            expected="at least one picture in each part.",
            fix="pass another validation_split.",
        )
    return order[:-count], order[-count:]
