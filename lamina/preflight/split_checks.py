"""Checks of training and validation data together: leaks, missing classes, order of rows."""

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from lamina.preflight import rows
from lamina.preflight.finding import Finding
from lamina.preflight.labels import MOST_CLASSES
from lamina.preflight.predict_checks import ranges_of, shifted
from lamina.preflight.statistics import Statistics, spread_rows
from lamina.preflight.subject import Part, Subject
from lamina.preflight.wording import counted, listed, number, percent

_NEARLY_ALL = 0.9
_EXACT_MEAN = 2e-5
_EXPECTED_ROWS = 5.0
_FEWEST_SCALED = 20
_FEWEST_UNIT_COLUMNS = 2  # a single one, evenly spaced from 0 to 1, is no scaler's work
_MOST_OF_THEM = 0.5
_ENDS = 0.02
_MEASURED_COLUMNS, _MEASURED_WIDTH, _MEASURED_ROWS = 3, 64, 500
_ROUNDING = 1e-6


def _pair(subject: Subject) -> tuple[Part, Part] | None:
    """Training and validation data, where both can be looked at whole."""
    training, validation = subject.training, subject.validation
    if training is None or validation is None:
        return None
    return None if training.is_excerpt or validation.is_excerpt else (training, validation)


def overlap(subject: Subject) -> Iterator[Finding]:
    """Validation rows that are training rows, more than repetition in the data explains."""
    parts = _pair(subject)
    if parts is None:
        return
    shared = 0
    for whole in (False, True):  # a quick look first
        training, validation = (part.fingerprints(whole=whole) for part in parts)
        shared = rows.shared_count(training, validation)
        if not shared:
            return
    count = len(validation)
    if shared < 2 and shared < count:
        return
    natural = 0.0 if _is_measured(parts[0]) else rows.repeated_share(training)
    expected = natural * count
    if shared <= 2 * expected + 3 * math.sqrt(expected) and natural > 0:
        return
    share = shared / count
    first = rows.shared_places(training, validation)[:10].tolist()
    evidence = {
        "shared": shared,
        "rows": count,
        "repeated_in_training": natural,
        "first_validation_rows": first,
    }
    problem = f"{shared:,} of {count:,} validation rows ({percent(share)}) are also training rows."
    if share >= _NEARLY_ALL:
        yield Finding(
            "val-overlaps-train",
            "warning",
            problem,
            "validation rows that training has not seen; otherwise overfitting stays unseen.",
            "hold rows back: leave validation_data out and pass validation_split=0.2.",
            evidence,
        )
    else:
        yield Finding(
            "duplicate-rows-across-split",
            "warning" if share > 0.01 else "hint",
            problem,
            "each row in one of the two parts.",
            "drop repeated rows before splitting: np.unique(x, axis=0, return_index=True).",
            evidence,
        )


