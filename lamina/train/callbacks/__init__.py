"""What happens beside the training step: objects that are told about epochs and batches."""

from typing import TYPE_CHECKING

from lamina.core.later import imported_later

if TYPE_CHECKING:
    from lamina.train.callbacks.backup import BackupAndRestore
    from lamina.train.callbacks.base import Callback, CallbackList
    from lamina.train.callbacks.csv_logger import CSVLogger
    from lamina.train.callbacks.early_stopping import EarlyStopping
    from lamina.train.callbacks.lambda_callback import LambdaCallback
    from lamina.train.callbacks.learning_rate_scheduler import LearningRateScheduler
    from lamina.train.callbacks.mlflow import MLflow
    from lamina.train.callbacks.model_checkpoint import ModelCheckpoint
    from lamina.train.callbacks.monitor import MonitorCallback
    from lamina.train.callbacks.progress import ProgbarLogger
    from lamina.train.callbacks.reduce_lr import ReduceLROnPlateau
    from lamina.train.callbacks.remote_monitor import RemoteMonitor
    from lamina.train.callbacks.swap_ema import SwapEMAWeights
    from lamina.train.callbacks.tensorboard import TensorBoard
    from lamina.train.callbacks.terminate_on_nan import TerminateOnNaN
    from lamina.train.history import History

_PLACES = {
    "lamina.train.callbacks.backup": "BackupAndRestore",
    "lamina.train.callbacks.base": "Callback CallbackList",
    "lamina.train.callbacks.csv_logger": "CSVLogger",
    "lamina.train.callbacks.early_stopping": "EarlyStopping",
    "lamina.train.callbacks.lambda_callback": "LambdaCallback",
    "lamina.train.callbacks.learning_rate_scheduler": "LearningRateScheduler",
    "lamina.train.callbacks.mlflow": "MLflow",
    "lamina.train.callbacks.model_checkpoint": "ModelCheckpoint",
    "lamina.train.callbacks.monitor": "MonitorCallback",
    "lamina.train.callbacks.progress": "ProgbarLogger",
    "lamina.train.callbacks.reduce_lr": "ReduceLROnPlateau",
    "lamina.train.callbacks.remote_monitor": "RemoteMonitor",
    "lamina.train.callbacks.swap_ema": "SwapEMAWeights",
    "lamina.train.callbacks.tensorboard": "TensorBoard",
    "lamina.train.callbacks.terminate_on_nan": "TerminateOnNaN",
    "lamina.train.history": "History",
}

__getattr__ = imported_later(__name__, _PLACES)

__all__ = [
    "BackupAndRestore",
    "CSVLogger",
    "Callback",
    "CallbackList",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "MLflow",
    "ModelCheckpoint",
    "MonitorCallback",
    "ProgbarLogger",
    "ReduceLROnPlateau",
    "RemoteMonitor",
    "SwapEMAWeights",
    "TensorBoard",
    "TerminateOnNaN",
]
