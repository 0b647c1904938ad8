"""Evidence as two plain files: evidence.json for what has words, evidence.npz for numbers."""

import io
import itertools
import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lamina.core.text import pack_words, unpack_words
from lamina.data.dataset import Column, Schema
from lamina.files import limits, read_json, read_npz, write_bytes
from lamina.report.reading import Entry, unusable
from lamina.report.records import Evidence, Importance, Mistake, Sample
from lamina.report.samples import SIDE

FORMAT = "lamina evidence 1"
DOCUMENT, ARRAYS = "evidence.json", "evidence.npz"
_MANY_NUMBERS = 5_000_000  # from here on half precision is enough, and half the disk
_MOST_SAMPLES = 500  # `collect` keeps far fewer
_KINDS = ("number", "boolean", "category", "date", "text", "ignored")


# -- writing ---------------------------------------------------------------------------------


def write(evidence: Evidence, folder: Path) -> None:
    """Writes both files, the numbers first; the document names what belongs together.

    Raises:
        StorageError: The folder cannot be written.
    """
    write_bytes(folder / ARRAYS, _packed(evidence))
    text = json.dumps(_plain(_document(evidence)), ensure_ascii=False, allow_nan=False)
    write_bytes(folder / DOCUMENT, text.encode("utf-8", "backslashreplace"))


def _document(evidence: Evidence) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "schema": evidence.schema.to_dict(),
        "num_test": len(evidence.ids),
        "sizes": evidence.sizes,
        "class_counts": evidence.class_counts,
        "label_edges": evidence.label_edges,
        "label_counts": evidence.label_counts,
        "constant": evidence.constant,
        "features": evidence.features,
        "examples": [asdict(sample) for sample in evidence.examples],
        "mistakes": [asdict(mistake) for mistake in evidence.mistakes],
        "importance": [asdict(one) for one in evidence.importance],
        "overlap": evidence.overlap,
        "repeats": evidence.repeats,
    }


def _plain(value: Any) -> Any:
    """Tuples as lists, and null for numbers that JSON does not know."""
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _packed(evidence: Evidence) -> bytes:
    predicted = evidence.predicted
    text, ends = pack_words(list(evidence.ids))
    arrays = {
        "predicted": predicted.astype(
            np.float16 if predicted.ndim == 2 and predicted.size > _MANY_NUMBERS else np.float32
        ),
        "y": evidence.y,
        "ids_text": text.numpy(),
        "ids_ends": ends.numpy(),
        "pictures": evidence.pictures,
        "saliency": evidence.saliency,
    }
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **{k: v for k, v in arrays.items() if v is not None})
    return file.getvalue()


# -- reading ---------------------------------------------------------------------------------


def read(folder: Path) -> Evidence:
    """Reads both files of a run folder.

    Raises:
        LoadError: A file is damaged, or the two do not belong together.
        StorageError: A file is missing.
    """
    path = folder / DOCUMENT
    document = Entry(read_json(path, max_string_bytes=limits.MIB), str(path))
    document["format"].word(FORMAT)
    schema = _schema(document["schema"])
    arrays = read_npz(folder / ARRAYS)
    count = document["num_test"].whole()
    _check_arrays(arrays, count, schema, str(folder / ARRAYS))
    num_pictures = len(arrays["pictures"]) if "pictures" in arrays else 0
    names = tuple(name.text() for name in document["features"])
    for key in ("examples", "mistakes"):
        if len(list(document[key])) > _MOST_SAMPLES:
            document[key].refuse(f"a list of at most {_MOST_SAMPLES}")
    mistakes = tuple(
        _mistake(entry, schema, num_pictures, len(names), count) for entry in document["mistakes"]
    )
    if "saliency" in arrays and len(arrays["saliency"]) != len(mistakes):
        raise unusable(str(folder / ARRAYS), "there is not one saliency map for each mistake.")
    return Evidence(
        schema=schema,
        ids=_ids(arrays, count, str(folder / ARRAYS)),
        y=arrays.get("y"),
        predicted=arrays["predicted"],
        sizes={name: entry.whole() for name, entry in document["sizes"].items()},
        class_counts=_counts(document["class_counts"], schema.num_classes),
        label_edges=_edges(document["label_edges"]),
        label_counts=_counts(
            document["label_counts"], max(0, len(document["label_edges"].value) - 1)
        ),
        constant=_constant(document["constant"], schema),
        features=names,
        examples=tuple(
            _sample(entry, schema, num_pictures, len(names)) for entry in document["examples"]
        ),
        mistakes=mistakes,
        importance=tuple(_importance(entry) for entry in document["importance"]),
        overlap=document["overlap"].whole(low=-1),
        repeats=document["repeats"].whole(low=-1),
        pictures=arrays.get("pictures"),
        saliency=arrays.get("saliency"),
    )


def _check_arrays(arrays: dict[str, np.ndarray], count: int, schema: Schema, file: str) -> None:
    """Every array has the form that its name promises.

    Raises:
        LoadError: One has not.
    """
    classes = schema.num_classes
    wanted = (count, classes) if schema.task == "classification" else (count,)
    predicted, y = arrays.get("predicted"), arrays.get("y")
    pictures, maps = arrays.get("pictures"), arrays.get("saliency")
    is_sound = {
        "predicted": predicted is not None
        and predicted.shape == wanted
        and predicted.dtype.kind == "f",
        "y": y is None or (y.shape == (count,) and _fits(y, schema)),
        "pictures": pictures is None
        or (pictures.dtype == np.uint8 and pictures.ndim == 4 and _is_small(pictures.shape)),
        "saliency": maps is None or (maps.dtype == np.uint8 and maps.ndim == 3),
    }
    wrong = [name for name, sound in is_sound.items() if not sound]
    if wrong:
        raise unusable(file, f"the array '{wrong[0]}' is missing or has another form.")


