"""The `lamina` command: the application, its exit codes, and how errors are shown.

A command is a function in `commands/`, imported when it is asked for; whatever it computes lies
in the floors below.
"""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import FrameType, TracebackType
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperCommand, TyperGroup

from lamina.core.errors import LaminaError
from lamina.train.printing import say
from lamina.version import VERSION

COMMANDS = {
    "train": "Train a model on a source, test it, report.",
    "show": "What is in a source, before training.",
    "check": "Mistakes in data, model and plan, found before training.",
    "evaluate": "Test a trained model on another source.",
    "predict": "Answers to unseen examples, as a table.",
    "compare": "Which run is better, and by more than chance?",
    "report": "Write the page of a run again.",
    "runs": "The runs of a folder.",
    "summary": "The layers of a trained model.",
    "export": "A trained model for other programs.",
    "datasets": "The data sets known by name.",
    "demo": "A first training, with explanations.",
    "study": "What dense nets lose on pictures, and convolutions keep.",
    "doctor": "Is this machine ready, and how fast is it?",
}
"""Names of the commands, and what the list of commands says of each."""


class Commands(TyperGroup):
    """Imports a command when it is asked for, so that help and completion come at once."""

    is_listing = False

    def list_commands(self, ctx: Any) -> list[str]:
        """The names, in the order in which they are listed."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of a name, or a stand-in for a list; `None` where there is none."""
        if cmd_name not in COMMANDS:
            return None
        if self.is_listing:
            return TyperCommand(cmd_name, short_help=COMMANDS[cmd_name])
        return command_of(cmd_name)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that a line asks for; one that does not exist names the nearest."""
        self.commands = {name: TyperCommand(name) for name in COMMANDS}
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Writes the list of commands."""
        with self._listing():
            super().format_commands(ctx, formatter)

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """The commands that begin like a word, or the options."""
        with self._listing():
            return list(super().shell_complete(ctx, incomplete))

    @contextmanager
    def _listing(self) -> Iterator[None]:
        self.is_listing = True
        try:
            yield
        finally:
            self.is_listing = False


def command_of(name: str) -> Any:
    """The command of a name, its module imported.

    Args:
        name: A key of `COMMANDS`.
    """
    function = getattr(import_module(f"lamina.cli.commands.{name}"), name)
    alone = typer.Typer(add_completion=False, rich_markup_mode=None)
    alone.command(name)(function)
    made: Any = typer.main.get_command(alone)
    return made


app = typer.Typer(
    name="lamina",
    cls=Commands,
    no_args_is_help=True,
    rich_markup_mode=None,
)


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
    5 disk or network, 6 training diverged, 7 a model that cannot be exported in that format,
    130 interrupted (SIGINT), 143 terminated (SIGTERM).
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
    parser: Any = typer.main.get_command(app)
    try:
        parser.main(args=[word for word in given if word != "--debug"], prog_name="lamina")
    except LaminaError as error:
        if is_debugging:
            raise
        command = next((word for word in given if word in COMMANDS), "train")
        spoken = import_module("lamina.workbench.spoken")
        _complain(f"lamina: {spoken.message(error, command)}")
        sys.exit(import_module("lamina.cli.exit_codes").code_of(error))
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
