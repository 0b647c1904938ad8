"""Model: compile, fit, evaluate, predict; delegates to the train floor.

A model is a layer too: it can stand inside another one, and inside any torch program.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lamina import models, train
from lamina.core import calls, checks
from lamina.core.errors import StateError
from lamina.models.graph_model import GraphModel

if TYPE_CHECKING:  # a model that is only built does not need the floors that train it
    from torch import Tensor

    from lamina.preflight import Report
    from lamina.train.history import History
    from lamina.train.plan import Plan
    from lamina.train.predict import Predictor
    from lamina.train.session import Session


class Model(GraphModel):
    """Groups layers into something that can be compiled, trained and asked for predictions.

    Made from symbolic tensors, `Model(inputs, outputs)`, or by a subclass that makes its layers
    in `__init__` and computes in `call(self, x)`.

    Args:
        inputs: Symbols from `Input`, alone, in a list or in a dict.
        outputs: Symbols computed from them.
        name: Name in summaries and messages. Chosen automatically when `None`.
        **kwargs: `dtype`, `trainable`.

    Raises:
        ArgumentError: `inputs` or `outputs` hold something else than symbols, or outputs depend
            on other inputs.

    Example:
        >>> x = Input(shape=(8,))
        >>> Model(x, Dense(1)(x)).count_params()
        9
    """

    def __init__(
        self, inputs: Any = None, outputs: Any = None, name: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(inputs, outputs, name, **kwargs)
        self.stop_training = False
        self._plan: Plan | None = None
        self._session: Session | None = None
        self._predictor: Predictor | None = None

    def summary(self, line_length: int | None = None, print_fn: Any = None, **options: Any) -> None:
        """Prints a table of the layers with shapes, parameters, memory and multiply-adds.

        Args:
            line_length: Width in characters; that of the terminal when `None`.
            print_fn: Called with the text instead of printing.
            **options: `expand_nested`, `show_trainable`, `layer_range`, `positions`.
        """
        models.summary.show(self, line_length=line_length, print_fn=print_fn, **options)

    def _repr_html_(self) -> str:
        return models.summary.as_html(self)

    # -- training ----------------------------------------------------------------------------

    @calls.explained
    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: Any = "auto",
        auto_scale_loss: bool = True,
        jit: Any = "auto",
    ) -> None:
        """Says how the model is to be trained.

        Args:
            optimizer: Name, configuration or object.
            loss: Name, function or object; a list or dict of them for several outputs.
            loss_weights: What the losses of several outputs are multiplied by.
            metrics: Names, functions or objects.
            weighted_metrics: The same, weighted by sample and class weights.
            run_eagerly: Whether each step runs as ordinary torch code.
            steps_per_execution: Accepted for Keras's sake; the captured step needs no grouping.
            jit_compile: Accepted for Keras's sake; see `jit`.
            auto_scale_loss: Whether the policy "mixed_float16" adds a `LossScaleOptimizer`.
            jit: "auto" for the captured step, `False` for the eager one, "max" to hand the
                captured step to torch's compiler.

        Raises:
            ArgumentError: A name is unknown or a value impossible.
        """
        checks.positive_int("compile", "steps_per_execution", steps_per_execution)
        checks.choice("compile", "jit_compile", jit_compile, ("auto", True, False))
        checks.boolean("compile", "auto_scale_loss", auto_scale_loss)
        scales_loss = auto_scale_loss and self.dtype_policy.name == "mixed_float16"
        self.__dict__["_plan"] = train.plan.make_plan(
            optimizer, loss, loss_weights, metrics, weighted_metrics, run_eagerly, jit, scales_loss
        )
        self.__dict__["_session"] = None
        self.__dict__["_predictor"] = None

    @property
    def compiled(self) -> bool:
        """Whether `compile` has been called."""
        return self._plan is not None

    @property
    def optimizer(self) -> Any:
        """The optimizer of `compile`."""
        return None if self._plan is None else self._plan.optimizer

    @property
    def loss(self) -> Any:
        """The loss of `compile`, as it was given."""
        return None if self._plan is None else (self._plan.given or {})["loss"]

    @property
    def metrics(self) -> list[Any]:
        """Metric objects in use, once the model has seen data."""
        ready = self._session is not None and self._session.objective is not None
        return self._session.objective.all_metrics() if ready else []

    @property
    def metrics_names(self) -> list[str]:
        """Names of what `evaluate` returns."""
        ready = self._session is not None and self._session.objective is not None
        return self._session.objective.metric_names() if ready else ["loss"]

    def session(self) -> Session:
        """What training and evaluation share; made anew by `compile`.

        Raises:
            StateError: `compile` has not been called.
        """
        if self._plan is None:
            raise StateError(
                f"{self.name!r} has not been compiled.",
                expected="a loss and an optimizer before fit() or evaluate().",
                fix=f'{self.name}.compile(optimizer="adam", loss="auto"), or name a loss.',
            )
        session = self._session
        if session is None:
            session = self.__dict__["_session"] = train.session.Session(self, self._plan)
        return session

    @calls.explained
    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: Any = True,
        class_weight: Any = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: Any = 1,
        validation_mode: str = "stratified",
        nan: str = "error",
        checkpoint: Any = None,
        every: Any = None,
        strict: bool = True,
        check: str = "auto",
        ignore: Any = (),
    ) -> History:
        """Trains the model and returns what happened.

        Args:
            x: Inputs: array, tensor, data frame, list or dict of them; or a stream of batches
                (generator, DataLoader, Dataset, PyDataset).
            y: Labels, like `x`; `None` where `x` is a stream.
            batch_size: Examples in a batch; 32 when `None`.
            epochs: Number of the last epoch, counted from 1.
            verbose: 0 silent, 1 or "auto" a bar in a terminal and lines elsewhere, 2 lines.
            callbacks: Objects that are told what happens.
            validation_split: Share of the examples kept for validation, drawn with the seed and
                with all classes in proportion.
            validation_data: (x, y) or (x, y, sample_weight), or a stream.
            shuffle: Whether each epoch has a new order.
            class_weight: Weight of each class in the loss, by class number.
            sample_weight: Weight of each example in the loss.
            initial_epoch: Number of the first epoch, counted from 0.
            steps_per_epoch: Batches in an epoch; all when `None`.
            validation_steps: Batches in a validation; all when `None`.
            validation_batch_size: Examples in a validation batch; `batch_size` when `None`.
            validation_freq: Epochs between validations, or the epochs that have one.
            validation_mode: "stratified", or "last" for the last rows, as Keras takes them.
            nan: "allow" to train on data with NaN or infinity.
            checkpoint: Folder of this run: begun there, or gone on with to the same bits if it
                was interrupted; a finished run returns its history.
            every: Steps between checkpoints, "epoch" (when `None`), or a time such as "60s".
            strict: Whether a run that was begun with another model, other data or settings is
                an error.
            check: "auto" stops at mistakes that leave training without meaning and says what
                else was found; "raise" stops at warnings too, "warn" never, "off" looks at
                nothing.
            ignore: Codes of findings to leave out.

        Raises:
            LaminaError: Data, labels or arguments cannot mean what was written; the message
                says which, and what to do.
        """
        return train.tasks.fit(
            self,
            x,
            y,
            batch_size=batch_size,
            epochs=epochs,
            verbose=verbose,
            callbacks=callbacks,
            validation_split=validation_split,
            validation_data=validation_data,
            shuffle=shuffle,
            class_weight=class_weight,
            sample_weight=sample_weight,
            initial_epoch=initial_epoch,
            steps_per_epoch=steps_per_epoch,
            validation_steps=validation_steps,
            validation_batch_size=validation_batch_size,
            validation_freq=validation_freq,
            validation_mode=validation_mode,
            nan=nan,
            checkpoint=checkpoint,
            every=every,
            strict=strict,
            check=check,
            ignore=ignore,
        )

    def check(
        self, x: Any = None, y: Any = None, *, deep: bool = False, **arguments: Any
    ) -> Report:
        """Looks for mistakes in model, plan and data, without training.

        Args:
            x: Inputs, as `fit` takes them; `None` to look at the model and its plan alone.
            y: Labels.
            deep: Whether the model is tried out too: twenty steps on one batch, gradients to all
                layers, rows apart. The model is as before afterwards.
            **arguments: What `fit` would be called with.

        Raises:
            ArgumentError: `fit` has no such argument.
        """
        report = train.tasks.check(
            self, x, y, deep=deep, **train.reviewing.filled(Model.fit, arguments)
        )
        report.repair = models.repairing.repairer(self, x, y, arguments)
        return report

    @calls.explained
    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
        nan: str = "error",
        augment: Any = None,
    ) -> Any:
        """Loss and metrics on labelled data, exact over all examples.

        Takes the arguments of `fit`, and `augment` as `predict` does.

        Returns:
            The loss, or a list beginning with it where there are metrics, or a dict by name.
        """
        return train.tasks.evaluate(
            self,
            x,
            y,
            batch_size=batch_size,
            verbose=verbose,
            sample_weight=sample_weight,
            steps=steps,
            callbacks=callbacks,
            return_dict=return_dict,
            nan=nan,
            augment=augment,
        )

    @calls.explained
    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = "auto",
        steps: int | None = None,
        callbacks: Any = None,
        nan: str = "error",
        augment: Any = None,
    ) -> Any:
        """Outputs for inputs, as NumPy arrays in the nesting of the outputs.

        Args:
            x: Inputs, as `fit` takes them; for a table of `lamina train` its columns, by name.
            batch_size: Examples in a batch; 32 when `None`.
            verbose: As in `fit`.
            steps: Batches to take from a stream; all when `None`.
            callbacks: Objects that are told what happens.
            nan: "allow" to pass NaN and infinity through.
            augment: Views of each image that outputs are averaged over: "mirror", "shift" (by one
                pixel, towards two corners), a function of a batch of images, or a list of these.
        """
        return train.tasks.predict(
            self,
            x,
            batch_size=batch_size,
            verbose=verbose,
            steps=steps,
            callbacks=callbacks,
            nan=nan,
            augment=augment,
        )

    @calls.explained
    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Any = None,
        return_dict: bool = False,
    ) -> Any:
        """Makes one training step; returns loss and metrics since the last reset."""
        return train.tasks.train_on_batch(self, x, y, sample_weight, class_weight, return_dict)

    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """Loss and metrics of one batch, added to those since the last reset."""
        return train.tasks.test_on_batch(self, x, y, sample_weight, return_dict)

    def predict_on_batch(self, x: Any) -> Any:
        """Outputs for one batch, as NumPy arrays."""
        return self.predict(x, batch_size=2**31, verbose=0)

    def train_step(self, data: tuple) -> dict[str, Any]:
        """Trains on one batch; a subclass may replace it, and then runs eagerly.

        Args:
            data: (x, y) or (x, y, sample_weight).
        """
        x, y, weight = (*data, None, None)[:3]
        return self.train_on_batch(x, y, sample_weight=weight, return_dict=True)

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Tensor:
        """The total loss of predictions, penalties included; for a `train_step` of one's own."""
        return self.session().objective.total(y, y_pred, sample_weight)[0]

    def compute_metrics(
        self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None
    ) -> dict[str, Any]:
        """Adds a batch to the metrics and returns all of them by name."""
        return self.session().objective.add_to_metrics(y, y_pred, sample_weight)

    def reset_metrics(self) -> None:
        """Starts all totals again."""
        if self._session is not None and self._session.objective is not None:
            self._session.objective.reset()

    def predictor(self) -> Predictor:
        """Captured forward passes of this model."""
        return train.predict.predictor_of(self)

    # -- files and copies --------------------------------------------------------------------

    def save(self, filepath: Any, overwrite: bool = True) -> None:
        """Writes the whole model into one file that ends in .lamina; see `save_model`."""
        models.saving.save_model(self, filepath, overwrite)

    def save_weights(self, filepath: Any, overwrite: bool = True) -> None:
        """Writes the weights into a file that ends in .safetensors."""
        models.saving.save_weights(self, filepath, overwrite)

    def load_weights(self, filepath: Any, skip_mismatch: bool = False) -> None:
        """Overwrites the weights with those of a .safetensors file; all of them, or none."""
        models.saving.load_weights(self, filepath, skip_mismatch)

    def to_json(self, **options: Any) -> str:
        """Architecture and compile arguments as text, without weights."""
        return models.saving.to_json(self, **options)

    def get_config(self) -> dict[str, Any]:
        """Layers and the calls between them, or the constructor's arguments of a subclass."""
        return models.objects.model_config(self)

    @classmethod
    def from_config(cls, config: Any, custom_objects: Any = None) -> Model:
        """A new model with new weights from what `get_config` returned."""
        return models.objects.model_from_config(cls, config, custom_objects)
