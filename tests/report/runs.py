"""Small run folders of every kind, made without training for the tests of the report."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import lamina
from lamina import layers
from lamina.data.dataset import Column, Dataset, Part, Schema
from lamina.data.tables.inputs import NUMBERS, inputs_of
from lamina.report import evidence

HOSTILE = (
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(2)>",
    "\u202eevil\u202c \u05e9\u05dc\u05d5\u05dd",
    "</title></style></script><b>",
    "{{ 7 * 7 }} {% raw %}",
    "new\nline\x00nul\x1b[31m",
    "&lt;&amp;\u2028",
    "x" * 500,
)


@dataclass(frozen=True)
class Run:
    """A run folder with what it was made from."""

    path: Path
    dataset: Dataset
    model: Any


def pictures(
    path: Path, names: tuple[str, ...] = tuple("abcdefghij"), *, each: int = 6, seed: int = 0
) -> Run:
    """Grey pictures of 8 x 8 pixels whose class is the place of a bright row."""
    generator = np.random.default_rng(seed)
    count = each * len(names)
    schema = Schema(
        "pictures", "classification", names, input_shape=(8, 8, 1), value_range=(0, 255)
    )

    def part(word: str) -> Part:
        y = np.arange(count) % len(names)
        x = generator.integers(0, 120, (count, 8, 8, 1)).astype(np.uint8)
        x[np.arange(count), y % 8] += 100
        return Part(x, y, [f"{word}/{names[k]}/{i}.png" for i, k in enumerate(y.tolist())])

    model = lamina.Sequential(
        [
            layers.Input(shape=(8, 8, 1)),
            layers.Rescaling(1 / 255),
            layers.Flatten(),
            layers.Dense(len(names), activation="softmax"),
        ]
    )
    dataset = _dataset("Pictures", schema, part("train"), part("val"), part("test"))
    return _finished(path, dataset, model)


def table(path: Path, *, hostile: bool = False) -> Run:
    """A table of three numbers, a category and a date; three classes."""
    words = HOSTILE if hostile else ("length", "width", "place", "day", "small", "middle", "large")
    columns = (
        Column(words[0], "number", missing=2, distinct=9),
        Column(words[1], "boolean", distinct=2),
        Column(words[2], "category", distinct=3, note=words[0] if hostile else ""),
        Column(words[3], "date", distinct=30),
        Column("serial", "ignored", distinct=40, note="every row has its own value"),
    )
    schema = Schema("table", "classification", tuple(words[4:7]), words[5], columns)
    generator = np.random.default_rng(1)

    def part(word: str) -> Part:
        y = np.arange(24) % 3
        numbers = generator.normal(size=(24, 5)).astype(np.float32)
        numbers[:, 0] += y
        numbers[:, 1] = y > 1
        numbers[:, 2] = 20_000 + np.arange(24)
        numbers[0, 0] = np.nan
        cities = np.array([f"{words[0]} {k}" for k in y])[:, None]
        x = {NUMBERS: numbers, _key(words[2]): cities}
        return Part(x, y, [f"{words[1] if hostile else word} row {i}" for i in range(24)])

    train = part("train")
    numbers = layers.Input(shape=(5,), name=NUMBERS)
    place = layers.Input(shape=(1,), dtype="string", name=_key(words[2]))
    lookup = layers.StringLookup(output_mode="one_hot", name="lookup")
    lookup.adapt(train.x[_key(words[2])])
    filled = layers.Lambda(_without_gaps, name="fill")(numbers)
    joined = layers.Concatenate()([filled, lookup(place)])
    model = lamina.Model([numbers, place], layers.Dense(3, activation="softmax")(joined))
    return _finished(path, _dataset("Table", schema, train, part("val"), part("test")), model)


def _without_gaps(x: Any) -> Any:
    return x.nan_to_num(0.0)


def _key(word: str) -> str:
    column = Column(word, "category")
    return inputs_of(Schema("table", "regression", columns=(column,)))[0].name


def regression(path: Path) -> Run:
    """Rows of three numbers whose sum is the label."""
    generator = np.random.default_rng(2)
    columns = tuple(Column(name, "number", distinct=40) for name in ("a", "b", "c"))
    schema = Schema("table", "regression", target="sum", columns=columns)

    def part(word: str) -> Part:
        x = generator.normal(size=(40, 3)).astype(np.float32)
        y = (x[:, 0] * 3 + x[:, 1]).astype(np.float32)
        return Part({NUMBERS: x}, y, [f"{word} row {i + 1}" for i in range(40)])

    inputs = layers.Input(shape=(3,), name=NUMBERS)
    last = layers.Dense(1)
    model = lamina.Model(inputs, last(inputs))
    last.set_weights([np.array([[2.5], [1.2], [0.0]], np.float32), np.zeros(1, np.float32)])
    return _finished(
        path, _dataset("Sums", schema, part("train"), part("val"), part("test")), model
    )


def interrupted(path: Path) -> Path:
    """A run that ended in its third epoch: no model, no test, half a line of history."""
    path.mkdir(parents=True)
    facts = {
        "format": "lamina run 1",
        "status": "interrupted",
        "started": "2026-01-02T03:04:05+00:00",
        "settings": {"epochs": 10, "model": "cnn"},
        "data": {"name": "pictures", "title": "Pictures", "task": "classification"},
        "model": {"name": "cnn", "parameters": 1234},
    }
    (path / "run.json").write_text(json.dumps(facts))
    lines = [json.dumps({"epoch": i, "loss": 1 / i, "val_loss": 1.1 / i}) for i in (1, 2)]
    (path / "history.jsonl").write_text("\n".join(lines) + '\n{"epoch": 3, "lo')
    return path


def _dataset(title: str, schema: Schema, train: Part, validation: Part, test: Part) -> Dataset:
    return Dataset(title.lower(), title, title.lower(), schema, train, validation, test, "ab" * 32)


def _finished(path: Path, dataset: Dataset, model: Any) -> Run:
    path.mkdir(parents=True)
    evidence.collect(model, dataset, folder=path)
    if not any(isinstance(layer, layers.Lambda) for layer in model.layers):
        model.save(path / "model.lamina")
    _describe(path, dataset)
    return Run(path, dataset, model)


def _describe(path: Path, dataset: Dataset) -> None:
    """run.json and history.jsonl, as the workbench writes them."""
    score = "accuracy" if dataset.schema.task == "classification" else "mae"
    finding = {
        "code": "few-examples",
        "severity": "warning",
        "problem": f"class {dataset.schema.class_names[:1]} has few examples.",
        "expected": "at least 50 examples of each class.",
        "fix": "collect more.",
        "stage": "data",
    }
    facts = {
        "format": "lamina run 1",
        "status": "finished",
        "started": "2026-01-02T03:04:05+00:00",
        "seconds": 75.5,
        "command": f"lamina train {dataset.source} --epochs 8",
        "settings": {"model": "mlp", "epochs": 8},
        "data": {
            "name": dataset.name,
            "title": dataset.title,
            "task": dataset.schema.task,
            "fingerprint": dataset.fingerprint,
            "notes": ["a note on the data"],
        },
        "model": {"name": "mlp", "parameters": 10},
        "findings": [finding],
        "speed": {
            "tier": "captured",
            "examples_per_second": 1234.5,
            "threads": 1,
            "verdict": "compute-bound: the time is spent inside the kernels",
            "refusals": [],
        },
        "versions": {"lamina": "0.1.0"},
    }
    (path / "run.json").write_text(json.dumps(facts))
    rows = [
        {"epoch": i, "loss": 2 / i, score: 0.1 * i, "val_loss": 2.1 / i, f"val_{score}": 0.09 * i}
        for i in range(1, 9)
    ]
    (path / "history.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
