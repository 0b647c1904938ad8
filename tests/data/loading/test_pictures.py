"""Pictures of folders and archives: order, classes, parts, sizes, modes, broken files."""

import os
import re

import numpy as np
import pytest
from PIL import Image

from lamina.core.errors import ArgumentError, DataError, LoadError
from lamina.data import load
from tests.data.loading.picture_sources import (
    classes,
    encoded,
    values,
    write_folder,
    write_source,
    write_zip,
)

FORMS = ["folder", "zip", "tar", "tar.gz"]
PARTS = {
    **classes({"b": 3, "a": 2}, "train/", start=0),
    **classes({"a": 1}, "valid/", start=10),
    **classes({"a": 1, "b": 1}, "test/", start=20),
}


@pytest.mark.parametrize("form", FORMS)
def test_folder_zip_and_tar_give_the_same(form, tmp_path):
    dataset = load(write_source(form, tmp_path, PARTS))

    assert dataset.schema.class_names == ("a", "b")
    assert dataset.train.ids == [
        "train/a/0.png", "train/a/1.png", "train/b/0.png", "train/b/1.png", "train/b/2.png",
    ]  # fmt: skip
    assert values(dataset.train) == [3, 4, 0, 1, 2]
    assert dataset.train.y.tolist() == [0, 0, 1, 1, 1]
    assert dataset.train.y.dtype == np.int64
    assert values(dataset.validation) == [10]
    assert values(dataset.test) == [20, 21]
    assert dataset.name == "source"


def test_fingerprint_does_not_depend_on_how_files_are_packed(tmp_path):
    found = {load(write_source(form, tmp_path, PARTS)).fingerprint for form in FORMS}

    assert len(found) == 1


@pytest.mark.parametrize(
    "changed",
    [
        {**PARTS, "train/a/0.png": encoded(99)},
        {name: data for name, data in PARTS.items() if name != "test/b/0.png"},
        {name.replace("/b/", "/c/"): data for name, data in PARTS.items()},
        {name.replace("valid/", "train/z"): data for name, data in PARTS.items()}
        | {"train/za/1.png": encoded(98)},
    ],
    ids=["a pixel", "a picture less", "a name of a class", "another part"],
)
def test_fingerprint_changes_with_the_content(changed, tmp_path):
    first = load(write_folder(tmp_path / "one", PARTS))
    second = load(write_folder(tmp_path / "two", changed))

    assert first.fingerprint != second.fingerprint


def test_schema_tells_how_a_picture_is_read(tmp_path):
    schema = load(write_folder(tmp_path, PARTS)).schema

    assert schema.form == "pictures"
    assert schema.task == "classification"
    assert (schema.picture_size, schema.color_mode) == ((4, 5), "rgb")
    assert schema.input_shape == (4, 5, 3)
    assert schema.value_range == (0, 255)


@pytest.mark.parametrize("form", FORMS)
def test_a_single_top_folder_is_passed_through(form, tmp_path):
    files = {f"cats and dogs/v1/{name}": data for name, data in PARTS.items()}
    dataset = load(write_source(form, tmp_path, files))

    assert dataset.schema.class_names == ("a", "b")
    assert dataset.test.ids == [
        "cats and dogs/v1/test/a/0.png",
        "cats and dogs/v1/test/b/0.png",
    ]


def test_system_files_and_files_outside_are_left_out_and_counted(tmp_path):
    extra = {
        "__MACOSX/a/._0.png": b"x",
        "a/.DS_Store": b"x",
        "b/Thumbs.db": b"x",
        "readme.txt": b"x",
        "cover.png": encoded(200),
    }
    dataset = load(write_zip(tmp_path / "s.zip", classes({"a": 5, "b": 5}) | extra))

    assert dataset.train.num_examples + dataset.test.num_examples == 10
    assert "left out 3 hidden or system files" in dataset.notes
    assert "left out 1 other files outside of the class folders ('readme.txt' ...)" in dataset.notes
    assert "left out 1 pictures outside of the class folders ('cover.png' ...)" in dataset.notes


