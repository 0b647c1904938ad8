"""A page on this machine that shows a training while it goes on."""

from typing import TYPE_CHECKING

from lamina.core.later import imported_later

if TYPE_CHECKING:
    from lamina.report.live.page import LivePage

_PLACES = {"lamina.report.live.page": "LivePage"}

__getattr__ = imported_later(__name__, _PLACES)

__all__ = ["LivePage"]
