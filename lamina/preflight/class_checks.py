"""Checks of how often each class occurs."""

from collections.abc import Iterator

from lamina import metrics
from lamina.preflight.finding import Finding
from lamina.preflight.offenders import labelled
from lamina.preflight.subject import Subject
from lamina.preflight.wording import number, percent


def single_class_labels(subject: Subject) -> Iterator[Finding]:
    """Nothing to tell apart."""
    for head, labels in labelled(subject):
        is_single = labels.is_column and labels.low == labels.high
        is_single = is_single or (labels.is_one_hot and labels.num_classes == 1)
        if not is_single or labels.rows < 2:
            continue
        shown = number(labels.low) if labels.is_column else "the same class"
        if subject.training is not None and subject.training.is_excerpt:
            yield _same_at_the_start(head.y_name, labels.rows, shown)
            continue
        yield Finding(
            "single-class-labels",
            "warning",
            f"all {labels.rows:,} rows of {head.y_name} are {shown}.",
            "labels of at least two classes, or numbers that differ.",
            "look at the step that selects the rows or makes the labels.",
            {"value": labels.low},
        )


def _same_at_the_start(name: str, rows: int, shown: str) -> Finding:
    """Of a stream only the beginning is known: it may go class by class."""
    return Finding(
        "single-class-labels",
        "warning",
        f"the first {rows:,} rows that the stream gives all have the same {name}: {shown}.",
        "batches of mixed rows, with labels of at least two classes.",
        "shuffle in the source, for example DataLoader(rows, shuffle=True).",
        {"rows": rows, "value": shown},
    )


def class_imbalance(subject: Subject) -> Iterator[Finding]:
    """A class so rare that training may overlook it."""
    options = subject.options
    if options.get("class_weight") is not None or options.get("sample_weight") is not None:
        return
    for head, labels in labelled(subject):
        is_class_loss = head.facts is not None and head.facts.labels in (
            "classes",
            "one_hot",
            "binary",
        )
        if not is_class_loss or labels.class_counts is None or "focal" in head.loss_word:
            continue
        counts = [count for count in labels.class_counts if count]
        if len(counts) < 2 or labels.rows < 20:
            continue
        share, even = min(counts) / sum(counts), 1 / len(counts)
        if share > 0.2 * even:
            continue
        is_binary = len(counts) == 2
        watches = any(
            isinstance(m, (metrics.AUC, metrics.Precision, metrics.Recall)) for m in head.metrics
        )
        is_start = subject.training is not None and subject.training.is_excerpt
        weights = {i: round(even * sum(counts) / count, 2) for i, count in enumerate(counts)}
        shown = weights if len(weights) <= 4 else "{0: ..., 1: ...}"
        yield Finding(
            "class-imbalance",
            "warning" if is_binary and share < 0.05 and not (watches or is_start) else "hint",
            f"the rarest of {len(counts)} classes in {head.y_name} has {percent(share)} of the "
            f"rows ({min(counts):,} of {sum(counts):,}).",
            "classes of similar size, or weights that make up for it.",
            f"pass class_weight={shown} to fit().",
            {"share": share, "counts": counts[:20]},
        )


CHECKS = {
    "single-class-labels": single_class_labels,
    "class-imbalance": class_imbalance,
}
