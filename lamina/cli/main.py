"""The `lamina` command: the application, its exit codes, and how errors are shown.

A command is a function in `commands/`; whatever it computes lies in the floors below.
"""

import signal
import sys
from types import FrameType, TracebackType
from typing import Annotated, Any, NoReturn

import typer

from lamina.cli.commands.datasets import datasets
from lamina.cli.commands.demo import demo
from lamina.cli.commands.study import study
from lamina.cli.commands.train import train
from lamina.cli.exit_codes import code_of
from lamina.core.errors import LaminaError
from lamina.train.printing import say
from lamina.version import VERSION

app = typer.Typer(
    name="lamina",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
app.command()(train)
app.command()(demo)
app.command()(datasets)
app.command()(study)


def _show_version(wanted: bool) -> None:
    if wanted:
        say(f"lamina {VERSION}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show where in the code an error arose.")
    ] = False,
) -> None:
    """Train networks on labelled pictures and tables: Keras's interface, PyTorch inside.

    Exit codes: 0 done, 1 unexpected error, 2 wrong usage, 3 unusable data, 4 unreadable file,
    5 disk or network, 6 training diverged, 130 interrupted (SIGINT), 143 terminated (SIGTERM).
    """


def run(arguments: list[str] | None = None) -> NoReturn:
    """Runs the command line and ends the program with one of the exit codes.

    Args:
        arguments: What follows `lamina`; that of the shell when `None`.
    """
    given = sys.argv[1:] if arguments is None else arguments
    is_debugging = "--debug" in given  # understood before and after the command
    signal.signal(signal.SIGINT, _stop)
    signal.signal(signal.SIGTERM, _stop)
    if not is_debugging:
        sys.excepthook = _show_unexpected
    command: Any = typer.main.get_command(app)
    try:
        command.main(args=[word for word in given if word != "--debug"], prog_name="lamina")
    except LaminaError as error:
        if is_debugging:
            raise
        _complain(f"lamina: {error}")
        sys.exit(code_of(error))
    except BrokenPipeError:
        say("")  # sends the rest nowhere
        sys.exit(0)
    sys.exit(0)


def _stop(number: int, frame: FrameType | None) -> NoReturn:
    """Ends the program where it stands; what is open is closed on the way out."""
    raise SystemExit(128 + number)


def _show_unexpected(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Shows an error that nobody foresaw in one line; Python then ends with exit code 1."""
    _complain(f"lamina: unexpected {kind.__name__}: {error}")
    _complain("  run it again with --debug to see where, and please report it.")


def _complain(text: str) -> None:
    try:
        sys.stderr.write(f"{text}\n")
    except (OSError, ValueError, AttributeError):  # nobody listens
        return
