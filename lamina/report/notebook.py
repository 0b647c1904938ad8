"""A report as an object that a notebook shows."""

import html
from pathlib import Path

from lamina.report import page
from lamina.report.record import Record, read_record

_HEIGHT = 720  # pixels


class Report:
    """Shows the report of a run: in a notebook the page itself, elsewhere its result in a line.

    Args:
        run_path: The run folder.

    Raises:
        ArgumentError: The folder holds no run.
        LoadError: run.json is damaged.

    Example:
        >>> Report("runs/digits-mlp-1").path.name
        'digits-mlp-1'
    """

    def __init__(self, run_path: str | Path) -> None:
        self.path = Path(run_path)
        self._record: Record = read_record(self.path)

    def write(self) -> Path:
        """Writes report.html into the run folder; returns its path."""
        return page.write(self.path)

    def __repr__(self) -> str:
        result = page.outcome.build(self._record)
        return f"<Report of {str(self.path)!r}: {result['headline']}>"

    def _repr_html_(self) -> str:
        # A frame of its own keeps the styles of the notebook and of the page apart.
        content = html.escape(page.render(self._record), quote=True)
        return (
            f'<iframe title="Report of a run" srcdoc="{content}" sandbox="allow-scripts" '
            f'style="width:100%;height:{_HEIGHT}px;border:1px solid #8888;border-radius:8px">'
            "</iframe>"
        )