def test_names_of_classes_may_be_strange(tmp_path):
    names = ["é", "Cat", "cat", "two words", "v1.0", "a,b"]
    dataset = load(write_folder(tmp_path, classes(dict.fromkeys(names, 2))))

    assert dataset.schema.class_names == ("Cat", "a,b", "cat", "two words", "v1.0", "é")


def test_pictures_of_all_kinds_of_files_are_read(tmp_path):
    files = classes({"a": 3, "b": 3})
    kinds = {"jpg": "JPEG", "jpeg": "JPEG", "bmp": "BMP", "gif": "GIF", "JPG": "JPEG"}
    files |= {f"a/{end}.{end}": encoded(60, form=form) for end, form in kinds.items()}
    dataset = load(write_folder(tmp_path, files))

    assert dataset.train.num_examples + dataset.test.num_examples == 11


# -- division ----------------------------------------------------------------------------------


def test_test_part_has_its_share_of_each_class(tmp_path):
    dataset = load(write_folder(tmp_path, classes({"a": 20, "b": 10})), test_share=0.2)

    assert np.bincount(dataset.test.y).tolist() == [4, 2]
    assert dataset.validation is None
    assert "a share of 0.2 of each class is kept for the test (seed 1)" in dataset.notes
    assert sorted(values(dataset.train) + values(dataset.test)) == list(range(30))
    assert sorted(dataset.train.ids) == list(dataset.train.ids)


def test_the_seed_decides_the_division(tmp_path):
    folder = write_folder(tmp_path, classes({"a": 20, "b": 20}))
    one, again, other = (load(folder, seed=seed).test.ids for seed in (1, 1, 2))

    assert one == again
    assert one != other


def test_a_validation_folder_stays_where_the_test_is_drawn(tmp_path):
    files = {name: data for name, data in PARTS.items() if not name.startswith("test/")}
    dataset = load(write_folder(tmp_path, files), test_share=0.4)

    assert values(dataset.validation) == [10]
    assert sorted(values(dataset.train) + values(dataset.test)) == [0, 1, 2, 3, 4]
    assert dataset.test.num_examples == 2


