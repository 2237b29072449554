"""A connection: it uses a thread once a request is complete, and has deadlines before and after."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from typing import Any

from waitress.channel import HTTPChannel
from waitress.task import WSGITask

from lostpost.management.web_server.request import Request

IDLE_SECONDS = 15.0  # Before the first request, and between two.
HEADER_SECONDS = 15.0  # From a request's first byte to the end of its header.
BODY_SECONDS = 30.0  # From there to the end of its body.
SEND_SECONDS = 30.0  # In which a client must take at least something of its answer.
BODY_BYTES_SMALL = 65_536  # A body up to this is accepted regardless of others.
BODIES_BYTES_MAX = 64 * 1024 * 1024  # Of all requests of a process that are not complete, in memory and on the disk.
DRAIN_SECONDS = 2.0  # For which what a refused client still sends is thrown away, so that it can read the refusal.


class Task(WSGITask):  # type: ignore[misc]  # waitress has no types.
    """Call the application, also for refusals: it has the languages and formats of errors."""

    def execute(self) -> None:
        """Answer; after a request that was not read to its end no other can follow."""
        if self.request.unread:
            self.set_close_on_finish()
        super().execute()

    def get_environment(self) -> dict[str, Any]:
        """Give the request to the program; of a refused one no body."""
        environment: dict[str, Any] = super().get_environment()
        if self.request.refusal:
            environment |= {"lostpost.refusal": self.request.refusal, "CONTENT_LENGTH": "0"}
        return environment

    def write(self, data: bytes) -> None:
        """Send a part of the answer; of one to HEAD the header alone."""
        if self.request.command != "HEAD":
            super().write(data)
            return
        super().write(b"")
        self.chunked_response = False  # Not even the mark of the end.


class Channel(HTTPChannel):  # type: ignore[misc]
    """waitress's connection, with deadlines that slow clients cannot put off by sending a byte now and then."""

    parser_class = Request
    task_class = Task
    request: Request | None  # The one that is coming.

    def __init__(self, server: Any, sock: socket.socket, address: Any, adjustments: Any, map: Any = None) -> None:  # noqa: A002
        self.quiet_since = time.monotonic()
        self.unsent = (0, self.quiet_since)  # Bytes, and since when there are so many.
        self.drain_until = 0.0
        self.unread = False
        super().__init__(server, sock, address, adjustments, map=map)

    @property
    def busy(self) -> bool:
        """Whether a request is being answered or an answer being sent."""
        return bool(self.requests or self.total_outbufs_len)

    @property
    def waits_since(self) -> float:
        """Since when the client has not completed a request."""
        return self.request.begun_at if self.request else self.quiet_since

    @property
    def body_bytes(self) -> int:
        """The received bytes of an incomplete body."""
        return int(self.request.body_bytes_received) if self.request else 0

    def received(self, data: bytes) -> bool:
        """Accept received data; if all bodies together grow too large, refuse this one."""
        more: bool = super().received(data)
        if self.body_bytes > BODY_BYTES_SMALL and self.server.body_bytes() > BODIES_BYTES_MAX:
            self.refuse_rest("busy")
        return more

    def readable(self) -> bool:
        """Whether to read from the client; after a refusal too, to discard the data."""
        return bool(self.drain_until) or super().readable()

    def handle_read(self) -> None:
        """Read received data."""
        if not self.drain_until:
            super().handle_read()
            return
        with suppress(OSError):
            self.recv(self.adj.recv_bytes)  # Closes at the end of what the client sends.

    def service(self) -> None:
        """Answer the first of the requests that have come. Called in a thread."""
        self.unread = self.requests[0].unread
        super().service()
        self.quiet_since = time.monotonic()

    def handle_close(self) -> None:
        """Close; after a refusal first only our side of it, as the client would lose our answer otherwise."""
        if self.unread and self.connected:
            self.unread = self.will_close = self.close_when_flushed = False
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_WR)
                self.drain_until = time.monotonic() + DRAIN_SECONDS
                return
        self.close_now()

    def look_at_clock(self, now: float) -> None:
        """Close or refuse what is over its deadline. Called every second by the server's own thread."""
        if self.total_outbufs_len != self.unsent[0]:
            self.unsent = (self.total_outbufs_len, now)
        if self.drain_until or self.will_close:
            if now > self.drain_until:
                self.close_now()
        elif self.total_outbufs_len:
            self.will_close = now > self.unsent[1] + SEND_SECONDS
        elif self.requests:
            return  # The program has deadlines of its own.
        elif self.request is None:
            self.will_close = now > self.quiet_since + IDLE_SECONDS
        elif self.is_late(self.request, now):
            self.refuse_rest("request-timeout")

    def is_late(self, request: Request, now: float) -> bool:
        """Whether a request takes too long to arrive."""
        if request.header_at:
            return now > request.header_at + BODY_SECONDS
        return now > request.begun_at + HEADER_SECONDS

    def refuse_rest(self, reason: str) -> None:
        """Refuse the incoming request; without a complete header the connection is closed."""
        with self.requests_lock:
            request, self.request = self.request, None
            if request is None or not request.header_at:
                self.will_close = True
                return
            request.refuse_unread(reason)
            self.requests.append(request)
            self.server.add_task(self)

    def close_now(self) -> None:
        """Close without waiting for anything."""
        super().handle_close()
