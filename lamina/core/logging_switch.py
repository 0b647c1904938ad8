"""Whether progress is shown for a person who watches, or as lines for a file."""

_settings = {"interactive": True}


def enable_interactive_logging() -> None:
    """Lets verbose="auto" draw a live bar where the output is a terminal or a notebook."""
    _settings["interactive"] = True


def disable_interactive_logging() -> None:
    """Makes verbose="auto" write one plain line an epoch, wherever the output goes."""
    _settings["interactive"] = False


def is_interactive_logging_enabled() -> bool:
    """Whether verbose="auto" may draw a live bar."""
    return _settings["interactive"]
