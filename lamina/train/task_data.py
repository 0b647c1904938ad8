"""Turns what fit, evaluate and predict are given as data into batches.

What the model has to offer: `inputs`, `outputs` (symbols), `input_names`, `output_names`,
`modules()`.
"""

from functools import partial
from typing import Any

from lamina.core import randomness, trees
from lamina.data import (
    ArrayBatches,
    Arrays,
    Batch,
    StreamBatches,
    class_sample_weight,
    is_stream,
    take,
    to_arrays,
    train_validation_split,
    unpack_validation,
)
from lamina.data.batches import choose_batch_size
from lamina.data.sources import refuse_companions
from lamina.data.weights import class_weight_table
from lamina.layers.imputation import places_with_gaps
from lamina.train.data_checks import check_like
from lamina.train.reviewing import Review
from lamina.train.session import Session

Batches = ArrayBatches | StreamBatches


def training_data(
    model: Any, session: Session, x: Any, y: Any, review: Review, seed: int
) -> tuple[Batches, Any, Arrays | None]:
    """Training batches, the data kept for validation, and all arrays before they were split."""
    options = review.options
    if is_stream(x):
        refuse_companions(
            x,
            y=y,
            sample_weight=options["sample_weight"],
            validation_split=options["validation_split"],
        )
        stream = _stream(model, session, x, options, options["steps_per_epoch"], "x")
        stream.check_epochs(options["epochs"] - options["initial_epoch"])
        return stream, options["validation_data"], None
    arrays = _convert(model, review.reading())(x, y, options["sample_weight"])
    if options["class_weight"] is not None:
        weight = class_sample_weight(
            arrays.y,
            options["class_weight"],
            sample_weight=options["sample_weight"],
            num_classes=_num_classes(model),
        )
        arrays = Arrays(arrays.x, arrays.y, weight, arrays.column_names)
    whole, validation = arrays, options["validation_data"]
    if options["validation_split"]:
        mode: Any = "last" if options["validation_mode"] == "last" else "seeded"
        kept, held = train_validation_split(
            arrays, options["validation_split"], seed=seed, mode=mode
        )
        arrays, validation, review.kept = take(arrays, kept), take(arrays, held), kept
    size = choose_batch_size(arrays.num_examples, options["batch_size"], options["steps_per_epoch"])
    batches = ArrayBatches(
        arrays, size, seed=seed, shuffle=options["shuffle"], device=session.device
    )
    return batches, validation, whole


def validation_data(
    model: Any, session: Session, given: Any, options: dict, example: Batch, nan: str
) -> Batches | None:
    """Batches for validation, checked to be like those for training; `None` without any."""
    if given is None:
        return None
    size = options["validation_batch_size"] or options["batch_size"]
    if isinstance(given, Arrays):
        return ArrayBatches(given, size or 32, shuffle=False, device=session.device)
    if is_stream(given):
        quiet = {**options, "class_weight": None, "shuffle": False, "batch_size": size}
        steps = options["validation_steps"]
        stream = _stream(model, session, given, quiet, steps, "validation_data")
        check_like(example, stream.example())
        return stream
    x, y, weight = unpack_validation(given)
    names = tuple(f"validation_data[{i}]" for i in range(3))
    arrays = _convert(model, nan, names=names)(x, y, weight)
    check_like(example, arrays)
    size = choose_batch_size(arrays.num_examples, size, options["validation_steps"])
    return ArrayBatches(arrays, size, shuffle=False, device=session.device)


def labelled_data(
    model: Any, session: Session, name: str, x: Any, y: Any, weight: Any, options: dict
) -> Batches:
    """Batches of x and y for an evaluation."""
    if is_stream(x):
        refuse_companions(x, y=y, sample_weight=weight)
        return _stream(model, session, x, options, options["steps"], name)
    arrays = _convert(model, options["nan"])(x, y, weight)
    size = choose_batch_size(arrays.num_examples, options["batch_size"], options["steps"])
    return ArrayBatches(arrays, size, shuffle=False, device=session.device)


def unlabelled_data(model: Any, session: Session, x: Any, options: dict) -> Batches:
    """Batches of x alone for a prediction."""
    if is_stream(x):
        options = {**options, "is_unlabelled": True}
        return _stream(model, session, x, options, options["steps"], "x")
    arrays = _convert(model, options["nan"], allow_empty=True)(x)
    size = choose_batch_size(arrays.num_examples, options["batch_size"], options["steps"])
    return ArrayBatches(arrays, size, shuffle=False, device=session.device)


def one_batch(
    model: Any, session: Session, x: Any, y: Any, sample_weight: Any, class_weight: Any
) -> Batch:
    """One batch on the device of the session, its class weights in its sample weights."""
    arrays = _convert(model, "error")(x, y, sample_weight)
    weight = arrays.sample_weight
    if class_weight is not None:
        table = class_weight_table(class_weight, _num_classes(model))
        weight = class_sample_weight(arrays.y, table, sample_weight=sample_weight)
    batch = Batch(arrays.x, arrays.y, weight)
    return trees.transform(lambda leaf: None if leaf is None else leaf.to(session.device), batch)


def _convert(model: Any, nan: str, **more: Any) -> Any:
    """`to_arrays` with what the model knows of its inputs and outputs."""
    symbols = model.inputs
    looks_words_up = any(getattr(part, "takes_text", False) for part in model.modules())
    known: dict[str, Any] = {"nan": nan, "takes_text": looks_words_up, **more}
    if symbols:
        known["input_shapes"] = [symbol.shape for symbol in symbols]
        known["input_names"] = model.input_names
        known["output_names"] = model.output_names
        known["with_gaps"] = places_with_gaps(model)
    return partial(to_arrays, **known)


def _num_classes(model: Any) -> int | None:
    outputs = model.outputs
    size = outputs[0].shape[-1] if len(outputs) == 1 and len(outputs[0].shape) > 1 else None
    return size if size is not None and size > 1 else None


def _stream(
    model: Any, session: Session, x: Any, options: dict, steps: int | None, name: str
) -> StreamBatches:
    is_labelled = session.plan is not None and session.plan.loss is not None
    weight = options.get("class_weight")
    return StreamBatches(
        x,
        steps_per_epoch=steps,
        batch_size=options["batch_size"],
        seed=randomness.current_seed(),
        shuffle=bool(options.get("shuffle", False)),
        device=session.device,
        prefetch=session.device.type != "cpu",
        convert=_convert(model, options["nan"]),
        needs_y=is_labelled and not session.has_custom_step and not options.get("is_unlabelled"),
        class_weight=None if weight is None else class_weight_table(weight, _num_classes(model)),
        name=name,
    )
