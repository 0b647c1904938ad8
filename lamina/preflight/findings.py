"""Findings: the list that a training's history keeps them in, shown in notebooks."""

from lamina.core.finding import Finding
from lamina.preflight import pages


class Findings(list[Finding]):
    """A list of findings that a notebook shows one below the other, in the order of the list.

    Example:
        >>> Findings()
        []
    """

    def _repr_html_(self) -> str:
        return pages.html_list(self)