def test_equal_pictures_stay_on_one_side(tmp_path):
    files = {f"a/{n}.png": encoded(n // 4) for n in range(40)} | classes({"b": 4}, start=100)
    dataset = load(write_folder(tmp_path, files))

    assert set(values(dataset.train)) & set(values(dataset.test)) == set()
    assert dataset.test.num_examples > 0
    assert "30 pictures repeat others; equal ones stay in the same part" in dataset.notes


def test_a_picture_in_two_classes_stays_on_one_side(tmp_path):
    both = {f"{name}/{n}.png": encoded(n) for name in "ab" for n in range(20)}
    dataset = load(write_folder(tmp_path, both))

    assert set(values(dataset.train)) & set(values(dataset.test)) == set()
    assert dataset.test.num_examples > 0


def test_equal_pictures_of_given_parts_are_told(tmp_path):
    files = PARTS | {"test/a/copy.png": PARTS["train/a/0.png"]}

    notes = load(write_folder(tmp_path, files)).notes

    assert "1 pictures of the test part also stand in the training part" in notes


def test_a_class_without_a_test_picture_is_told(tmp_path):
    files = {name: data for name, data in PARTS.items() if name != "test/b/0.png"}

    assert "the test part has no picture of 'b'" in load(write_folder(tmp_path, files)).notes


# -- size and mode -----------------------------------------------------------------------------


def test_different_sizes_are_stretched_to_the_median(tmp_path):
    files = classes({"a": 3}, size=(30, 34)) | classes({"b": 4}, start=50, size=(100, 20))
    dataset = load(write_folder(tmp_path, files))

    # sides: 30 and 34 three times, 20 and 100 four times; the median of the 14 is 32
    assert dataset.schema.picture_size == (32, 32)
    assert dataset.notes[1] == (
        "pictures have different sizes (34 x 30, 20 x 100 ...); all are stretched to 32 x 32 "
        "(picture_size= changes it)"
    )


def test_large_pictures_are_shrunk_with_their_proportions(tmp_path):
    files = classes({"a": 2, "b": 2}, size=(448, 300), form="JPEG")
    files = {name.replace("png", "jpg"): data for name, data in files.items()}
    dataset = load(write_folder(tmp_path, files))

    assert dataset.schema.picture_size == (150, 224)
    assert "pictures of 300 x 448 are shrunk to 150 x 224" in dataset.notes[1]


def test_size_and_mode_can_be_chosen(tmp_path):
    folder = write_folder(tmp_path, PARTS)
    dataset = load(folder, picture_size=(2, 3), color_mode="grayscale")

    assert dataset.train.x.shape == (5, 2, 3, 1)
    assert dataset.train.x.dtype == np.uint8
    assert dataset.notes == ()


def test_resizing_averages(tmp_path):
    checks = np.indices((8, 8)).sum(0) % 2 * 200
    for name in ("train/a/0", "train/b/1", "test/a/2"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(checks.astype(np.uint8)).save(tmp_path / f"{name}.png")
    dataset = load(tmp_path, picture_size=2)

    assert np.abs(dataset.train.x.astype(int) - 100).max() <= 3


def test_grey_pictures_get_one_channel(tmp_path):
    dataset = load(write_folder(tmp_path, classes({"a": 3, "b": 3}, mode="L")))

    assert dataset.train.x.shape[1:] == (4, 5, 1)
    assert dataset.notes[0] == "pictures are grey, so they are read as one channel"


def test_one_coloured_picture_among_grey_ones_makes_all_coloured(tmp_path):
    files = classes({"a": 3, "b": 3}, mode="L") | {"b/colour.png": encoded(9)}

    assert load(write_folder(tmp_path, files)).schema.color_mode == "rgb"


def test_a_turned_picture_counts_as_it_is_seen(tmp_path):
    files = classes({"a": 3, "b": 3}, size=(5, 4))
    folder = write_folder(tmp_path, files)
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (4, 5)).save(folder / "a" / "turned.jpg", exif=exif)

    assert load(folder).schema.picture_size == (4, 5)


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_pictures_that_were_not_looked_at_first_can_change_the_choice(mode, tmp_path, monkeypatch):
    monkeypatch.setattr("lamina.data.loading.look.survey.__defaults__", (2,))
    files = classes({"a": 6}, mode="L") | {"a/zzz.png": encoded(9, mode=mode, size=(64, 64))}
    files |= classes({"b": 6}, start=50, mode="L")
    folder = write_folder(tmp_path, files)
    dataset = load(folder)

    assert dataset.schema.color_mode == {"L": "grayscale", "RGB": "rgb"}[mode]
    assert dataset.schema.picture_size == (8, 8)


# -- what is no picture ------------------------------------------------------------------------


def broken_folder(tmp_path):
    good = encoded(40, size=(40, 40), form="JPEG")
    extra = {"a/cut.jpg": good[: len(good) // 2], "b/empty.png": b"", "b/notes.txt": b"hello"}
    return write_folder(tmp_path / "s", classes({"a": 6, "b": 6}) | extra)


def test_broken_files_are_counted_and_named(tmp_path):
    folder = broken_folder(tmp_path)

    with pytest.raises(DataError, match="3 of 15 files") as caught:
        load(folder)

    assert caught.value.problem.startswith("3 of 15 files cannot be read as pictures: ")
    assert "cut.jpg" in caught.value.problem
    assert "b/empty.png': the file is empty." in caught.value.expected
    assert "b/notes.txt': the name does not end like a picture's." in caught.value.expected
    assert caught.value.fix == (
        'remove or mend the files, or pass on_bad_file="skip" to leave them out.'
    )


def test_broken_files_can_be_skipped(tmp_path):
    dataset = load(broken_folder(tmp_path), on_bad_file="skip")

    assert sorted(values(dataset.train) + values(dataset.test)) == list(range(12))
    assert any(note.startswith("skipped 3 files: ") for note in dataset.notes)
    ids = [int(name[2:-4]) + 6 * (name[0] == "b") for name in dataset.train.ids]
    assert ids == values(dataset.train)


def test_a_huge_picture_is_refused_before_it_is_decoded(tmp_path):
    header = encoded(1)[:16] + (50_000).to_bytes(4, "big") * 2 + encoded(1)[24:]
    folder = write_folder(tmp_path, classes({"a": 3, "b": 3}) | {"a/huge.png": header})

    with pytest.raises(DataError, match=r"1 of 7 files .*huge.png"):
        load(folder)


def test_a_class_that_is_all_broken_is_named(tmp_path):
    folder = write_folder(tmp_path, classes({"a": 3}) | {"b/0.png": b"x", "b/1.png": b"y"})

    with pytest.raises(DataError, match="the class 'b' has no picture left to learn from"):
        load(folder, on_bad_file="skip")


def test_nothing_but_broken_files_cannot_be_skipped(tmp_path):
    folder = write_folder(tmp_path, {"a/0.png": b"x", "b/1.png": b"y"})

    with pytest.raises(DataError, match="2 of 2 files cannot be read as pictures"):
        load(folder, on_bad_file="skip")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "holds no files"),
        ({"readme.txt": b"x"}, "holds 1 files, but no picture"),
        ({"1.png": encoded(1), "2.png": encoded(2)}, "holds 2 pictures, but no class folders"),
        (classes({"a": 4}), "has one class only: 'a'"),
        (classes({"a": 2, "b": 2}) | {"c/readme.txt": b""}, "class folder 'c' holds no picture"),
        (
            PARTS | {"test/c/1.png": encoded(5)},
            "the class 'c' of the test part is not a class of the training part",
        ),
        (classes({"a": 1, "b": 1}), "has 2 examples, too few to keep a share of 0.2"),
    ],
    ids=["empty", "no picture", "flat", "one class", "empty class", "strange class", "too few"],
)
def test_what_cannot_be_divided_into_classes_is_refused(files, message, tmp_path):
    tmp_path.joinpath("s").mkdir()

    with pytest.raises(DataError, match=message):
        load(write_folder(tmp_path / "s", files))


def test_both_lists_of_classes_are_named(tmp_path):
    folder = write_folder(tmp_path, PARTS | {"test/c/1.png": encoded(5)})
    message = (
        "the class 'c' of the test part is not a class of the training part.\n"
        "  expected: classes among 'a', 'b'; the test part has 'a', 'b', 'c'.\n"
        "  fix: rename the class folders so that they agree."
    )

    with pytest.raises(DataError, match=f"^{re.escape(message)}$"):
        load(folder)


@pytest.mark.parametrize("where", ["outside", "inside"])
def test_a_link_to_a_folder_is_refused(where, tmp_path):
    folder = write_folder(tmp_path / "s", classes({"a": 2, "b": 2}))
    other = write_folder(tmp_path / "other", {"1.png": encoded(1)})
    os.symlink(other if where == "outside" else folder / "a", folder / "c")

    with pytest.raises(DataError, match="is a link that is broken, leads to a folder or out of"):
        load(folder)


def test_a_link_to_a_file_inside_is_followed(tmp_path):
    folder = write_folder(tmp_path / "s", classes({"a": 5, "b": 5}))
    os.symlink(folder / "a" / "0.png", folder / "a" / "9.png")
    dataset = load(folder)

    assert dataset.train.num_examples + dataset.test.num_examples == 11


def test_a_damaged_archive_is_refused(tmp_path):
    path = write_zip(tmp_path / "s.zip", classes({"a": 3, "b": 3}))
    data = bytearray(path.read_bytes())
    data[60] ^= 1
    path.write_bytes(data)

    with pytest.raises(LoadError, match="checksum"):
        load(path)


@pytest.mark.parametrize("size", [0, (64,), "64", (0, 3), 30_000])
def test_impossible_picture_sizes_are_refused(size, tmp_path):
    with pytest.raises(ArgumentError, match=r"load\(picture_size="):
        load(tmp_path, picture_size=size)


def test_folders_below_the_class_folders_are_told(tmp_path):
    for name in ("cat/1.png", "cat/old/2.png", "dog/1.png", "dog/2.png"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        values = np.full((8, 8, 3), 20 * len(list(tmp_path.rglob("*"))), np.uint8)
        Image.fromarray(values).save(path)

    notes = load(tmp_path).notes

    assert (
        "pictures in a folder below the class folders belong to the class above ('cat/old')"
    ) in notes
