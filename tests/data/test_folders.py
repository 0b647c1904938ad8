"""image_dataset_from_directory: order, labels, split, damaged files, bad arguments."""

import os
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from lamina.core.errors import ArgumentError, DataError, LoadError
from lamina.data.folders import image_dataset_from_directory

CIFAR = Path(
    os.environ.get("LAMINA_CIFAR10_IMAGES")
    or Path(__file__).parents[2].parent / "shared" / "data" / "cifar10-images.zip"
)


def picture(path, value, size=(4, 3)):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (value, value, value)).save(path)


@pytest.fixture
def folder(tmp_path):
    """Two classes: b with pictures 0 to 5, é with pictures 10 to 13; each is one grey value."""
    root = tmp_path / "data set.v1"
    for number in range(6):
        picture(root / "b" / f"{number}.png", number)
    for number in range(10, 14):
        picture(root / "é" / f"{number}.png", number)
    return root


def load(folder, **arguments):
    defaults = {"image_size": (3, 4), "verbose": False}
    return image_dataset_from_directory(folder, **(defaults | arguments))


def values(dataset):
    return [int(image[0, 0, 0]) for images, _ in dataset for image in images]


def test_batches_have_keras_shapes_and_dtypes(folder):
    dataset = load(folder, batch_size=4, shuffle=False)

    images, labels = next(iter(dataset))

    assert images.shape == (4, 3, 4, 3)
    assert images.dtype == torch.float32
    assert labels.dtype == torch.int32
    assert (len(dataset), dataset.num_examples) == (3, 10)
    assert dataset.class_names == ["b", "é"]


def test_without_shuffling_files_come_in_sorted_order(folder):
    dataset = load(folder, shuffle=False)

    assert values(dataset) == [0, 1, 2, 3, 4, 5, 10, 11, 12, 13]
    assert [Path(path).name for path in dataset.file_paths[5:7]] == ["5.png", "10.png"]


def test_labels_stay_with_their_pictures(folder):
    for_one_pass = [(int(x[0, 0, 0]) >= 10, int(y)) for xs, ys in load(folder, seed=3)
                    for x, y in zip(xs, ys, strict=True)]  # fmt: skip

    assert all(is_second == label for is_second, label in for_one_pass)


def test_each_pass_has_its_own_order_of_the_same_pictures(folder):
    dataset = load(folder, seed=1)

    first, second = values(dataset), values(dataset)

    assert first != second
    assert sorted(first) == sorted(second)


def test_the_order_is_a_function_of_seed_and_epoch(folder):
    dataset, again = load(folder, seed=1), load(folder, seed=1)
    passes = [values(dataset) for _ in range(3)]

    again.set_epoch(2)

    assert values(again) == passes[2]
    assert values(load(folder, seed=2)) != passes[0]


@pytest.mark.parametrize(
    ("mode", "shape", "dtype", "row"),
    [
        ("int", (10,), torch.int32, 1),
        ("binary", (10, 1), torch.float32, [1.0]),
        ("categorical", (10, 2), torch.float32, [0.0, 1.0]),
    ],
)
def test_label_modes(folder, mode, shape, dtype, row):
    _, labels = next(iter(load(folder, label_mode=mode, shuffle=False)))

    assert labels.shape == shape
    assert labels.dtype == dtype
    assert labels[9].tolist() == row


@pytest.mark.parametrize("arguments", [{"labels": None}, {"label_mode": None}])
def test_without_labels_only_pictures_are_given(folder, arguments):
    dataset = load(folder, shuffle=False, **arguments)

    assert next(iter(dataset)).shape == (10, 3, 4, 3)
    assert dataset.class_names is None


def test_labels_may_be_given(folder):
    dataset = load(folder, labels=[5, 5, 5, 5, 5, 5, 2, 2, 2, 7], shuffle=False)

    assert dataset.class_names == ["2", "5", "7"]
    assert next(iter(dataset))[1].tolist() == [5, 5, 5, 5, 5, 5, 2, 2, 2, 7]


def test_class_names_choose_and_order_the_classes(folder):
    picture(folder / "a" / "1.png", 1)

    dataset = load(folder, class_names=["é", "b"], shuffle=False)

    assert values(dataset)[:4] == [10, 11, 12, 13]
    assert dataset.num_examples == 10


def test_without_a_batch_size_single_pictures_are_given(folder):
    dataset = load(folder, batch_size=None, shuffle=False)

    image, label = next(iter(dataset))

    assert (image.shape, label.shape, len(dataset)) == ((3, 4, 3), (), 10)


