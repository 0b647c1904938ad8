"""Errors the library raises on purpose, and the one form their messages have."""


class LaminaError(Exception):
    """Says what is wrong, what was expected, and what to do about it.

    Args:
        problem: One line that stands alone and shows the received value.
        expected: The rule that the value broke.
        fix: Something the user can type.
    """

    def __init__(self, problem: str, *, expected: str, fix: str) -> None:
        super().__init__(f"{problem}\n  expected: {expected}\n  fix: {fix}")
        self.problem, self.expected, self.fix = problem, expected, fix

    def __reduce__(self) -> tuple:
        """Survives a trip between processes with its three parts."""
        return _rebuild, (type(self), self.problem, self.expected, self.fix)


def _rebuild(kind: type[LaminaError], problem: str, expected: str, fix: str) -> LaminaError:
    return kind(problem, expected=expected, fix=fix)


class ArgumentError(LaminaError, ValueError):
    """An argument has a value that cannot be used."""


class ArgumentTypeError(LaminaError, TypeError):
    """An argument has a type that cannot be used."""


class ShapeError(LaminaError, ValueError):
    """A tensor lacks the axes that a layer, loss or metric needs."""


class DtypeError(LaminaError, TypeError):
    """A tensor has a dtype that a layer, loss or metric cannot use."""


class DataError(LaminaError, ValueError):
    """Data of the user cannot be trained on or predicted from as it is."""


class LoadError(LaminaError, ValueError):
    """A file is damaged, is not what it claims to be, or breaks a limit."""


class StorageError(LaminaError, OSError):
    """Something could not be written or fetched: the disk, a folder or the network."""


class StateError(LaminaError, RuntimeError):
    """A call came too early or too late, such as fit() before compile()."""


class DeviceError(LaminaError, RuntimeError):
    """A device was asked for that this machine does not have."""


class CaptureError(LaminaError, RuntimeError):
    """The training step cannot be captured as one list of kernel calls."""


class MissingNameError(LaminaError, AttributeError):
    """A package of this library has no such name."""


class MissingExtraError(LaminaError, ImportError):
    """An optional package is needed and is not installed."""