def _is_small(shape: tuple[int, ...]) -> bool:
    """Whether pictures of this shape can stand on a page, so that its size has a bound."""
    return shape[0] <= _MOST_SAMPLES and 0 < max(shape[1:3]) <= SIDE and shape[3] in (1, 3, 4)


def _fits(y: np.ndarray, schema: Schema) -> bool:
    if schema.task == "regression":
        return y.dtype.kind in "fiu"
    is_whole = y.dtype.kind in "iu"
    return is_whole and bool(((y >= 0) & (y < schema.num_classes)).all())


def _ids(arrays: dict[str, np.ndarray], count: int, file: str) -> list[str]:
    text, ends = arrays.get("ids_text"), arrays.get("ids_ends")
    is_sound = (
        text is not None
        and ends is not None
        and text.dtype == np.uint8
        and ends.dtype == np.int64
        and text.ndim == 1
        and ends.shape == (count,)
        and bool((np.diff(ends, prepend=0) >= 0).all())
        and (count == 0 or ends[-1] == len(text))
    )
    if not is_sound or text is None or ends is None:
        raise unusable(file, "the names of the test examples are missing or damaged.")
    try:
        return unpack_words(torch.from_numpy(text), torch.from_numpy(ends))
    except UnicodeDecodeError as error:
        raise unusable(file, "the names of the test examples are not text.") from error


def _schema(entry: Entry) -> Schema:
    values = dict(entry.items())
    unknown = sorted(set(values) - set(Schema.__dataclass_fields__))
    if unknown:
        entry[unknown[0]].refuse("known to this version")
    size = entry["picture_size"]
    shape = entry["input_shape"]
    return Schema(
        form=entry["form"].word("pictures", "table", "arrays"),  # type: ignore[arg-type]
        task=entry["task"].word("classification", "regression"),  # type: ignore[arg-type]
        class_names=tuple(name.text() for name in entry["class_names"]),
        target=_text_or_none(entry["target"]),
        columns=tuple(_column(column) for column in entry["columns"]),
        picture_size=None if size.is_none else _pair([side.whole() for side in size], size),
        color_mode=_text_or_none(entry["color_mode"]),
        input_shape=None if shape.is_none else tuple(side.whole() for side in shape),
        value_range=_range(entry["value_range"]),
    )


def _column(entry: Entry) -> Column:
    return Column(
        name=entry["name"].text(),
        kind=entry["kind"].word(*_KINDS),  # type: ignore[arg-type]
        missing=entry["missing"].whole(),
        distinct=entry["distinct"].whole(),
        note=entry["note"].text(),
    )


def _range(entry: Entry) -> tuple[float, float] | None:
    return None if entry.is_none else _pair([end.number() for end in entry], entry)


def _pair(values: list[Any], entry: Entry) -> tuple[Any, Any]:
    if len(values) != 2:
        entry.refuse("a pair")
    return values[0], values[1]


def _text_or_none(entry: Entry) -> str | None:
    return None if entry.is_none else entry.text()


def _number_or_nan(entry: Entry) -> float:
    return math.nan if entry.is_none else entry.number()


def _counts(entry: Entry, size: int) -> dict[str, list[int]]:
    found = {name: [count.whole() for count in counts] for name, counts in entry.items()}
    if any(len(counts) != size for counts in found.values()):
        entry.refuse(f"{size} counts a part")
    return found


def _edges(entry: Entry) -> list[float]:
    edges = [edge.number() for edge in entry]
    if any(after < before for before, after in itertools.pairwise(edges)):
        entry.refuse("rising numbers")
    return edges


def _constant(entry: Entry, schema: Schema) -> float:
    value = entry.number()
    if schema.task == "classification" and not 0 <= value < max(1, schema.num_classes):
        entry.refuse("a class number")
    return value


def _class_or_number(entry: Entry, schema: Schema) -> float:
    if schema.task == "regression" or entry.is_none:
        return _number_or_nan(entry)
    return float(_constant(entry, schema))


def _sample(entry: Entry, schema: Schema, num_pictures: int, num_cells: int) -> Sample:
    picture = entry["picture"]
    cells = tuple(cell.text() for cell in entry["cells"])
    if cells and len(cells) != num_cells:
        entry["cells"].refuse(f"{num_cells} cells")
    return Sample(
        id=entry["id"].text(),
        part=entry["part"].word("train", "test"),
        label=_class_or_number(entry["label"], schema),
        picture=None if picture.is_none else picture.whole(high=num_pictures - 1),
        cells=cells,
    )


def _mistake(
    entry: Entry, schema: Schema, num_pictures: int, num_cells: int, count: int
) -> Mistake:
    return Mistake(
        sample=_sample(entry["sample"], schema, num_pictures, num_cells),
        row=entry["row"].whole(high=count - 1),
        answer=_class_or_number(entry["answer"], schema),
        confidence=_number_or_nan(entry["confidence"]),
    )


def _importance(entry: Entry) -> Importance:
    return Importance(
        name=entry["name"].text(),
        mean=_number_or_nan(entry["mean"]),
        spread=_number_or_nan(entry["spread"]),
        loss=_number_or_nan(entry["loss"]),
    )
