"""Exit codes: what the shell is told about an error."""

from lamina.core.errors import (
    ArgumentError,
    ArgumentTypeError,
    CaptureError,
    DataError,
    DeviceError,
    DtypeError,
    LaminaError,
    LoadError,
    MissingExtraError,
    ShapeError,
    StorageError,
)
from lamina.workbench.training import DivergedError

UNEXPECTED = 1
USAGE = 2
DATA = 3
LOAD = 4
DISK = 5
DIVERGED = 6
NOT_CAPTURED = 7

_CODES: dict[type[LaminaError], int] = {
    DivergedError: DIVERGED,
    CaptureError: NOT_CAPTURED,
    ArgumentError: USAGE,
    ArgumentTypeError: USAGE,
    DeviceError: USAGE,
    MissingExtraError: USAGE,
    DataError: DATA,
    ShapeError: DATA,
    DtypeError: DATA,
    LoadError: LOAD,
    StorageError: DISK,
}


def code_of(error: LaminaError) -> int:
    """The exit code for an error; that of an unexpected one where no other fits."""
    return next((code for kind, code in _CODES.items() if isinstance(error, kind)), UNEXPECTED)
