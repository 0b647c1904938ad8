"""Turns the arguments of fit, evaluate and predict into sessions and runs.

What the model has to offer: `session()`, `predictor()`, `name`, `input_names`, `output_names`,
`inputs` (symbols). What it leaves to others: the data (`task_data`) and the loops.
"""

from typing import Any

import numpy as np
import torch
from torch import Tensor

from lamina.core import devices, randomness, settings, trees
from lamina.data import (
    ArrayBatches,
    Arrays,
    StreamBatches,
)
from lamina.data.split import check_one_validation
from lamina.preflight import Report
from lamina.step.runner import layout_key
from lamina.train import arguments, task_data
from lamina.train import fit as fitting
from lamina.train.adapting import adapt_layers
from lamina.train.callbacks import CallbackList
from lamina.train.callbacks.progress import ProgbarLogger, Progress
from lamina.train.columns import inputs_from
from lamina.train.data_checks import check_inputs, check_labelled, check_one_batch
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
    training, validation, whole = task_data.training_data(model, session, x, y, review, seed)
    review.look_at_values(whole)
    example = example_of(training)
    check_ids(model, example.x if whole is None else whole.x)
    adapt_layers(model, training)
    held_out = task_data.validation_data(
        model, session, validation, options, example, review.reading()
    )
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
        folder = keeper.checkpoints.folder
        progress.note(f"the run in {folder} has finished; its model and history are put back")
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
    training, validation, whole = task_data.training_data(model, session, x, y, review, seed)
    example, nan = example_of(training), review.reading()
    held_out = task_data.validation_data(model, session, validation, options, example, nan)
    review.choose_loss(training)
    report = review.report(training, held_out, whole)
    if deep and not report.errors:
        report = report.with_more(review.deep(training))
    return report


def evaluate(model: Any, x: Any, y: Any, **options: Any) -> Any:
    """Evaluates a model as `Model.evaluate` describes."""
    with Explained(model):
        return _evaluate(model, inputs_from(model, x), y, options)


def _evaluate(model: Any, x: Any, y: Any, options: dict[str, Any]) -> Any:
    session = model.session()
    arguments.check_evaluate(options)
    batches = task_data.labelled_data(model, session, "x", x, y, options["sample_weight"], options)
    example = example_of(batches)
    check_ids(model, example.x)
    _look_at_scale(model, batches, options["verbose"])
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
    x = inputs_from(model, x)
    predictor = model.predictor().seeing(options["augment"])
    quick = _quick(model, predictor, x, options)
    if quick is not None:
        warn_of_scale(model, x, options["verbose"])
        outputs = predictor.outputs(quick, [quick])
        return trees.transform(to_numpy, outputs)
    with Explained(model):
        return _predict(model, predictor, x, options)


def _predict(model: Any, predictor: Any, x: Any, options: dict[str, Any]) -> Any:
    session = predictor.session
    batches = task_data.unlabelled_data(model, session, x, options)
    if isinstance(batches, ArrayBatches) and batches.num_examples == 0:
        return _empty_outputs(session, batches)
    if not _is_built(model):
        session.build(example_of(batches))
    check_inputs(model, batches)
    if isinstance(batches, ArrayBatches):
        _look_at_scale(model, batches, options["verbose"])
    model.to(session.device)
    callbacks = CallbackList(options["callbacks"], model=model, verbose=options["verbose"])
    return predictor.run(batches, options["steps"], callbacks)


def train_on_batch(
    model: Any, x: Any, y: Any, sample_weight: Any, class_weight: Any, return_dict: bool
) -> Any:
    """Makes one training step on one batch."""
    session = model.session()
    batch = task_data.one_batch(model, session, x, y, sample_weight, class_weight)
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
    batch = task_data.one_batch(model, session, x, y, sample_weight, None)
    check_ids(model, batch.x)
    whole = ArrayBatches(Arrays(*batch), leaves_of(batch)[0].shape[0])
    settle_loss(model, session, whole, tells=False)
    session.prepare(batch, model.output_names)
    check_one_batch(model, session, batch)
    model.eval()
    session.evaluation_step(batch)(*leaves_of(batch))
    return _returned(session.objective.results(), return_dict)


def _look_at_scale(model: Any, batches: Batches, verbose: Any) -> None:
    batch = batches.data if isinstance(batches, ArrayBatches) else batches.example()
    warn_of_scale(model, batch.x, verbose)


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