def _is_measured(part: Part) -> bool:
    """Whether rows are tables of measurements, which do not come out alike by chance."""
    tensor = part.inputs[0]
    if not tensor.is_floating_point() or tensor.ndim != 2 or tensor.shape[1] < _MEASURED_COLUMNS:
        return False
    few = spread_rows(tensor, _MEASURED_ROWS).detach().cpu().unique(dim=0)
    distinct = [len(column.unique()) for column in few[:, :_MEASURED_WIDTH].T]
    many = sum(count > 0.3 * len(few) for count in distinct)
    return len(few) >= _FEWEST_SCALED and many >= max(_MEASURED_COLUMNS, len(distinct) // 3)


def unrepresentative(subject: Subject) -> Iterator[Finding]:
    """Classes that one part has and the other lacks."""
    parts = _pair(subject)
    if parts is None or len(parts[0].targets) != len(parts[1].targets):
        return
    for head, ours, theirs in zip(subject.heads, parts[0].targets, parts[1].targets, strict=False):
        if head.facts is None or head.facts.labels not in ("classes", "one_hot", "binary"):
            continue
        counts = _class_counts(ours, theirs)
        if counts is None:
            continue
        training, validation = counts
        new = (validation > 0) & (training == 0)
        usual = training.double() / training.sum() * validation.sum()
        missing = (validation == 0) & (usual >= _EXPECTED_ROWS)
        if not bool(new.any() or missing.any()):
            continue
        named = new if bool(new.any()) else missing
        names = [number(float(place)) for place in named.nonzero().squeeze(1)]
        verb = "are missing in training" if bool(new.any()) else "are missing in validation"
        yield Finding(
            "val-split-unrepresentative",
            "warning",
            f"classes {listed(names)} of {head.y_name} {verb}.",
            "all classes in both parts, in about the same shares.",
            _representative_fix(subject),
            {"training": training.tolist()[:50], "validation": validation.tolist()[:50]},
        )


def _representative_fix(subject: Subject) -> str:
    if subject.options.get("validation_mode") == "last":
        return 'leave validation_mode="last" out: rows are then drawn from every class.'
    if subject.options.get("validation_split"):
        return "drop classes with a single row, or collect more of them."
    return "shuffle before splitting, for example train_test_split(x, y, stratify=y)."


def _class_counts(ours: Tensor, theirs: Tensor) -> tuple[Tensor, Tensor] | None:
    both = [_classes(tensor) for tensor in (ours, theirs)]
    if both[0] is None or both[1] is None:
        return None
    size = int(max(both[0].max(), both[1].max())) + 1
    if size > MOST_CLASSES:
        return None
    return both[0].bincount(minlength=size), both[1].bincount(minlength=size)


def _classes(tensor: Tensor) -> Tensor | None:
    """The class of each row, where labels are class numbers or one-hot rows."""
    tensor = tensor.detach().cpu()
    if tensor.ndim == 2 and tensor.shape[1] > 1:
        is_one_hot = ((tensor == 1).sum(1) == 1).all() and ((tensor != 0).sum(1) == 1).all()
        return tensor.to(torch.uint8).argmax(1) if bool(is_one_hot) else None
    flat = tensor.reshape(-1)
    if len(flat) != tensor.shape[0] or bool((flat < 0).any()):
        return None
    if flat.is_floating_point() and bool((flat != flat.round()).any()):
        return None
    return flat.long()


def sorted_rows(subject: Subject) -> Iterator[Finding]:
    """Rows that come class by class and are not shuffled."""
    training = subject.training
    is_shuffled = subject.options.get("shuffle", True) is not False
    if training is None or training.is_excerpt or is_shuffled:
        return
    for head, target in zip(subject.heads, training.targets, strict=False):
        labels = head.labels
        if labels is None or labels.class_counts is None or head.facts is None:
            continue
        if head.facts.labels == "values":
            continue
        classes = _classes(target)
        if classes is None or (labels.num_classes or 0) < 2:
            continue
        changes = int((classes[1:] != classes[:-1]).sum())
        usual = (1 - sum((n / labels.rows) ** 2 for n in labels.class_counts)) * labels.rows
        if changes < 0.2 * usual and labels.rows > subject.batch_size:
            yield Finding(
                "sorted-no-shuffle",
                "warning",
                f"{head.y_name} comes class by class ({counted(changes, 'change')} in "
                f"{labels.rows:,} rows), and shuffle=False keeps it so: batches hold one class.",
                "batches of mixed rows.",
                "pass shuffle=True to fit(), or leave shuffle out.",
                {"changes": changes, "rows": labels.rows},
            )


def validation_scale(subject: Subject) -> Iterator[Finding]:
    """Validation inputs on another scale than those of training."""
    parts = _pair(subject)
    if parts is None or subject.options.get("validation_split"):
        return
    for finding in shifted(ranges_of(parts[0].inputs), parts[1].inputs):
        evidence = finding.evidence
        yield Finding(
            "predict-scale-shift",
            "warning",
            f"values of validation_data[0] go from {number(evidence['low'])} to "
            f"{number(evidence['high'])}; those of x go from {number(evidence['trained_low'])} to "
            f"{number(evidence['trained_high'])}.",
            "validation data prepared exactly as those for training.",
            "divide or scale validation_data[0] as you did x, or put the scaling into the model, "
            "as keras.layers.Rescaling or Normalization.",
            evidence,
        )


# -- scalers ---------------------------------------------------------------------------------


def scaler_leak(subject: Subject) -> Iterator[Finding]:
    """Scaling learned from the validation part too, or learned anew on it."""
    parts = _pair(subject)
    if parts is None:
        return
    is_split = bool(subject.options.get("validation_split"))
    for place, name in enumerate(subject.input_names()):
        tensor = parts[0].inputs[place]
        is_table = tensor.is_floating_point() and tensor.ndim == 2
        if not is_table or sum(part.num_rows for part in parts) < _FEWEST_SCALED:
            continue
        ours, theirs = (part.statistics(place) for part in parts)
        if ours.is_sampled or theirs.is_sampled:
            continue
        varies = (ours.stds > 0) & (theirs.stds > 0)
        if not bool(varies.any()):
            continue
        kind = _leak(parts, place, ours, theirs, varies)
        if kind is not None:
            yield _scaler_finding(name, kind, is_split)


def _leak(
    parts: tuple[Part, Part], place: int, ours: Statistics, theirs: Statistics, varies: Tensor
) -> tuple[str, str] | None:
    """Which code, and which kind of scaling was seen."""
    if _is_standard(ours, varies):
        is_both = _is_standard(theirs, varies)
        return ("scaler-fit-separately", "mean 0 and deviation 1") if is_both else None
    if _is_standard(_pooled(ours, theirs), varies):
        return "scaler-fit-on-all", "mean 0 and deviation 1"
    if int(varies.sum()) < _FEWEST_UNIT_COLUMNS:
        return None
    fitted = [_is_unit(part.inputs[place], varies) for part in parts]
    if fitted[0]:
        both = "lowest value 0 and highest 1"
        return ("scaler-fit-separately", both) if fitted[1] else None
    if _is_unit(torch.cat([part.inputs[place] for part in parts]), varies):
        return "scaler-fit-on-all", "lowest value 0 and highest 1"
    return None


def _is_unit(table: Tensor, varies: Tensor) -> bool:
    """Whether columns reach exactly from 0 to 1, most of them in few rows, as a scaler leaves them.

    Pixels and shares reach 0 and 1 too, but in most columns many of them do.
    """
    table = table[:, varies.to(table.device)]
    most = max(2.0, _ENDS * len(table))
    at_ends = [(table == end).sum(0) for end in (0, 1)]
    reaches = (table.amin(0) == 0) & ((table.amax(0) - 1).abs() < _ROUNDING)
    few = (at_ends[0] <= most) & (at_ends[1] >= 1) & (at_ends[1] <= most)
    return bool(reaches.all()) and float(few.float().mean()) > _MOST_OF_THEM


def _is_standard(numbers: Statistics, varies: Tensor) -> bool:
    means, stds = numbers.means[varies].abs(), numbers.stds[varies]
    ends = (1.0, math.sqrt((numbers.rows - 1) / numbers.rows))  # with and without correction
    near = torch.stack([(stds - end).abs() for end in ends]).amin(0)
    return bool((means < _EXACT_MEAN).all() and (near < _EXACT_MEAN).all())


def _pooled(ours: Statistics, theirs: Statistics) -> Statistics:
    """The statistics of both parts together."""
    total = ours.rows + theirs.rows
    a, b = ours.rows / total, theirs.rows / total
    means = a * ours.means + b * theirs.means
    variances = a * (ours.stds.square() + (ours.means - means).square())
    variances = variances + b * (theirs.stds.square() + (theirs.means - means).square())
    return Statistics(
        rows=total,
        looked_at=total,
        low=min(ours.low, theirs.low),
        high=max(ours.high, theirs.high),
        mean=a * ours.mean + b * theirs.mean,
        std=float(variances.mean().sqrt()),
        means=means,
        stds=variances.sqrt(),
        lows=torch.minimum(ours.lows, theirs.lows),
        highs=torch.maximum(ours.highs, theirs.highs),
    )


def _scaler_finding(name: str, kind: tuple[str, str], is_split: bool) -> Finding:
    code, words = kind
    fix = "put keras.layers.Normalization() after the Input and pass unscaled data: fit() "
    fix += "teaches it from the training part only."
    if code == "scaler-fit-separately":
        problem = f"training and validation part of {name} each have exactly {words}."
        expected = "one scaler, fitted on the training part and used on both."
        fix = "use scaler.transform(x_val), not fit_transform."
    else:
        problem = f"training and validation part of {name} together have exactly {words}, the "
        problem += "training part alone does not."
        expected = "a scaler that has seen the training part only."
    return Finding(
        code,
        "hint" if is_split and code == "scaler-fit-on-all" else "warning",
        problem,
        expected,
        fix,
        {"scaling": words},
    )


CHECKS = {
    "val-overlaps-train": overlap,
    "val-split-unrepresentative": unrepresentative,
    "sorted-no-shuffle": sorted_rows,
    "predict-scale-shift": validation_scale,
    "scaler-fit-on-all": scaler_leak,
}
