"""What happens beside the training step: objects that are told about epochs and batches."""

from lamina.train.callbacks.backup import BackupAndRestore
from lamina.train.callbacks.base import Callback, CallbackList
from lamina.train.callbacks.csv_logger import CSVLogger
from lamina.train.callbacks.early_stopping import EarlyStopping
from lamina.train.callbacks.lambda_callback import LambdaCallback
from lamina.train.callbacks.learning_rate_scheduler import LearningRateScheduler
from lamina.train.callbacks.model_checkpoint import ModelCheckpoint
from lamina.train.callbacks.monitor import MonitorCallback
from lamina.train.callbacks.progress import ProgbarLogger
from lamina.train.callbacks.reduce_lr import ReduceLROnPlateau
from lamina.train.callbacks.remote_monitor import RemoteMonitor
from lamina.train.callbacks.swap_ema import SwapEMAWeights
from lamina.train.callbacks.tensorboard import TensorBoard
from lamina.train.callbacks.terminate_on_nan import TerminateOnNaN
from lamina.train.history import History

__all__ = [
    "BackupAndRestore",
    "CSVLogger",
    "Callback",
    "CallbackList",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "MonitorCallback",
    "ProgbarLogger",
    "ReduceLROnPlateau",
    "RemoteMonitor",
    "SwapEMAWeights",
    "TensorBoard",
    "TerminateOnNaN",
]
