"""Turns the arguments of fit, evaluate and predict into sessions, batches and runs.

What the model has to offer: `session()`, `predictor()`, `name`, `input_names`, `output_names`,
`inputs` (symbols). What it leaves to others: the loops.
"""

from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lamina.core import devices, randomness, settings, trees
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
from lamina.data.split import check_one_validation
from lamina.data.weights import class_weight_table
from lamina.layers.imputation import places_with_gaps
from lamina.preflight import Report
from lamina.step.runner import layout_key
from lamina.train import arguments
from lamina.train import fit as fitting
from lamina.train.adapting import adapt_layers
from lamina.train.callbacks import CallbackList
from lamina.train.callbacks.progress import ProgbarLogger, Progress
from lamina.train.data_checks import check_inputs, check_labelled, check_like, check_one_batch
from lamina.train.evaluate import Evaluation
from lamina.train.feeding import example_of
from lamina.train.history import History
from lamina.train.id_checks import Explained, check_ids
from lamina.train.keeping import Keeper, keeper_of
from lamina.train.predict import Predictor, to_numpy
from lamina.train.reviewing import Review, warn_of_scale
from lamina.train.run_facts import facts_of
from lamina.train.session import Session, leaves_of
from lamina.train.settling import settle_loss
from lamina.train.snapshot import Parts

Batches = ArrayBatches | StreamBatches


def fit(model: Any, x: Any, y: Any, **options: Any) -> History:
    """Trains a model as `Model.fit` describes."""
    with arguments.training_alone(model), Explained(model), keeper_of(options) as keeper:
        return _fit(model, x, y, options, keeper)


def _fit(
    model: Any, x: Any, y: Any, options: dict[str, Any], keeper: Keeper | None = None
) -> History:
    session = model.session()
    arguments.check_fit(options)
    _limit(options)
    check_one_validation(options["validation_split"] or None, options["validation_data"])
    seed = randomness.current_seed()
    review = Review(model, session, options)
    training, validation, whole = _training_data(model, session, x, y, review, seed)
    review.look_at_values(whole)
    example = example_of(training)
    check_ids(model, example.x if whole is None else whole.x)
    adapt_layers(model, training)
    held_out = _validation_data(model, session, validation, options, example, review.reading())
    review.choose_loss(training)
    review.look(training, held_out, whole)
    session.prepare(example, model.output_names)
    check_labelled(model, session, training, whole=whole)
    threads = session.threads(example, options["batch_size"] or 32)
    if held_out is not None and not isinstance(validation, Arrays):
        names = ("validation_data[0]", "validation_data[1]")
        check_labelled(model, session, held_out, names=names)
    session.prepare_training()
    evaluation = None
    if held_out is not None:
        evaluation = Evaluation(session, held_out, options["validation_steps"], threads)
    callbacks = _callbacks(model, options, training, held_out is not None)
    review.observe(callbacks)
    run = fitting.Run(
        epochs=options["epochs"],
        initial_epoch=options["initial_epoch"],
        steps_per_epoch=options["steps_per_epoch"],
        validation=evaluation,
        validation_freq=options["validation_freq"],
        seed=seed,
        threads=threads,
        batch_size=training.batch_size if isinstance(training, ArrayBatches) else None,
    )
    shows_itself = any(isinstance(callback, ProgbarLogger) for callback in callbacks.callbacks)
    progress = Progress(0 if shows_itself else options["verbose"])
    chosen = devices.announcement(session.device)
    if chosen is not None:
        progress.note(chosen)
    if keeper is not None:
        keeper.compare(facts_of(session, training, evaluation, run, callbacks))
    if keeper is not None and keeper.has_ended(run.epochs):
        return keeper.put_end(Parts(session, callbacks, model))
    history = fitting.fit(session, training, run, callbacks, progress, model, keeper, review.guard)
    return review.conclude(history)


def check(model: Any, x: Any, y: Any, *, deep: bool = False, **options: Any) -> Report:
    """Looks at a model and data as `Model.check` describes."""
    session = model.session() if model.compiled else Session(model)
    arguments.check_fit(options)
    review = Review(model, session, {**options, "check": "warn"})
    if x is None:
        return review.report()
    seed = randomness.current_seed()
    training, validation, whole = _training_data(model, session, x, y, review, seed)
    example, nan = example_of(training), review.reading()
    held_out = _validation_data(model, session, validation, options, example, nan)
    review.choose_loss(training)
    report = review.report(training, held_out, whole)
    if deep and not report.errors:
        report = report.with_more(review.deep(training))
    return report


