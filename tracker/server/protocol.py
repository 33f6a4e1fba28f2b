"""HTTP as uvicorn speaks it, with a measure: how long a request's head may be, and how long anybody keeps us waiting.

Nobody holds a connection by sending half of something, or by not taking what they asked for.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

HEAD = 64_000
"""Bytes of the first line and the headers together, and of what comes beside a body: trailers, lengths of chunks."""
HEAD_WITHIN = 10.0
"""Seconds from the first byte, or from the connection, to the end of the headers."""
BODY_IDLE = 30.0
"""Seconds without a byte of the body, or without a byte of the answer being taken."""
BODY_WITHIN = 900.0
"""Seconds for a whole body: a large file over a weak line."""
LINGER = 5.0
"""Seconds in which somebody who is still sending may read that it is in vain."""
MOST = 1_000
"""Connections at once: each takes a file of the process, and the database needs some too."""

SAID = {408: b"Request timeout", 431: b"Request header fields too large", 503: b"Too many connections"}


class BoundedProtocol(HttpToolsProtocol):
    """One connection. `heading`: the head of a request is awaited or being read."""

    def __init__(self, *told: Any, **more: Any) -> None:
        super().__init__(*told, **more)
        self.heading = True
        self.head = 0  # bytes fed since the head began
        self.beside = self.body = 0  # bytes fed since the head ended, and those of them that are the body's
        self.heard = self.latest = 0.0  # when a part of the body came last, and when it has to be whole
        self.due: asyncio.TimerHandle | None = None
        self.stalled: asyncio.TimerHandle | None = None
        self.vain: asyncio.TimerHandle | None = None
        self.last: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > MOST:
            self._refuse(503)
        else:
            self._wait(HEAD_WITHIN)

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self.due, self.stalled, self.vain, self.last):
            if timer is not None:
                timer.cancel()
        self.due = self.stalled = self.vain = self.last = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        while data and not self.transport.is_closing():
            if self.heading:
                # No more of it than a head may have: the parser would gather whatever has no end.
                part, data = data[: HEAD + 1 - self.head], data[HEAD + 1 - self.head :]
                self.head += len(part)
            else:
                part, data = data, b""
                self.beside += len(part)
            super().data_received(part)
            if (self.head if self.heading else self.beside - 9 * self.body) > HEAD:
                self._refuse(431)
        if self.heading and self.due is None and self.timeout_keep_alive_task is None and not self._is_working():
            self._wait(HEAD_WITHIN)  # empty lines before a request begin none

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.heading = True
        self._wait(HEAD_WITHIN)

    def on_header(self, name: bytes, value: bytes) -> None:
        if self.heading:  # else a trailer: what comes after a body says nothing about who sent it
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self.heading, self.beside, self.body = False, 0, 0
        self.heard = self.loop.time()
        self.latest = self.heard + BODY_WITHIN
        self._wait(BODY_IDLE)
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self.heard = self.loop.time()
        self.body += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self.heading, self.head = True, 0
        self._wait(None)
        self._close_after(None)
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            self._abort_after(BODY_IDLE)
        elif not self.heading:  # the body is still on its way, and nobody wants it any more
            self._close_after(LINGER)

    def shutdown(self) -> None:
        """The server has been told to end. Requests get a few seconds; what lasts longer has to know at once."""
        running = getattr(getattr(self.app, "state", None), "running", None)
        if running is not None:
            running.tell_the_end()
        super().shutdown()

    def timeout_keep_alive_handler(self) -> None:
        self._close()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self.stalled is None:
            self.stalled = self.loop.call_later(BODY_IDLE, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.stalled is not None:
            self.stalled.cancel()
            self.stalled = None

    def _is_working(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _wait(self, seconds: float | None) -> None:
        if self.due is not None:
            self.due.cancel()
        self.due = None if seconds is None else self.loop.call_later(seconds, self._too_late)

    def _too_late(self) -> None:
        self.due, now = None, self.loop.time()
        if self.flow.read_paused:  # it is we who do not read: what they send waits in line
            self.heard, self.latest = now, self.latest + BODY_IDLE
        elif self.heading:
            self._refuse(408)
            return
        left = min(self.heard + BODY_IDLE, self.latest) - now
        if left > 0.001:
            self._wait(left)
        else:
            self._refuse(408)

    def _refuse(self, status: int) -> None:
        """Say it if nothing was said yet, and go."""
        if self.transport.is_closing():
            return
        if self._is_working():
            if self.cycle.response_started:
                self.transport.abort()
                return
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        said = SAID[status]
        length = b"content-length: %d\r\n" % len(said)
        self.transport.write(
            b"".join((STATUS_LINE[status], b"content-type: text/plain\r\n", length, b"connection: close\r\n\r\n", said))
        )
        self._close()

    def _close_after(self, seconds: float | None) -> None:
        if self.vain is not None:
            self.vain.cancel()
        self.vain = None if seconds is None else self.loop.call_later(seconds, self._close)

    def _close(self) -> None:
        """What was said may still be taken for a while; then it is over."""
        if not self.transport.is_closing():
            self.transport.close()
            self._abort_after(BODY_IDLE)

    def _abort_after(self, seconds: float) -> None:
        if self.last is None:
            self.last = self.loop.call_later(seconds, self.transport.abort)
