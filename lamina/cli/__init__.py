"""The command line: parses arguments and prints; all logic lies in the floors below."""

from lamina.cli.main import app, run

__all__ = ["app", "run"]
