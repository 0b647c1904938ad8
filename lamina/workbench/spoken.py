"""Messages in the words of the shell: options and settings where Python has arguments.

Messages are made on lower floors, which know nothing of a command line. Here the arguments in
their text become what to type, and findings about a preset get fixes that reach its settings.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from lamina.core.errors import LaminaError
from lamina.core.finding import Finding
from lamina.workbench.own_models import is_own
from lamina.workbench.settings import OPTIONS, Settings

_WITH_SET = ("train", "check", "show")
_CALLS = r"(?:train|fit|load|read|load_table|read_table|load_pictures|read_pictures)"
_VALUE = r"""(?:'[^']*'|"[^"]*"|\([^)]*\)|[\w.+-]*\w)"""
_RATE = re.compile(r"(?:learning_rate=|starts from to )(\d+(?:\.\d+)?(?:e[+-]?\d+)?)")
_SCALES = re.compile(r"(?:inputs as large as|targets far from) [\d.e+-]*\d")
_EPOCHS = re.compile(r"epochs=(\d+)")


def option(name: str, value: str) -> str:
    """What to type for a setting: `--epochs 3`, `--set dropout=0.1`.

    Args:
        name: Name of the setting.
        value: Its value as Python writes it.
    """
    plain = value.strip("'\"")
    if name == "kinds":
        name = "columns"
    pair = re.fullmatch(r"\((\d+), (\d+)\)", plain)
    plain = f"{pair[1]}x{pair[2]}" if pair else plain
    plain = f"'{plain}'" if " " in plain else plain
    if name in OPTIONS:
        return f"--{name.replace('_', '-')} {plain}".strip()
    return f"--set {name}={plain}"


def _named(found: re.Match[str]) -> str:
    return option(found[1], found[2])


_SETTINGS_NAMED = (
    "epochs|batch_size|learning_rate|seeds|seed|device|jit|check|every|task|target|ignore|"
    "test_share|validation_share|split_seed|picture_size|color_mode|dropout|width|patience|"
    "warmup|weight_decay|label_smoothing|augment|precision"
)
_TEXTS: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"\bkinds=\{(['\"])(.+?)\1: (['\"])(\w+)\3\}", r"--set 'columns.\2=\4'"),
    (r"\btarget=('[^']*'|\"[^\"]*\") \(on the command line: --target .*?\)", r"--target \1"),
    (r"\bpicture_size= changes it", "--set picture_size=64 changes it"),
    (rf"\b{_CALLS}\(([\w.]+)=(.*)\) is not possible", lambda m: f"{_named(m)} is not possible"),
    (r"\bleave (task|target|keep|kinds)= out", r"leave --\1 out"),
    (r"\b(test_share|validation_share)=(?![\d])", r"--set \1=0.5"),
    (r"\buse lamina\.device\([\"'](\w+)[\"']\)", r"--device \1"),
    (r"\bkinds has the column (.+?), which is not", r"column \1 of --drop or --set is not"),
    (r"\buse the model '(\w+)'", r"--model \1"),
    (rf"(?<![\w.-])(?<!--set )({_SETTINGS_NAMED}) ?= ?({_VALUE})", _named),
)


def text(words: str, command: str = "train") -> str:
    """A part of a message with settings and options in place of arguments in Python.

    Args:
        words: The problem, what was expected, or the fix.
        command: The command that was typed.

    Example:
        >>> text("pass for example learning_rate=0.001.")
        'pass for example --learning-rate 0.001.'
    """
    skip = "--set skip_bad_files=true" if command in _WITH_SET else "--skip-bad-files"
    words = words.replace('on_bad_file="skip"', skip)
    for pattern, instead in _TEXTS:
        words = re.sub(pattern, instead, words)
    return words


def message(error: LaminaError, command: str) -> str:
    """The whole message of an error as the shell shows it.

    Args:
        error: Any error that was raised on purpose.
        command: The command that was typed.
    """
    parts = (text(part, command) for part in (error.problem, error.expected, error.fix))
    problem, expected, fix = parts
    lines = [problem, f"  expected: {expected}", f"  fix: {fix}"]
    return "\n".join([*lines, *getattr(error, "__notes__", ())])


@contextmanager
def in_shell() -> Iterator[None]:
    """Errors of a block name the settings of `lamina train` in place of arguments in Python."""
    try:
        yield
    except LaminaError as error:
        fix = text(error.fix)
        if fix == error.fix:
            raise
        raise type(error)(error.problem, expected=error.expected, fix=fix) from error


# -- findings --------------------------------------------------------------------------------


