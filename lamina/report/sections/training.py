"""How training went: learning curves, the best epoch, and what limited the speed."""

import math
from typing import Any

from lamina.report.charts.curves import curve
from lamina.report.record import Record
from lamina.report.wording import clean, counted, number, share, spoken

_MOST_CURVES = 6
_APART = 1.5  # times the training loss, from where the validation loss tells of overfitting


def build(record: Record) -> dict[str, Any] | None:
    """A chart for each number of the history; `None` for a run without an epoch."""
    if not record.history:
        return None
    best = best_epoch(record)
    names = _names(record)
    return {
        "charts": [
            {
                "name": spoken(name),
                "svg": curve(
                    name,
                    record.epochs,
                    record.series(name),
                    record.series(f"val_{name}"),
                    None if name == "learning_rate" else best,
                ),
            }
            for name in names
        ],
        "has_validation": bool(record.series("val_loss")),
        "sentences": _sentences(record, best),
        "table": _table(record, names),
        "speed": _speed(record),
    }


def best_epoch(record: Record) -> int | None:
    """The epoch that the run says was best, else that of the lowest (validation) loss."""
    said = record.fact("results", "best_epoch", kind=int) or record.fact("best_epoch", kind=int)
    if said is not None:
        return said
    losses = record.series("val_loss") or record.series("loss")
    finite = [(loss, epoch) for loss, epoch in zip(losses, record.epochs, strict=False)]
    finite = [pair for pair in finite if math.isfinite(pair[0])]
    return min(finite)[1] if finite else None


def _names(record: Record) -> list[str]:
    """Numbers to draw: loss first, metrics, the learning rate last."""
    every = dict.fromkeys(key for row in record.history[:50] for key in row if key != "epoch")
    names = [name for name in every if not name.startswith("val_") and record.series(name)]
    names.sort(key=lambda name: (name != "loss", name == "learning_rate"))
    return names[:_MOST_CURVES]


def _sentences(record: Record, best: int | None) -> list[str]:
    """What the curves say, in words."""
    train, validation = record.series("loss"), record.series("val_loss")
    words = [f"{counted(len(record.history), 'epoch')} of training.{_kept(record)}"]
    if best is None:
        return words
    last = record.epochs[-1]
    if validation and best < last:
        words.append(
            f"The validation loss was lowest after epoch {best} and was not reached again."
        )
    elif validation:
        words.append("The validation loss was lowest after the last epoch: more epochs may help.")
    end, watched = (values[-1] if values else math.nan for values in (train, validation))
    if math.isfinite(end) and math.isfinite(watched) and watched > _APART * end > 0:
        words.append(
            f"At the end the validation loss ({number(watched)}) is {number(watched / end, 2)} "
            f"times the training loss ({number(end)}): the model knows its training examples "
            "better than others."
        )
    return words


def _kept(record: Record) -> str:
    """Which epoch the weights of the model are of."""
    epoch = record.fact("weights", "epoch", kind=int)
    if epoch is None:
        return ""
    is_best = record.fact("weights", "is_best", kind=bool, default=False)
    which = f"epoch {epoch}, the best by validation loss" if is_best else f"the last, {epoch}"
    return f" The weights that were kept are those of {which}."


def _table(record: Record, names: list[str]) -> dict[str, Any]:
    """The numbers behind the curves, at most 50 epochs of them."""
    columns = [key for name in names for key in (name, f"val_{name}") if record.series(key)]
    every = max(1, -(-len(record.history) // 50))
    rows = [row for at, row in enumerate(record.history) if at % every == 0 or row is last(record)]
    cells = [
        [str(row["epoch"]), *(number(_number(row.get(key)), 4) for key in columns)] for row in rows
    ]
    heads = [
        spoken(key.removeprefix("val_")) + (" (validation)" if key.startswith("val_") else "")
        for key in columns
    ]
    return {"heads": ["epoch", *heads], "rows": cells}


def last(record: Record) -> dict[str, Any]:
    """The last epoch."""
    return record.history[-1]


def _number(value: Any) -> float:
    return float(value) if isinstance(value, (int, float)) else math.nan


def _speed(record: Record) -> dict[str, Any] | None:
    """Examples a second and what limited them."""
    rate = record.fact("speed", "examples_per_second", kind=(int, float))
    if rate is None:
        return None
    threads = record.fact("speed", "threads", kind=int)
    refusals = record.fact("speed", "refusals", kind=list, default=[])
    shares = [
        (words, share(record.fact("speed", key, kind=(int, float)), 0))
        for key, words in (
            ("data_share", "waiting for data"),
            ("launch_share", "between kernels"),
            ("kernel_share", "inside kernels"),
        )
        if record.fact("speed", key, kind=(int, float)) is not None
    ]
    return {
        "rate": number(float(rate)),
        "tier": clean(record.fact("speed", "tier") or "", 40),
        "threads": counted(threads, "thread") if threads else "",
        "verdict": clean(record.fact("speed", "verdict") or "", 300),
        "refusals": [clean(text, 300) for text in refusals if isinstance(text, str)],
        "shares": shares,
    }