def evaluate(model: Any, x: Any, y: Any, **options: Any) -> Any:
    """Evaluates a model as `Model.evaluate` describes."""
    with Explained(model):
        return _evaluate(model, x, y, options)


def _evaluate(model: Any, x: Any, y: Any, options: dict[str, Any]) -> Any:
    session = model.session()
    arguments.check_evaluate(options)
    batches = _labelled_data(model, session, "x", x, y, options["sample_weight"], options)
    example = example_of(batches)
    check_ids(model, example.x)
    settle_loss(model, session, batches, tells=options["verbose"] != 0)
    session.prepare(example, model.output_names)
    check_labelled(model, session, batches)
    threads = session.threads(example, options["batch_size"] or 32)
    callbacks = CallbackList(options["callbacks"], model=model, verbose=options["verbose"])
    evaluation = Evaluation(session, batches, options["steps"], threads, options["augment"])
    results = evaluation.run(callbacks)
    Progress(options["verbose"]).evaluated(results)
    return _returned(results, options["return_dict"])


def predict(model: Any, x: Any, **options: Any) -> Any:
    """Predicts with a model as `Model.predict` describes."""
    arguments.check_predict(options)
    warn_of_scale(model, x, options["verbose"])
    predictor = model.predictor().seeing(options["augment"])
    quick = _quick(model, predictor, x, options)
    if quick is not None:
        outputs = predictor.outputs(quick, [quick])
        return trees.transform(to_numpy, outputs)
    with Explained(model):
        return _predict(model, predictor, x, options)


def _predict(model: Any, predictor: Any, x: Any, options: dict[str, Any]) -> Any:
    session = predictor.session
    batches = _unlabelled_data(model, session, x, options)
    if isinstance(batches, ArrayBatches) and batches.num_examples == 0:
        return _empty_outputs(session, batches)
    if not _is_built(model):
        session.build(example_of(batches))
    check_inputs(model, batches)
    model.to(session.device)
    callbacks = CallbackList(options["callbacks"], model=model, verbose=options["verbose"])
    return predictor.run(batches, options["steps"], callbacks)


def train_on_batch(
    model: Any, x: Any, y: Any, sample_weight: Any, class_weight: Any, return_dict: bool
) -> Any:
    """Makes one training step on one batch."""
    session = model.session()
    batch = _one_batch(model, session, x, y, sample_weight, class_weight)
    check_ids(model, batch.x)
    whole = ArrayBatches(Arrays(*batch), leaves_of(batch)[0].shape[0])
    adapt_layers(model, whole)
    settle_loss(model, session, whole, tells=False)
    session.prepare(batch, model.output_names)
    check_one_batch(model, session, batch)
    session.prepare_training()
    optimizer = session.plan.optimizer
    columns = session.coefficients(optimizer.iterations + 1, 1).values()
    inputs = [*leaves_of(batch), *(column[0] for column in columns)]
    optimizer.calls += 1
    makes_update = optimizer.calls % (optimizer.gradient_accumulation_steps or 1) == 0
    model.train()
    runner = session.batch_runner()
    seed = randomness.derive(randomness.current_seed(), "batch", optimizer.calls)
    runner((makes_update, layout_key(inputs)), session.training_step(makes_update), inputs, seed)
    model.eval()
    return _returned(session.objective.results(), return_dict)


def test_on_batch(model: Any, x: Any, y: Any, sample_weight: Any, return_dict: bool) -> Any:
    """Loss and metrics of one batch."""
    session = model.session()
    batch = _one_batch(model, session, x, y, sample_weight, None)
    check_ids(model, batch.x)
    whole = ArrayBatches(Arrays(*batch), leaves_of(batch)[0].shape[0])
    settle_loss(model, session, whole, tells=False)
    session.prepare(batch, model.output_names)
    check_one_batch(model, session, batch)
    model.eval()
    session.evaluation_step(batch)(*leaves_of(batch))
    return _returned(session.objective.results(), return_dict)


# -- arguments -------------------------------------------------------------------------------


