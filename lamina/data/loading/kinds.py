"""Says what a source is, by its name and by what lies there; its content is not looked at."""

import os
import re
from typing import Literal, NamedTuple

from lamina.core import checks
from lamina.core.errors import ArgumentError, DataError, StorageError
from lamina.core.names import suggestion
from lamina.data import catalog
from lamina.files.opening import printable
from lamina.files.pictures import is_picture_name

Form = Literal["catalogue", "folder", "zip", "tar", "picture", "table", "npz", "npy", "idx"]

READABLE = (
    "a folder, .zip, .tar, .tar.gz or .tgz with one folder of pictures a class; a .csv, .tsv, "
    ".jsonl, .ndjson, .parquet or .pq table; an .npz file; 'x.npy,y.npy'; IDX files; or a name "
    "of the catalogue"
)
_ENDINGS: dict[Form, tuple[str, ...]] = {
    "zip": (".zip",),
    "tar": (".tar", ".tar.gz", ".tgz"),
    "table": (".csv", ".tsv", ".jsonl", ".ndjson", ".parquet", ".pq"),
    "npz": (".npz",),
    "npy": (".npy",),
    "idx": ("-ubyte", "-ubyte.gz", ".idx", ".idx.gz"),
}
_IDX_NAME = re.compile(r"(train|t10k|test)[-._](images|labels)[-._]idx[13][-._]ubyte(\.gz)?")
IDX_ROLES: dict[str, str] = {"train": "train", "t10k": "test", "test": "test"}


class Kind(NamedTuple):
    """What a source is.

    Args:
        form: Which loader reads it.
        paths: Its path; two for a pair of files; the name for the catalogue.
        note: What a user should know about the choice, or nothing.
    """

    form: Form
    paths: tuple[str, ...]
    note: str = ""


def kind_of(source: object) -> Kind:
    """Says which loader reads a source.

    Raises:
        ArgumentError: The source is no text or path, or nothing that can be read.
        DataError: A file has an ending that no loader knows.
        StorageError: There is no such file.
    """
    if not isinstance(source, (str, os.PathLike)) or not os.fspath(source):
        raise checks.refuse(
            "load", "source", source, expected=f"{READABLE}.", fix='pass for example "digits".'
        )
    text = os.fsdecode(source)
    path = os.path.expanduser(text)
    name = text.replace("-", "_").lower()
    if isinstance(source, str) and name in catalog.names():
        shadowed = f"{text!r} is the data set of the catalogue; the file or folder is './{text}'"
        return Kind("catalogue", (name,), shadowed if os.path.exists(path) else "")
    if os.path.isdir(path):
        return Kind(_form_of_folder(path), (path,))
    if os.path.exists(path):
        return Kind(_form_of_file(path), (path,))
    pair = tuple(os.path.expanduser(part.strip()) for part in text.split(","))
    if len(pair) == 2 and all(map(os.path.isfile, pair)):
        return Kind(_form_of_pair(pair), pair)
    raise _absent(text, pair)


def idx_files_in(folder: str) -> dict[tuple[str, str], str]:
    """Paths of the IDX files of a folder by part ("train", "test") and role."""
    found: dict[tuple[str, str], str] = {}
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            match = _IDX_NAME.fullmatch(entry.name)
            if match:
                found.setdefault((IDX_ROLES[match[1]], match[2]), entry.path)
    return found


def _form_of_folder(path: str) -> Form:
    if ("train", "images") in idx_files_in(path):
        return "idx"
    arrays = ("x.npy", "y.npy")
    return "npy" if all(os.path.isfile(os.path.join(path, name)) for name in arrays) else "folder"


def _form_of_file(path: str) -> Form:
    if is_picture_name(path):
        return "picture"
    for form, endings in _ENDINGS.items():
        if path.lower().endswith(endings):
            return form
    raise DataError(
        f"{printable(path, 120)} has an ending that is not known here.",
        expected=f"{READABLE}.",
        fix="convert the file, or give it the ending of what it is.",
    )


def _form_of_pair(pair: tuple[str, ...]) -> Form:
    forms = {_form_of_file(path) for path in pair}
    if len(forms) == 1 and forms <= {"npy", "idx"}:
        return forms.pop()
    raise DataError(
        f"{printable(','.join(pair), 120)} is no pair of .npy or of IDX files.",
        expected="'x.npy,y.npy', or 'images-idx3-ubyte,labels-idx1-ubyte'.",
        fix="name the examples first, then the labels, without a space.",
    )


def _absent(text: str, pair: tuple[str, ...]) -> ArgumentError | StorageError:
    if "://" in text:
        return ArgumentError(
            f"{printable(text, 120)} is an address, not something on this machine.",
            expected=f"{READABLE}.",
            fix="download it first, for example with lamina.utils.get_file(origin=...).",
        )
    if os.sep in text or "/" in text or "." in text:
        missing = next((path for path in pair if not os.path.exists(path)), text)
        missing = missing if len(pair) == 2 else text
        return StorageError(
            f"{printable(missing, 120)} does not exist.",
            expected=f"{READABLE}.",
            fix=f"check the spelling; the current folder is {printable(os.getcwd(), 120)}.",
        )
    names = [name.replace("_", "-") for name in catalog.names()]
    return ArgumentError(
        f"{printable(text, 120)} is no file or folder here and no name of the catalogue.",
        expected=f"{READABLE}: {', '.join(names)}.",
        fix=suggestion(text, names),
    )
