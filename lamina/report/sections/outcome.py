"""The first section: what was asked, what came out, and whether that is better than nothing."""

from typing import Any

import numpy as np

from lamina.report import scoring
from lamina.report.charts.bars import Bar, bars
from lamina.report.intervals import bootstrap, wilson
from lamina.report.record import Record
from lamina.report.records import Evidence
from lamina.report.wording import (
    between,
    clean,
    counted,
    digits_for,
    duration,
    moment,
    number,
    share,
)

_STATUS = {
    "interrupted": "This run was interrupted",
    "diverged": "This run diverged",
    "failed": "This run failed",
    "running": "This run did not end: it is still running, or was killed",
}


def build(record: Record) -> dict[str, Any]:
    """Title, facts in one line, the result in words, and a chart that compares it."""
    return {
        "title": clean(title_of(record)),
        "target": _target(record),
        "asked": _asked(record),
        "facts": _facts(record),
        "warning": _warning(record),
        **_result(record),
    }


def title_of(record: Record) -> str:
    """What the data are called."""
    return record.fact("data", "title") or record.fact("data", "name") or record.path.name


def _target(record: Record) -> str:
    """The column that is predicted, for a table of the user's; else ""."""
    known = record.evidence.schema.target if record.evidence else None
    return clean(known or record.fact("settings", "target") or "", 60)


def noun_of(record: Record) -> str:
    """What one example is called: a picture, a row or an example."""
    if record.evidence is None:
        return "example"
    return {"pictures": "picture", "table": "row"}.get(record.evidence.schema.form, "example")


def _asked(record: Record) -> str:
    model = clean(record.fact("model", "name") or "a model", 40)
    if record.is_classification:
        names = record.fact("data", "class_names", kind=list, default=[])
        count = record.evidence.schema.num_classes if record.evidence else len(names)
        aim = f"to tell {counted(count, 'class', 'classes')} apart" if count else "to classify"
    else:
        target = record.evidence.schema.target if record.evidence else None
        aim = f"to predict {clean(target, 60)}" if target else "to predict a number"
    known = record.evidence.sizes.get("train") if record.evidence else None
    size = known or record.fact("data", "num_train", kind=int)
    seen = f", learning from {counted(size, f'training {noun_of(record)}')}" if size else ""
    return f"The model “{model}” was asked {aim}{seen}."


def _facts(record: Record) -> list[tuple[str, str]]:
    seconds = record.fact("seconds", kind=(int, float))
    parameters = record.fact("model", "parameters", kind=int)
    facts = [
        ("model", clean(record.fact("model", "name") or "", 40)),
        ("parameters", f"{parameters:,}" if parameters is not None else ""),
        ("epochs", str(len(record.history)) if record.history else ""),
        ("time", duration(float(seconds)) if seconds is not None else ""),
        ("begun", moment(record.fact("started", default=""))),
    ]
    return [(name, value) for name, value in facts if value]


def _warning(record: Record) -> str:
    start = _STATUS.get(record.status)
    if start is None:
        return ""
    asked = record.fact("settings", "epochs", kind=int)
    done = len(record.history)
    of = f" of {asked:,}" if asked else ""
    problem = clean(record.fact("problem") or "", 300)
    words = f"{start} after {counted(done, 'epoch') if not asked else f'{done:,}{of} epochs'}."
    return f"{words} {problem}".strip()


def _result(record: Record) -> dict[str, Any]:
    evidence = record.evidence
    if evidence is None or evidence.y is None or len(evidence.y) == 0:
        return {"headline": _from_results(record), "sentences": [], "chart": None}
    if evidence.is_classification:
        return _classification(evidence, noun_of(record))
    return _regression(evidence, noun_of(record))


def _from_results(record: Record) -> str:
    """The test result that run.json knows, for runs without evidence."""
    results = record.fact("results", "test", kind=dict, default={})
    accuracy, score = results.get("accuracy"), results.get("r2_score")
    if isinstance(accuracy, float):
        return f"{share(accuracy)} of the test examples were answered correctly."
    if isinstance(score, float):
        return f"The test R² is {number(score)}."
    return "There is no test result."


def _classification(evidence: Evidence, noun: str) -> dict[str, Any]:
    y = np.asarray(evidence.y)
    digits = digits_for(len(y))
    model = wilson(int((evidence.answers == y).sum()), len(y))
    same = wilson(int((y == int(evidence.constant)).sum()), len(y))
    name = clean(evidence.schema.class_names[int(evidence.constant)], 40)
    ends = share(model.low, digits), share(model.high, digits)
    wrong = (1 - model.value) * 100, (1 - same.value) * 100
    sentences = [
        f"On other {noun}s of this kind, {between(*ends)} would be named correctly "
        "(95 % interval).",
        f"Always answering “{name}”, {_rank(evidence)}, would be right for "
        f"{share(same.value, digits)}: {number(wrong[1], 2)} mistakes in 100, where the model "
        f"makes {number(wrong[0], 2)}.",
    ]
    is_better = model.low > same.value
    if not is_better:
        sentences.append("That is not clearly better than the constant answer.")
    return {
        "headline": f"{share(model.value, digits)} of {counted(len(y), f'test {noun}')} "
        "named correctly",
        "sentences": sentences,
        "is_better": is_better,
        "chart": _compared(
            Bar("this model", model.value, share(model.value, digits), model.low, model.high),
            Bar("constant answer", same.value, share(same.value, digits), look="three"),
            "accuracy on the test part, whisker: 95 % interval",
            1.0,
        ),
    }


def _rank(evidence: Evidence) -> str:
    """What the constant class is among the classes of the training part."""
    counts = evidence.class_counts.get("train", [])
    is_alone = counts.count(max(counts, default=0)) == 1
    return "the commonest class in training" if is_alone else "no rarer in training than any other"


def _regression(evidence: Evidence, noun: str) -> dict[str, Any]:
    y = np.asarray(evidence.y, dtype=np.float64)
    predicted = evidence.predicted.astype(np.float64)
    error = bootstrap(scoring.mean_absolute_error, y, predicted)
    constant = float(np.abs(y - evidence.constant).mean())
    r2 = bootstrap(scoring.r2, y, predicted)
    sentences = [
        f"On other {noun}s of this kind, the mean error would lie "
        f"{between(number(error.low), number(error.high))} (95 % interval).",
        f"Always answering {number(evidence.constant)}, the mean of training, would be off by "
        f"{number(constant)}.",
    ]
    is_better = error.high < constant
    if not is_better:
        sentences.append("That is not clearly better than the constant answer.")
    return {
        "headline": f"Off by {number(error.value)} on average over "
        f"{counted(len(y), f'test {noun}')}; R² {number(r2.value, 2)}",
        "sentences": sentences,
        "is_better": is_better,
        "chart": _compared(
            Bar("this model", error.value, number(error.value), error.low, error.high),
            Bar("constant answer", constant, number(constant), look="three"),
            "mean absolute error, whisker: 95 % interval",
            None,
        ),
    }


def _compared(model: Bar, constant: Bar, label: str, top: float | None) -> Any:
    is_share = top == 1.0
    return bars(
        "outcome",
        [model, constant],
        label=label,
        alt=f"{label}: this model {model.words}, constant answer {constant.words}.",
        form=(lambda value: share(value, 0)) if is_share else None,
        top=top,
        width=400,
    )
