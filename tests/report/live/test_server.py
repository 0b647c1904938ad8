"""The live page is served to browsers on this machine, and gives nothing else away."""

import http.client
import json
import re
import socket

import pytest

from lamina.core.errors import ArgumentError
from lamina.report.live.events import Board
from lamina.report.live.server import PageServer


@pytest.fixture
def board():
    return Board()


@pytest.fixture
def server(board):
    server = PageServer(board)
    yield server
    server.close()


def ask(server, path="/", method="GET", headers=None):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.putrequest(method, path, skip_host=headers is not None and "Host" in headers)
    for name, value in (headers or {}).items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    body = answer.read().decode() if "/events" not in path or answer.status != 200 else answer
    if isinstance(body, str):
        connection.close()
    return answer, body


def events_of(stream, count):
    """The next events, as (name, data)."""
    found = []
    name = None
    while len(found) < count:
        line = stream.readline().decode().rstrip("\n")
        if line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data: "):
            found.append((name, json.loads(line[6:])))
    return found


def test_the_page_is_one_file_that_asks_for_nothing_else(server):
    answer, body = ask(server)

    assert answer.status == 200
    assert len(body) < 100_000
    assert not re.findall(r'(?:src|href)="(?!data:,|#)', body)
    assert "http://www.w3.org/2000/svg" in body
    assert set(re.findall(r"https?://[^\"' ]+", body)) == {"http://www.w3.org/2000/svg"}


def test_scripts_and_styles_run_by_a_nonce_that_changes(server):
    answers = [ask(server) for _ in range(2)]
    nonces = [re.search(r"script-src 'nonce-([\w-]+)'", a.headers["Content-Security-Policy"])[1]
              for a, _ in answers]  # fmt: skip

    assert nonces[0] != nonces[1]
    assert answers[0][1].count(f'nonce="{nonces[0]}"') == 2
    assert "{{" not in answers[0][1]


@pytest.mark.parametrize("path", ["/", "/events", "/nothing"])
def test_all_answers_have_the_security_headers(server, path):
    answer, _ = ask(server, path)
    answer.close()

    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer.headers["Server"].strip() == "lamina"


@pytest.mark.parametrize("path", ["/", "/events"])
@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.nip:1"]
)
def test_a_foreign_name_for_this_machine_is_refused(server, path, host):
    answer, body = ask(server, path, headers={"Host": host.format(port=server.port)})

    assert answer.status == 403
    assert body == "This page is for a browser on the same machine.\n"


def test_a_request_without_a_name_is_refused(server):
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\n\r\n")

        assert plain.recv(1000).startswith(b"HTTP/1.1 403")


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}", "LOCALHOST:{port}"])
def test_the_own_names_are_served(server, host):
    answer, _ = ask(server, headers={"Host": host.format(port=server.port)})

    assert answer.status == 200


def test_a_page_of_another_origin_gets_no_events(server):
    answer, _ = ask(server, "/events", headers={"Origin": "https://evil.example"})

    assert answer.status == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
def test_the_page_can_only_be_read(server, method):
    answer, _ = ask(server, method=method)

    assert answer.status == 405
    assert answer.headers["Allow"] == "GET"


@pytest.mark.parametrize("path", ["/../etc/passwd", "/live.html", "/?x", "/events/", "/%2e"])
def test_there_are_no_other_addresses(server, path):
    answer, _ = ask(server, path)

    assert answer.status == 404


def test_it_listens_on_this_machine_alone(server):
    assert server._server.socket.getsockname()[0] == "127.0.0.1"


def test_who_comes_late_gets_everything(server, board):
    board.put("begin", name="net", is_running=True)
    board.put("epoch", entry={"epoch": 1, "numbers": {"loss": float("nan")}})
    _, stream = ask(server, "/events")
    board.put("findings", entries=[{"code": "x"}])

    assert events_of(stream, 2) == [
        (
            "state",
            {
                "epochs": [{"epoch": 1, "numbers": {"loss": "nan"}}],
                "findings": [],
                "name": "net",
                "is_running": True,
            },
        ),
        ("findings", {"entries": [{"code": "x"}]}),
    ]
    stream.close()


def test_listeners_get_what_is_left_before_the_port_is_freed(board):
    server = PageServer(board)
    _, stream = ask(server, "/events")
    events_of(stream, 1)
    board.put("end", is_running=False)
    server.close()

    assert events_of(stream, 1) == [("end", {"is_running": False})]
    with pytest.raises(ConnectionRefusedError):
        ask(server)
    PageServer(Board(), server.port).close()


def test_only_so_many_may_listen(server, board):
    listeners = [board.join() for _ in range(16)]
    answer, body = ask(server, "/events")

    assert None not in listeners
    assert (answer.status, body) == (503, "Too many windows show this page.\n")


def test_a_listener_that_is_too_slow_is_let_go(board):
    listener = board.join()
    for number in range(300):
        board.put("progress", progress=number)

    assert not board.is_listening(listener)
    assert board.state()["progress"] == 299


def test_a_taken_port_is_a_clear_error(server):
    message = (
        f"LivePage(port={server.port}) is not possible: Address already in use.\n"
        "  expected: a port that no other program uses.\n"
        "  fix: pass port=0 to have a free one chosen, or end the other program."
    )

    with pytest.raises(ArgumentError, match=f"^{re.escape(message)}$"):
        PageServer(Board(), server.port)
