"""The one way in: whatever a user names becomes a data set, or examples to be predicted."""

import os
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal

from lamina.core import checks
from lamina.core.errors import ArgumentError
from lamina.data.dataset import Dataset, Part, Schema
from lamina.data.loading.array_files import load_arrays
from lamina.data.loading.catalogue import load_public
from lamina.data.loading.decoded import PictureChoices
from lamina.data.loading.kinds import Kind, kind_of
from lamina.data.loading.listing import list_files, open_listing
from lamina.data.loading.pictures import load_pictures
from lamina.data.loading.pool import Say
from lamina.data.loading.unseen import read_array_source, read_pictures, read_public
from lamina.data.tables.loading import load_table
from lamina.data.tables.unseen import read_table
from lamina.files import limits
from lamina.files.opening import printable
from lamina.files.pictures import CHANNELS

_PICTURES = ("folder", "zip", "tar")


def load(
    source: str | os.PathLike,
    *,
    target: str | None = None,
    task: Literal["classification", "regression"] | None = None,
    kinds: Mapping[str, str] | None = None,
    picture_size: int | tuple[int, int] | None = None,
    color_mode: Literal["grayscale", "rgb", "rgba"] | None = None,
    test_share: float = 0.2,
    validation_share: float = 0.1,
    seed: int = 1,
    on_bad_file: Literal["error", "skip"] = "error",
    say: Say | None = None,
) -> Dataset:
    """Reads a source of labelled examples and divides it into a part to learn from and a test.

    A source is a name of the catalogue ("fashion-mnist"); a folder, zip or tar of pictures with
    one folder a class, with or without train/, val/ and test/ above them; a CSV, TSV, JSON-lines
    or Parquet table; an .npz file, 'x.npy,y.npy' or a folder with both; IDX files. Pictures are
    decoded once, by all cores, and kept in the cache below LAMINA_HOME.

    Args:
        source: What to read.
        target: The column to predict, for tables.
        task: What is predicted; found out when `None`.
        kinds: How columns of a table are read, by name; found out for the others.
        picture_size: Height and width of all pictures. When `None` their own if it is the same for
            all, otherwise the median side, at most 224.
        color_mode: Channels of all pictures. When `None` "grayscale" if all are grey, else "rgb".
        test_share: Share of each class for the test, where the source has no test part.
        validation_share: Share for validation, for tables; other sources leave it to `fit`.
        seed: The same seed divides in the same way. Sets of the catalogue are divided already.
        on_bad_file: "error", or "skip" to leave out files that are no pictures.
        say: Is told how it goes, line by line.

    Returns:
        The data set, with the schema by which `read` reads unseen examples.

    Raises:
        ArgumentError: An argument is not possible, or the source is nothing that can be read.
        DataError: Labels, columns or files cannot be used; the message names them.
        LoadError: A file is damaged or beyond a limit.
        StorageError: There is no such file, or a data set could not be fetched.

    Example:
        >>> load("digits").schema.input_shape
        (8, 8, 1)
    """
    say = say or _silent
    choices = _checked(picture_size, color_mode, on_bad_file)
    _check_division(task, test_share, validation_share, seed)
    kind = kind_of(source)
    if kind.note:
        say(kind.note)
    if kind.form == "table":
        return load_table(
            kind.paths[0],
            target=target,
            task=task,
            kinds=kinds,
            test_share=test_share,
            validation_share=validation_share,
            seed=seed,
        )
    _refuse_table_arguments(kind, target, kinds)
    if kind.form == "catalogue":
        return load_public(kind.paths[0])
    if kind.form in _PICTURES:
        _refuse_regression(kind, task)
        return load_pictures(
            kind.paths[0], kind.form, choices, test_share=test_share, seed=seed, say=say
        )
    if kind.form == "picture":
        raise ArgumentError(
            f"{printable(kind.paths[0], 120)} is a single picture, nothing to learn from.",
            expected="a folder or an archive with one folder of pictures a class.",
            fix="name the folder that holds the class folders.",
        )
    return load_arrays(kind, task=task, test_share=test_share, seed=seed)