@pytest.mark.parametrize(("color_mode", "channels"), [("grayscale", 1), ("rgb", 3), ("rgba", 4)])
def test_colour_modes(folder, color_mode, channels):
    images, _ = next(iter(load(folder, color_mode=color_mode)))

    assert images.shape[-1] == channels


def test_one_number_is_a_square_size(folder):
    assert next(iter(load(folder, image_size=5)))[0].shape[1:3] == (5, 5)


def test_aspect_ratio_is_kept_by_cropping_or_padding(tmp_path):
    for name in "ab":
        picture(tmp_path / name / "1.png", 200, size=(8, 4))
    padded = next(iter(load(tmp_path, image_size=(4, 4), pad_to_aspect_ratio=True)))[0]
    cropped = next(iter(load(tmp_path, image_size=(4, 4), crop_to_aspect_ratio=True)))[0]

    assert padded[0, :, 0, 0].tolist() == [0, 200, 200, 0]
    assert cropped.unique().tolist() == [200]


def test_the_split_has_the_files_of_keras(folder):
    paths = load(folder, shuffle=False).file_paths
    np.random.RandomState(7).shuffle(paths)  # what Keras does before it splits

    train, validation = load(folder, validation_split=0.3, subset="both", seed=7)

    assert train.file_paths == paths[:-3]
    assert validation.file_paths == paths[-3:]
    assert validation.shuffle is False


@pytest.mark.parametrize("subset", ["training", "validation"])
def test_one_part_equals_that_of_both(folder, subset):
    both = load(folder, validation_split=0.3, subset="both", seed=7)

    part = load(folder, validation_split=0.3, subset=subset, seed=7)

    assert part.file_paths == both[subset == "validation"].file_paths


def test_what_was_found_is_printed(folder, capsys):
    picture(folder / "b" / "m.gif", 9)
    (folder / "b" / "notes.txt").write_text("")
    (folder / "b" / ".hidden.png").write_text("")
    (folder / "b" / "Thumbs.db").write_text("")

    load(folder, verbose=True, validation_split=0.2, subset="both", seed=1)

    printed = capsys.readouterr().out
    assert printed.startswith("Found 11 files belonging to 2 classes.\nSkipped 3 files")
    assert printed.endswith(
        "Of 1 GIF files, the first frame is used.\n"
        "Using 9 files for training.\nUsing 2 files for validation.\n"
    )


@pytest.mark.parametrize("content", [b"", b"no picture", None])
def test_a_damaged_picture_is_an_error_that_names_it(folder, content):
    path = folder / "b" / "2.png"
    path.write_bytes(path.read_bytes()[:-30] if content is None else content)
    with pytest.raises(LoadError, match=re.escape(str(path)[-60:])):
        values(load(folder))


def test_damaged_pictures_are_left_out_on_request(folder, capsys):
    (folder / "b" / "2.png").write_bytes(b"")
    (folder / "b" / "4.png").write_bytes(b"x")

    dataset = load(folder, on_bad_file="skip", shuffle=False, verbose=True)

    assert values(dataset) == [0, 1, 3, 5, 10, 11, 12, 13]
    assert next(iter(dataset))[1].tolist() == [0] * 4 + [1] * 4
    assert capsys.readouterr().out.startswith("Left out 2 damaged pictures; the first: '")


def test_a_folder_of_damaged_pictures_only_is_an_error(tmp_path):
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.png").write_bytes(b"")
    with pytest.raises(DataError, match="none of the 2 pictures can be read; the first: "):
        load(tmp_path, on_bad_file="skip")


def test_pictures_in_deeper_folders_belong_to_their_class(folder):
    picture(folder / "b" / "deep" / "er" / "7.png", 7)

    assert values(load(folder, shuffle=False))[:7] == [0, 1, 2, 3, 4, 5, 7]


def test_links_out_of_the_folder_are_followed_on_request_only(folder, tmp_path):
    picture(tmp_path / "outside" / "9.png", 9)
    (folder / "b" / "link").symlink_to(tmp_path / "outside")
    (folder / "b" / "9.png").symlink_to(tmp_path / "outside" / "9.png")
    (folder / "b" / "8.png").symlink_to(folder / "b" / "1.png")

    assert load(folder).num_examples == 11
    assert load(folder, follow_links=True).num_examples == 13


def test_a_link_that_leads_back_ends(folder):
    (folder / "b" / "loop").symlink_to(folder)

    assert load(folder, follow_links=True).num_examples == 20 - 6


def test_a_class_folder_that_is_a_link_is_named(folder, tmp_path):
    picture(tmp_path / "outside" / "9.png", 9)
    (folder / "link").symlink_to(tmp_path / "outside")
    with pytest.raises(DataError, match=r"the class folder 'link' in .* is a link"):
        load(folder)

    assert load(folder, follow_links=True).class_names == ["b", "link", "é"]


