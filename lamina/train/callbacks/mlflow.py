"""MLflow: writes the settings and the numbers of a run where MLflow keeps its runs."""

import os
import tempfile
from pathlib import Path
from typing import Any

from lamina.core import checks
from lamina.core.errors import MissingExtraError
from lamina.core.names import shown
from lamina.train.callbacks.base import Callback
from lamina.train.callbacks.learning_rates import add_to_logs
from lamina.train.callbacks.scalars import scalar

_MOST_CHARACTERS = 250  # MLflow refuses parameters of more than 500


class MLflow(Callback):
    """Writes settings, the numbers of each epoch, and if asked the model, as a run of MLflow.

    A run that is active when training begins is used and left open; otherwise one is begun, and
    ended with the training.

    Args:
        experiment: Name of the experiment; that of MLflow's settings when `None`.
        run_name: Name of the run; chosen by MLflow when `None`.
        tracking_uri: Folder or server that keeps the runs; that of MLflow's settings when `None`.
        save_model: Whether the trained model is kept with the run, as a .lamina file.

    Raises:
        ArgumentError: An argument has no possible value.
        MissingExtraError: The package mlflow is not installed.

    Example:
        >>> tracker = MLflow(experiment="digits", save_model=True)
    """

    def __init__(
        self,
        experiment: str | None = None,
        run_name: str | None = None,
        tracking_uri: str | os.PathLike | None = None,
        save_model: bool = False,
    ) -> None:
        super().__init__()
        self.experiment, self.run_name = experiment, run_name
        self.tracking_uri = None if tracking_uri is None else os.fspath(tracking_uri)
        self.save_model = checks.boolean(self, "save_model", save_model)
        self._mlflow = _package()
        self._begun = False

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Begins a run where none is active, and writes the settings."""
        if self.tracking_uri is not None:
            self._mlflow.set_tracking_uri(self.tracking_uri)
        if self.experiment is not None:
            self._mlflow.set_experiment(self.experiment)
        self._begun = self._mlflow.active_run() is None
        if self._begun:
            self._mlflow.start_run(run_name=self.run_name)
        self._mlflow.log_params(settings_of(self.model, self.params))

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Writes the numbers of the epoch."""
        numbers = {name: scalar(value) for name, value in (logs or {}).items()}
        rates: dict[str, Any] = {}
        add_to_logs(self.model, rates)
        known = {name: value for name, value in numbers.items() if value is not None}
        self._mlflow.log_metrics({**known, **rates}, step=epoch)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Keeps the model if asked, and ends the run that was begun here."""
        if self.save_model:
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, f"{_file_name(self.model.name)}.lamina")
                self.model.save(path)
                self._mlflow.log_artifact(str(path))
        self._end("FINISHED")

    def on_train_stopped(self, error: BaseException) -> None:
        """Ends the run that was begun here as one that failed, or was stopped."""
        self._end("KILLED" if isinstance(error, (KeyboardInterrupt, SystemExit)) else "FAILED")

    def _end(self, status: str) -> None:
        if self._begun:
            self._begun = False
            self._mlflow.end_run(status)


def settings_of(model: Any, params: dict[str, Any]) -> dict[str, Any]:
    """Settings of a run as flat names with short values.

    Args:
        model: The model in training.
        params: What `fit` was asked for.
    """
    settings: dict[str, Any] = {
        "model": model.name,
        "parameters": model.count_params(),
        "epochs": params.get("epochs"),
        "steps": params.get("steps"),
        "loss": _named(model.loss),
    }
    optimizer = model.optimizer
    if optimizer is not None:
        settings["optimizer"] = type(optimizer).__name__
        for name, value in optimizer.get_config().items():
            if value is not None and name != "name":
                settings[f"optimizer_{name}"] = value
    return {
        name: value if checks.is_number(value) else shown(value, _MOST_CHARACTERS).strip("'\"")
        for name, value in settings.items()
        if value is not None
    }


def _named(part: Any) -> str | None:
    if part is None or isinstance(part, str):
        return part
    return getattr(part, "__name__", None) or type(part).__name__


def _file_name(name: str) -> str:
    return "".join(c if c.isalnum() or c in "-_" else "_" for c in name) or "model"


def _package() -> Any:
    try:
        import mlflow  # noqa: PLC0415 (optional)
    except ImportError as error:
        raise MissingExtraError(
            "MLflow needs the package mlflow, which is not installed.",
            expected="the packages of the extra 'track'.",
            fix='pip install "lamina[track]"',
        ) from error
    return mlflow
