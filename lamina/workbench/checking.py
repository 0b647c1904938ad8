"""A training looked at for mistakes before it begins: the model, its plan and the data."""

from lamina.core.names import shown
from lamina.data.dataset import Dataset
from lamina.models.model import Model
from lamina.preflight import Report
from lamina.workbench import choosing, parts, sources, telling, training
from lamina.workbench.facts import facts_of
from lamina.workbench.settings import Settings, check
from lamina.workbench.telling import Say


def look(settings: Settings, *, deep: bool = False, say: Say) -> Report:
    """Makes the model that `lamina train` would make of these settings, and checks it.

    Nothing is trained, and nothing is written.

    Args:
        settings: What would be asked for.
        deep: Whether the model is tried out on one batch as well.
        say: Is told what happens, line by line.

    Raises:
        ArgumentError: A setting is not possible.
        DataError: The data cannot be trained on.
        LoadError: A file is damaged.
        StorageError: The source cannot be read or fetched.

    Example:
        >>> look(Settings("iris"), say=print).errors
        []
    """
    check(settings)
    choosing.check_model(settings.model)
    dataset = sources.load(settings, say)
    divided = parts.divide(dataset, settings.seed, settings.validation_share)
    facts = facts_of(divided)
    decided = choosing.decide(settings, facts)
    model = training.make_model(decided, facts, divided)
    found = _checked(model, divided, decided, deep)
    return Report(
        found.findings,
        f"{decided.model} on {dataset.title}",
        [*found.notes, *_noticed(dataset), *_unread(dataset), _told(divided, model)],
    )


def _checked(model: Model, dataset: Dataset, settings: Settings, deep: bool) -> Report:
    train, validation = dataset.train, dataset.validation
    return model.check(
        train.x,
        train.y,
        deep=deep,
        batch_size=settings.batch_size,
        epochs=settings.epochs or 1,
        validation_data=None if validation is None else (validation.x, validation.y),
        ignore=settings.ignore,
    )


def _noticed(dataset: Dataset) -> list[str]:
    return [
        note if note.endswith(".") else f"{note[:1].upper()}{note[1:]}."
        for note in telling.notes_of(dataset)
    ]


def _unread(dataset: Dataset) -> list[str]:
    left_out = [c for c in dataset.schema.columns if c.kind in ("ignored", "text")]
    return [f"Column {shown(column.name, 60)} is not read: {column.note}" for column in left_out]


def _told(dataset: Dataset, model: Model) -> str:
    validation = 0 if dataset.validation is None else dataset.validation.num_examples
    return (
        f"Looked at {dataset.train.num_examples:,} training and {validation:,} validation "
        f"examples and a model of {model.count_params():,} parameters. The "
        f"{dataset.test.num_examples:,} test examples were not looked at."
    )
