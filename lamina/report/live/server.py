"""Serves the live page to browsers on this machine, and to nobody else.

One page and one stream of events; there are no paths, parameters or uploads to get wrong.
"""

import importlib.resources
import queue
import secrets
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from lamina.core.errors import ArgumentError
from lamina.report.live.events import Board

_ADDRESS = "127.0.0.1"
_HEARTBEAT_SECONDS = 10.0
_GOODBYE_SECONDS = 2.0
_HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class PageServer:
    """Serves a board in a thread of its own, from the constructor until `close`.

    Args:
        board: What the page shows.
        port: Port on 127.0.0.1; 0 for a free one.

    Raises:
        ArgumentError: The port is taken, or not ours to use.
    """

    def __init__(self, board: Board, port: int = 0) -> None:
        self._board = board
        handler = type("Handler", (_Handler,), {"board": board, "page": _page()})
        try:
            self._server = _Server((_ADDRESS, port), handler)
        except OSError as error:
            raise ArgumentError(
                f"LivePage(port={port}) is not possible: {error.strerror or error}.",
                expected="a port that no other program uses.",
                fix="pass port=0 to have a free one chosen, or end the other program.",
            ) from error
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.1,), name="lamina-live-page", daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://{_ADDRESS}:{self.port}/"

    def close(self) -> None:
        """Lets listeners take what is left, then frees the port."""
        self._board.close()
        end = time.monotonic() + _GOODBYE_SECONDS
        while self._board.num_listeners and time.monotonic() < end:
            time.sleep(0.01)
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(_GOODBYE_SECONDS)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def server_bind(self) -> None:
        """Binds without asking a name server for this machine's name."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = _ADDRESS, self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing: a browser that goes away is no news."""


class _Handler(BaseHTTPRequestHandler):
    board: Board
    page: str
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "lamina", ""
    timeout = 30

    def do_GET(self) -> None:
        """Answers the two addresses there are."""
        if not self._is_meant():
            self._refuse(403, "This page is for a browser on the same machine.")
        elif self.path == "/":
            self._send_page()
        elif self.path == "/events":
            self._send_events()
        else:
            self._refuse(404, "There is nothing here; the page is at /.")

    def _is_meant(self) -> bool:
        """Whether the browser asked for this address itself: a foreign name may lead here too."""
        port = self.connection.getsockname()[1]
        hosts = [value.strip().lower() for value in self.headers.get_all("Host", [])]
        own = (f"{_ADDRESS}:{port}", f"localhost:{port}")
        origin = self.headers.get("Origin")
        is_own = origin is None or origin.lower() in tuple(f"http://{host}" for host in own)
        return len(hosts) == 1 and hosts[0] in own and is_own

    def _send_page(self) -> None:
        nonce = secrets.token_urlsafe(16)
        body = self.page.replace("{{ nonce }}", nonce).encode()
        self.send_response(200)
        self._send_headers("text/html; charset=utf-8", _POLICY.format(nonce=nonce))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _send_events(self) -> None:
        listener = self.board.join()
        if listener is None:
            self._refuse(503, "Too many windows show this page.")
            return
        try:
            self.close_connection = True
            self.send_response(200)
            self._send_headers("text/event-stream; charset=utf-8", "default-src 'none'")
            self.send_header("Connection", "close")
            self.end_headers()
            self._pass_on(listener)
        except (ConnectionError, TimeoutError):
            pass  # the browser went away
        finally:
            self.board.leave(listener)

    def _pass_on(self, listener: "queue.Queue[Any]") -> None:
        self.wfile.write(b"retry: 1000\n\n")
        while True:
            try:
                message = listener.get(timeout=_HEARTBEAT_SECONDS)
            except queue.Empty:
                if not self.board.is_listening(listener):
                    return
                self.wfile.write(b": still here\n\n")
                continue
            if message is None:
                return
            event, data = message
            self.wfile.write(f"event: {event}\ndata: {data}\n\n".encode())

    def _refuse(self, status: int, text: str) -> None:
        body = f"{text}\n".encode()
        self.close_connection = True
        self.send_response(status)
        self._send_headers("text/plain; charset=utf-8", "default-src 'none'")
        if status == 405:
            self.send_header("Allow", "GET")
        self.send_header("Connection", "close")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _refuse_method(self) -> None:
        self._refuse(405, "This page can only be read.")

    do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_HEAD = _refuse_method  # noqa: N815

    def _send_headers(self, kind: str, policy: str) -> None:
        self.send_header("Content-Type", kind)
        self.send_header("Content-Security-Policy", policy)
        for name, value in _HEADERS.items():
            self.send_header(name, value)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Says nothing: standard error belongs to the training."""


def _page() -> str:
    files = importlib.resources.files("lamina.report.live")
    return files.joinpath("live.html").read_text(encoding="utf-8")
