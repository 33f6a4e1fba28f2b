"""The measure of HTTP on the wire: nobody holds a connection by half of something, nobody's headers have no end."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
import uvicorn

from tracker.server import protocol
from tracker.server.protocol import BoundedProtocol

Line = Callable[[], socket.socket]
LONG_ANSWER = b"x" * 8_000_000


class Heard:
    """What the application got: (path, body or None for somebody who left)."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, bytes | None]] = []
        self.headers: list[list[tuple[bytes, bytes]]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        if scope["path"] != "/deaf":
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    self.requests.append((scope["path"], None))
                    return
                body += message["body"]
                if not message["more_body"]:
                    break
        self.requests.append((scope["path"], body))
        self.headers.append(list(scope["headers"]))
        answer = LONG_ANSWER if scope["path"] == "/long" else b"well"
        length = (b"content-length", str(len(answer)).encode())
        await send({"type": "http.response.start", "status": 200, "headers": [length]})
        await send({"type": "http.response.body", "body": answer})


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def server(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> Iterator[uvicorn.Server]:
    """Serves with times that a test can wait for."""
    short = {"HEAD_WITHIN": 1.0, "BODY_IDLE": 1.5, "BODY_WITHIN": 4.0, "LINGER": 0.5, "MOST": 20}
    for name, value in short.items():
        monkeypatch.setattr(protocol, name, value)
    config = uvicorn.Config(heard, host="127.0.0.1", port=0, http=BoundedProtocol, ws="none", lifespan="off")
    config.log_config = None
    served = uvicorn.Server(config)
    thread = threading.Thread(target=served.run, daemon=True)
    thread.start()
    while not served.started:
        time.sleep(0.02)
    yield served
    served.should_exit = True
    thread.join(20)


@pytest.fixture
def line(server: uvicorn.Server) -> Iterator[Line]:
    port = server.servers[0].sockets[0].getsockname()[1]
    opened: list[socket.socket] = []

    def connect() -> socket.socket:
        opened.append(socket.create_connection(("127.0.0.1", port), timeout=15))
        return opened[-1]

    yield connect
    for one in opened:
        one.close()


def answer(one: socket.socket) -> bytes:
    """Everything until the server hangs up."""
    parts = []
    try:
        while part := one.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def status(one: socket.socket) -> int:
    told = answer(one)
    return int(told.split(b" ", 2)[1]) if told else 0


START = b"GET /a HTTP/1.1\r\nHost: x\r\n"
POST = b"POST /a HTTP/1.1\r\nHost: x\r\n"


def test_an_ordinary_life_is_left_alone(line, heard):
    one = line()
    for number in range(3):
        one.sendall(POST + b"Content-Length: 3\r\n\r\n")
        time.sleep(0.3)
        one.sendall(b"abc")
        assert b"well" in one.recv(65536), number
    one.sendall(START + b"X: " + b"y" * 50_000 + b"\r\n\r\n" + START + b"Connection: close\r\n\r\n")
    assert answer(one).count(b"well") == 2
    assert len(heard.requests) == 5


@pytest.mark.parametrize(
    "start",
    [b"", b"GET", START, START + b"X: " + b"y" * 10_000, b"\r\n\r\n\r\n", POST + b"Content-Length: 5\r\nX"],
    ids=["nothing", "a word", "no end", "half a header", "empty lines", "before a body"],
)
def test_a_head_that_does_not_end_is_not_waited_for(line, heard, start):
    one = line()
    one.sendall(start)
    assert status(one) == 408
    assert heard.requests == []


def test_a_head_that_drips_is_not_waited_for(line):
    one, began = line(), time.monotonic()
    one.sendall(START)
    with pytest.raises(OSError):
        while time.monotonic() - began < 10:
            one.sendall(b"X-Y: z\r\n")
            time.sleep(0.2)


def test_a_line_that_is_kept_open_is_not_held_by_half_of_the_next_request(line):
    one = line()
    one.sendall(START + b"\r\n")
    assert b"well" in one.recv(65536)
    one.sendall(b"\r\n")
    assert status(one) == 408


@pytest.mark.parametrize(
    "head",
    [
        [b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n"],
        [START, b"X: " + b"y" * 70_000],
        [START, *[b"X-%d: y\r\n" % number for number in range(20_000)]],
        [b"GET /", *[b"a" * 100] * 1000],
    ],
    ids=["address", "one header", "many headers", "in parts"],
)
def test_a_head_has_a_measure(line, heard, head):
    one = line()
    for part in head:
        try:
            one.sendall(part)
        except OSError:
            break
    assert status(one) in (431, 0), "told, or the line was cut before it could be read"
    assert heard.requests == []


def test_beside_a_body_too(line, heard):
    for beside in (b"0\r\nX: " + b"y" * 200_000, b"1;" + b"x" * 200_000, b"0\r\n" + b"X: y\r\n" * 40_000):
        one = line()
        one.sendall(POST + b"Transfer-Encoding: chunked\r\n\r\n")
        with suppress(OSError):
            one.sendall(beside)
        assert status(one) in (431, 0)
    assert {body for _, body in heard.requests} <= {None}


def test_small_chunks_are_a_body_all_the_same(line, heard):
    one = line()
    one.sendall(
        POST + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * 50_000 + b"0\r\n\r\n"
    )
    assert status(one) == 200
    assert heard.requests == [("/a", b"a" * 50_000)]


def test_what_comes_after_a_body_is_no_header(line, heard):
    one = line()
    trailers = b"Cookie: planted\r\nX-Forwarded-For: 1.2.3.4\r\n\r\n"
    one.sendall(POST + b"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n" + trailers)
    assert status(one) == 200
    assert {name for name, _ in heard.headers[0]} == {b"host", b"connection", b"transfer-encoding"}


def test_a_body_that_stops_is_not_waited_for(line, heard):
    one = line()
    one.sendall(POST + b"Content-Length: 1000\r\n\r\nabc")
    assert status(one) == 408
    assert heard.requests == [("/a", None)]


def test_a_body_that_drips_ends_some_day(line, heard):
    one, began = line(), time.monotonic()
    one.sendall(POST + b"Content-Length: 1000\r\n\r\n")
    with pytest.raises(OSError):
        while time.monotonic() - began < 15:
            one.sendall(b"a")
            time.sleep(0.3)
    assert heard.requests == [("/a", None)]


def test_who_goes_on_sending_what_nobody_wants_is_hung_up_on(line):
    one, began = line(), time.monotonic()
    one.sendall(b"POST /deaf HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n")
    with pytest.raises(OSError):
        while time.monotonic() - began < 15:
            one.sendall(b"a" * 1000)
            time.sleep(0.1)


def test_an_answer_that_nobody_takes_is_not_held_for_them(line, server):
    one = line()
    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    one.sendall(b"GET /long HTTP/1.1\r\nHost: x\r\n\r\n")
    until = time.monotonic() + 15
    while server.server_state.connections and time.monotonic() < until:
        time.sleep(0.1)
    assert not server.server_state.connections


def test_six_hundred_half_sent_requests_leave_room_for_whole_ones(line, server):
    """As many as there is room for here; then they are over, and everybody is served again."""
    for number in range(40):
        line().sendall(START if number % 2 else b"")
    time.sleep(3)
    one = line()
    one.sendall(START + b"Connection: close\r\n\r\n")
    assert status(one) == 200
    until = time.monotonic() + 10
    while server.server_state.connections and time.monotonic() < until:
        time.sleep(0.1)
    assert not server.server_state.connections