def read(
    source: str | os.PathLike | Sequence[str | os.PathLike],
    schema: Schema,
    *,
    labelled: bool | None = None,
    on_bad_file: Literal["error", "skip"] = "error",
    keep: Collection[str] = (),
    say: Say | None = None,
) -> Part:
    """Reads unseen examples in the form in which a model was trained.

    Args:
        source: One of what `load` reads, a single picture, or a list of pictures. Of a source with
            parts the test part is read. A folder of pictures may have class folders or none.
        schema: How the data of the training was understood.
        labelled: `True` demands labels, `False` passes over them, `None` takes them where they
            are there.
        on_bad_file: "error", or "skip" to leave out files that are no pictures.
        keep: Columns of a table to keep as they are, beside those that name its rows.
        say: Is told how it goes, line by line.

    Returns:
        The examples. Their ids are paths inside the source, or numbers of rows.

    Raises:
        ArgumentError: The source is nothing that can be read.
        DataError: The examples have another form or other classes than the schema.
        LoadError: A file is damaged or beyond a limit.
        StorageError: There is no such file.
    """
    say = say or _silent
    checks.choice("read", "on_bad_file", on_bad_file, ("error", "skip"))
    arguments: dict[str, Any] = {"labelled": labelled, "on_bad_file": on_bad_file, "say": say}
    if isinstance(source, Sequence) and not isinstance(source, (str, bytes)):
        paths = [os.path.expanduser(os.fsdecode(path)) for path in source]
        return _read_files(paths, schema, arguments)
    kind = kind_of(source)
    if kind.note:
        say(kind.note)
    if kind.form == "table":
        return read_table(kind.paths[0], schema, labelled=labelled, keep=keep)
    if keep:
        raise checks.refuse(
            "read",
            "keep",
            list(keep),
            expected=f"a table, for only tables have columns; {printable(kind.paths[0], 80)} is "
            "none.",
            fix="leave keep= out.",
        )
    if kind.form == "catalogue":
        return read_public(kind.paths[0], schema, labelled=labelled)
    if kind.form == "picture":
        return _read_files(list(kind.paths), schema, arguments)
    if kind.form in _PICTURES:
        with open_listing(kind.paths[0], kind.form) as listing:
            return read_pictures(listing, schema, **arguments)
    return read_array_source(kind, schema, labelled=labelled)


def _read_files(paths: list[str], schema: Schema, arguments: dict[str, Any]) -> Part:
    if len(paths) == 1 and kind_of(paths[0]).form != "picture":
        return read(paths[0], schema, **arguments)
    strange = next((path for path in paths if kind_of(path).form != "picture"), None)
    if strange is not None or not paths:
        raise ArgumentError(
            f"{printable(strange, 120)} is no picture, so it cannot stand in a list."
            if paths else "the list of files to read is empty.",
            expected="one source, or several pictures.",
            fix="read one source at a time.",
        )  # fmt: skip
    if arguments["labelled"]:
        raise ArgumentError(
            f"labels were asked for, but {printable(paths[0], 120)} has none.",
            expected="a folder or an archive with one folder of pictures a class.",
            fix="name the folder that holds the class folders.",
        )
    return read_pictures(list_files(paths), schema, **arguments)


def _checked(picture_size: Any, color_mode: Any, on_bad_file: Any) -> PictureChoices:
    if picture_size is not None:
        height, width = checks.sizes("load", "picture_size", picture_size, 2)
        if max(height, width) > limits.PICTURE_SIDE:
            raise checks.refuse(
                "load",
                "picture_size",
                picture_size,
                expected=f"at most {limits.PICTURE_SIDE:,} pixels a side.",
                fix="pass for example picture_size=(64, 64).",
            )
        picture_size = (height, width)
    checks.choice("load", "color_mode", color_mode, (*CHANNELS, None))
    checks.choice("load", "on_bad_file", on_bad_file, ("error", "skip"))
    return PictureChoices(picture_size, color_mode, on_bad_file)


def _check_division(task: Any, test_share: Any, validation_share: Any, seed: Any) -> None:
    checks.choice("load", "task", task, ("classification", "regression", None))
    is_share: dict[str, Any] = {"low": 0.0, "high": 1.0, "open_high": True}
    checks.number("load", "test_share", test_share, open_low=True, example=0.2, **is_share)
    checks.number("load", "validation_share", validation_share, example=0.1, **is_share)
    checks.whole("load", "seed", seed, high=2**32 - 1)


def _refuse_table_arguments(kind: Kind, target: Any, kinds: Any) -> None:
    for name, value in (("target", target), ("kinds", kinds)):
        if value is not None:
            raise checks.refuse(
                "load",
                name,
                value,
                expected=f"a table, for only tables have columns; {printable(kind.paths[0], 80)} "
                "is none.",
                fix=f"leave {name}= out.",
            )


def _refuse_regression(kind: Kind, task: Any) -> None:
    if task == "regression":
        raise checks.refuse(
            "load",
            "task",
            task,
            expected=f"'classification': {printable(kind.paths[0], 80)} holds a folder a class.",
            fix="leave task= out; for numbers save arrays with np.savez(path, x=x, y=y).",
        )


def _silent(line: str) -> None:
    """Says nothing."""