def test_a_missing_folder_is_named(monkeypatch):
    monkeypatch.chdir("/")
    message = (
        "the folder 'none' does not exist.\n"
        "  expected: a folder of pictures.\n"
        "  fix: check the spelling; the current folder is '/'."
    )
    with pytest.raises(DataError, match=f"^{re.escape(message)}$"):
        load("none")


def test_folders_without_pictures_are_named(tmp_path, folder):
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match=r"empty' holds no class folders or pictures\."):
        load(tmp_path / "empty")
    with pytest.raises(DataError, match=r"empty' holds no class folders or pictures\."):
        load(tmp_path / "empty", labels=None)
    with pytest.raises(DataError, match="is a file"):
        load(folder / "b" / "1.png")


def test_one_class_is_refused(folder):
    with pytest.raises(DataError, match="has one class only: 'b'"):
        load(folder, class_names=["b"])
    with pytest.raises(DataError, match="has one class only"):
        load(folder.parent)


def test_a_class_without_pictures_is_named(folder):
    (folder / "c").mkdir()
    with pytest.raises(DataError, match=r"/c' holds no picture\."):
        load(folder)


def test_an_unknown_or_doubled_class_is_named(folder):
    with pytest.raises(DataError, match="has no class folder 'cat'"):
        load(folder, class_names=["b", "cat"])
    with pytest.raises(DataError, match="class_names names a class folder twice"):
        load(folder, class_names=["b", "b"])


@pytest.mark.parametrize(
    ("labels", "reason"),
    [
        ([1, 2], "there are 2 labels for 10 pictures"),
        (["a"] * 10, r"labels\[0\] is 'a'"),
        ([0.5] * 10, r"labels\[0\] is 0\.5"),
    ],
)
def test_labels_that_do_not_fit_are_refused(folder, labels, reason):
    with pytest.raises(DataError, match=reason):
        load(folder, labels=labels)


def test_labels_with_gaps_have_no_one_hot_form(folder):
    with pytest.raises(DataError, match=r"the labels \[0, 5\] cannot be coded as 2 columns"):
        load(folder, labels=[0, 5] * 5, label_mode="categorical")


@pytest.mark.parametrize(
    "arguments",
    [
        {"labels": "yes"},
        {"labels": None, "class_names": ["b"]},
        {"label_mode": "sparse"},
        {"color_mode": "bgr"},
        {"batch_size": 0},
        {"batch_size": "32"},
        {"image_size": (0, 0)},
        {"image_size": "64"},
        {"image_size": (64,)},
        {"shuffle": "yes"},
        {"seed": -1},
        {"seed": 2**32},
        {"validation_split": 1.5, "subset": "both", "seed": 1},
        {"validation_split": -0.1, "subset": "both", "seed": 1},
        {"validation_split": 0.2},
        {"subset": "training"},
        {"validation_split": 0.2, "subset": "test", "seed": 1},
        {"validation_split": 0.2, "subset": "both"},
        {"interpolation": "magic"},
        {"crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True},
        {"data_format": "channels_first"},
        {"on_bad_file": "ignore"},
    ],
)
def test_impossible_arguments_are_refused(folder, arguments):
    with pytest.raises(ArgumentError, match=r"^image_dataset_from_directory\("):
        load(folder, **arguments)


def test_binary_labels_need_two_classes(folder):
    picture(folder / "c" / "1.png", 1)
    with pytest.raises(ArgumentError, match="exactly 2 classes; there are 3"):
        load(folder, label_mode="binary")


@pytest.mark.parametrize("share", [0.01, 0.05])
def test_a_split_without_validation_pictures_is_refused(folder, share):
    with pytest.raises(DataError, match="leaves the validation part empty"):
        load(folder, validation_split=share, subset="both", seed=1)


def test_a_reader_that_stops_early_leaves_no_thread(folder):
    for _ in load(folder, batch_size=1):
        break


@pytest.mark.skipif(not CIFAR.exists(), reason="the pictures of CIFAR-10 are not here")
def test_real_pictures_are_read(tmp_path):
    with zipfile.ZipFile(CIFAR) as archive:
        names = [name for name in archive.namelist() if re.search(r"^test/(cat|dog)/000", name)]
        archive.extractall(tmp_path, names)

    images, labels = next(iter(load(tmp_path / "test", image_size=(32, 32))))

    assert images.shape == (20, 32, 32, 3)
    assert 60 < images.mean() < 200
    assert sorted(labels.tolist()) == [0] * 10 + [1] * 10