def _limit(options: dict[str, Any]) -> None:
    """Applies `config.set_max_epochs` and `set_max_steps_per_epoch`."""
    if settings.max_epochs() is not None:
        options["epochs"] = min(options["epochs"], settings.max_epochs())
    most = settings.max_steps_per_epoch()
    if most is not None:
        options["steps_per_epoch"] = min(options["steps_per_epoch"] or most, most)


def _callbacks(model: Any, options: dict, training: Batches, validates: bool) -> CallbackList:
    names = model.metrics_names
    callbacks = CallbackList(
        options["callbacks"],
        model=model,
        epochs=options["epochs"],
        steps=options["steps_per_epoch"] or training.steps_per_epoch,
        verbose=options["verbose"],
        metrics=[*names, *(f"val_{name}" for name in names if validates)],
    )
    if not any(isinstance(callback, History) for callback in callbacks.callbacks):
        callbacks.append(History())
        callbacks.set_params(callbacks.params)
        callbacks.set_model(model)
    return callbacks


# -- data ------------------------------------------------------------------------------------


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


def _training_data(
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


def _validation_data(
    model: Any, session: Session, given: Any, options: dict, example: Batch, nan: str
) -> Batches | None:
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


def _labelled_data(
    model: Any, session: Session, name: str, x: Any, y: Any, weight: Any, options: dict
) -> Batches:
    if is_stream(x):
        refuse_companions(x, y=y, sample_weight=weight)
        return _stream(model, session, x, options, options["steps"], name)
    arrays = _convert(model, options["nan"])(x, y, weight)
    size = choose_batch_size(arrays.num_examples, options["batch_size"], options["steps"])
    return ArrayBatches(arrays, size, shuffle=False, device=session.device)


def _unlabelled_data(model: Any, session: Session, x: Any, options: dict) -> Batches:
    if is_stream(x):
        options = {**options, "is_unlabelled": True}
        return _stream(model, session, x, options, options["steps"], "x")
    arrays = _convert(model, options["nan"], allow_empty=True)(x)
    size = choose_batch_size(arrays.num_examples, options["batch_size"], options["steps"])
    return ArrayBatches(arrays, size, shuffle=False, device=session.device)


def _one_batch(
    model: Any, session: Session, x: Any, y: Any, sample_weight: Any, class_weight: Any
) -> Batch:
    arrays = _convert(model, "error")(x, y, sample_weight)
    weight = arrays.sample_weight
    if class_weight is not None:
        table = class_weight_table(class_weight, _num_classes(model))
        weight = class_sample_weight(arrays.y, table, sample_weight=sample_weight)
    batch = Batch(arrays.x, arrays.y, weight)
    return trees.transform(lambda leaf: None if leaf is None else leaf.to(session.device), batch)


def _quick(model: Any, predictor: Predictor, x: Any, options: dict) -> Tensor | None:
    """A few rows that need no loop, as a tensor; `None` where the long way must be taken."""
    is_plain = type(x) is np.ndarray and x.dtype == np.float32 and x.flags.writeable
    if not is_plain or options["callbacks"] is not None or options["nan"] != "error":
        return None
    symbols = model.inputs
    if len(symbols) != 1 or predictor.session.device.type != "cpu" or not 0 < len(x) <= 32:
        return None
    if predictor.looks_ids_up():
        return None
    shape = symbols[0].shape
    if x.ndim != len(shape) or any(
        wanted not in (None, size) for wanted, size in zip(shape[1:], x.shape[1:], strict=True)
    ):
        return None
    return torch.from_numpy(x) if np.isfinite(x).all() else None


def _is_built(model: Any) -> bool:
    return bool(model.inputs) or model.is_built


def _empty_outputs(session: Session, batches: ArrayBatches) -> Any:
    """Outputs of shape (0, ...) for no rows."""
    data = trees.transform(
        lambda leaf: None if leaf is None else torch.zeros((2, *leaf.shape[1:]), dtype=leaf.dtype),
        batches.data,
    )
    outputs = session.build(data)
    return trees.transform(lambda leaf: leaf[:0].cpu().numpy(), outputs)


def _returned(results: dict[str, float], as_dict: bool) -> Any:
    if as_dict:
        return results
    values = list(results.values())
    return values[0] if len(values) == 1 else values