def speaker(settings: Settings) -> Callable[[Finding], Finding]:
    """What gives findings about a training in the shell fixes to type there.

    Args:
        settings: With nothing left open.
    """

    def speak(finding: Finding) -> Finding:
        make = _FIXES.get(finding.code)
        fix = None if make is None else make(finding, settings)
        problem = finding.problem
        if finding.code == "nan-loss" and not is_own(settings.model or ""):
            # presets scale inputs and targets themselves, so that it can only be the rate
            problem = _SCALES.sub(f"a learning rate of {settings.learning_rate:g}", problem)
            fix = _lower_rate(finding, settings) if problem != finding.problem else fix
        return replace(finding, problem=problem, fix=text(fix or finding.fix))

    return speak


def _lower(settings: Settings, finding: Finding | None = None) -> str:
    found = None if finding is None else _RATE.search(finding.fix)
    if found is not None:
        return f"--learning-rate {float(found[1]):g}"
    return f"--learning-rate {(settings.learning_rate or 0.01) / 10:g}"


def _lower_rate(finding: Finding, settings: Settings) -> str:
    return f"lower the learning rate: {_lower(settings, finding)}."


def _higher_rate(finding: Finding, settings: Settings) -> str:
    found = _RATE.search(finding.fix)
    rate = float(found[1]) if found else 10 * (settings.learning_rate or 1e-4)
    return f"raise the learning rate: --learning-rate {rate:g}."


def _more_epochs(finding: Finding, settings: Settings) -> str:
    found = _EPOCHS.search(finding.fix)
    epochs = int(found[1]) if found else 10 * (settings.epochs or 1)
    return f"train longer: --epochs {epochs}, with --set patience=5 to end in time."


def _overfitting(finding: Finding, settings: Settings) -> str:
    less = f"--set dropout={max(0.5, settings.dropout or 0.0):g}, --set width=0.5"
    return (
        f"stop in time with the best weights: --set patience=3; or learn less by heart: {less}, "
        "or more data."
    )


def _class_weight(finding: Finding, settings: Settings) -> str | None:
    if "class_weight" not in finding.fix:
        return None
    return "--set class_weight=balanced lets rare classes weigh as much as others in the loss."


def _batch(finding: Finding, settings: Settings) -> str:
    return "--batch-size 32."


def _stuck(finding: Finding, settings: Settings) -> str:
    if finding.fix.startswith("lower"):
        return f"{_lower(settings)} first; then leave out dropout: --set dropout=0."
    return (
        "look at the other findings first; then at whether labels belong to their examples "
        f"(lamina show SOURCE), and try another rate, such as {_lower(settings)}."
    )


def _exploding(finding: Finding, settings: Settings) -> str:
    return f"{_lower(settings)}; and look for values far from all others: lamina show SOURCE."


def _not_finite(finding: Finding, settings: Settings) -> str | None:
    if "nan=" in finding.fix:
        return "leave those rows out of the source, or fill them in."
    return _lower_rate(finding, settings) if "rate" in finding.fix else None


def _constant(finding: Finding, settings: Settings) -> str | None:
    if "np.delete" not in finding.fix:
        return None
    return "leave them out: --drop COLUMN for a table (lamina show SOURCE lists its columns)."


def _few_rows(finding: Finding, settings: Settings) -> str:
    return "collect more examples, or take a smaller model: --set width=0.5, or --model linear."


def _overlap(finding: Finding, settings: Settings) -> str:
    return (
        "remove the repeated examples from the source, or hold others back: --seed 2 draws "
        "another validation part."
    )


def _representative(finding: Finding, settings: Settings) -> str:
    return "hold more back, --set validation_share=0.2, or draw another part: --seed 2."


def _no_signal(finding: Finding, settings: Settings) -> str:
    return "check in the source that every example has its own label: lamina show SOURCE."


_FIXES: dict[str, Callable[[Finding, Settings], str | None]] = {
    "lr-too-high": _lower_rate,
    "lr-invalid": _lower_rate,
    "lr-too-low": _higher_rate,
    "oscillating-loss": _lower_rate,
    "undertrained": _more_epochs,
    "overfitting": _overfitting,
    "class-imbalance": _class_weight,
    "majority-class-only": _class_weight,
    "tiny-batch": _batch,
    "too-large-batch": _batch,
    "batchnorm-tiny-batch": _batch,
    "stuck-loss": _stuck,
    "exploding-gradient": _exploding,
    "nan-loss": _not_finite,
    "constant-feature": _constant,
    "tiny-data": _few_rows,
    "val-overlaps-train": _overlap,
    "duplicate-rows-across-split": _overlap,
    "val-split-unrepresentative": _representative,
    "no-signal": _no_signal,
}
