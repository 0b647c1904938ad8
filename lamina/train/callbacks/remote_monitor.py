"""RemoteMonitor: sends the numbers of each epoch to a web server."""

import json
import urllib.error
import urllib.parse
import urllib.request
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np

from lamina.core import checks
from lamina.train.callbacks.base import Callback

_TIMEOUT_SECONDS = 5.0


class RemoteMonitor(Callback):
    """Posts the epoch and its logs as JSON; a server that does not answer is warned of once.

    Args:
        root: Address of the server.
        path: Path on it.
        field: Name of the form field that holds the JSON.
        headers: Further headers of the request.
        send_as_json: Whether the JSON is the body of the request instead of a form field.

    Raises:
        ArgumentError: `root` is no web address, or `send_as_json` is not True or False.

    Example:
        >>> RemoteMonitor("http://localhost:9000").path
        '/publish/epoch/end/'
    """

    def __init__(
        self,
        root: str = "http://localhost:9000",
        path: str = "/publish/epoch/end/",
        field: str = "data",
        headers: Mapping[str, str] | None = None,
        send_as_json: bool = False,
    ) -> None:
        super().__init__()
        if not isinstance(root, str) or not root.startswith(("http://", "https://")):
            raise checks.refuse(
                self,
                "root",
                root,
                expected="an address that begins with http:// or https://.",
                fix="pass for example root='http://localhost:9000'.",
            )
        self.root, self.path, self.field = root, path, field
        self.headers = headers
        self.send_as_json = checks.boolean(self, "send_as_json", send_as_json)
        self._has_warned = False

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Sends the numbers."""
        numbers = {name: _plain(value) for name, value in (logs or {}).items()}
        text = json.dumps({"epoch": epoch, **numbers})
        form = urllib.parse.urlencode({self.field: text})
        kind = "application/json" if self.send_as_json else "application/x-www-form-urlencoded"
        request = urllib.request.Request(  # the scheme was checked
            self.root + self.path,
            data=(text if self.send_as_json else form).encode(),
            headers={"Content-Type": kind, **(self.headers or {})},
            method="POST",
        )
        try:
            urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS).close()
        except urllib.error.HTTPError as error:  # an answer, if not a friendly one
            error.close()
        except OSError as error:
            self._warn_once(error)

    def _warn_once(self, error: OSError) -> None:
        if not self._has_warned:
            self._has_warned = True
            reason = getattr(error, "reason", None) or error
            warnings.warn(
                f"RemoteMonitor cannot reach {self.root}: {reason}.\n"
                "  expected: a server that takes requests there.\n"
                "  fix: start the server, or leave RemoteMonitor out.",
                stacklevel=3,
            )


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value
