"""One HTTP request and its whole answer, with a deadline for both together and a limit for the answer's size.

What HTTP libraries call a time-out is one for each piece: a server that sends a byte now and then holds them for ever.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from contextlib import closing
from functools import cache
from time import monotonic
from typing import NamedTuple
from urllib.parse import SplitResult

import h11

PIECE_BYTES = 16 * 1024


class AnswerTooLong(Exception):
    """The answer went on and on."""


class HttpRequest(NamedTuple):
    """What is sent; no redirect is followed."""

    parts: SplitResult
    method: str = "GET"
    headers: Mapping[str, str] = {}
    body: bytes = b""


class HttpAnswer(NamedTuple):
    """What came back; the names of `headers` are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def exchange(request: HttpRequest, *, address: str, port: int, seconds: float, bytes_max: int) -> HttpAnswer:
    """Send a request to an address; return the answer once it is complete.

    Args: `address`: a name or a number; the certificate must be that of the request's host in any case.
    `seconds`: for all of it; only looking a name up may take longer.
    Raises: OSError, TimeoutError among them; h11.ProtocolError if the answer is not HTTP or is cut off; AnswerTooLong.
    """
    ends_at = monotonic() + seconds
    parts = request.parts
    head = h11.Request(
        method=request.method,
        target=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
        headers=[
            ("Host", parts.netloc),
            *request.headers.items(),
            ("Content-Length", str(len(request.body))),
            ("Connection", "close"),
        ],
    )
    http = h11.Connection(h11.CLIENT, max_incomplete_event_size=PIECE_BYTES)
    pieces = (http.send(event) or b"" for event in (head, h11.Data(data=request.body), h11.EndOfMessage()))
    with closing(_connected(parts, address, port, ends_at)) as connection:
        _send(connection, b"".join(pieces), ends_at)
        return _answer(http, connection, ends_at, bytes_max)


def _connected(parts: SplitResult, address: str, port: int, ends_at: float) -> socket.socket:
    """Connect to the address; the certificate must be the name's."""
    plain = socket.create_connection((address, port), timeout=_left(ends_at))
    if parts.scheme != "https":
        return plain
    try:
        plain.settimeout(_left(ends_at))
        return _tls().wrap_socket(plain, server_hostname=parts.hostname)
    except (OSError, ValueError):
        plain.close()
        raise


def _send(connection: socket.socket, content: bytes, ends_at: float) -> None:
    rest = memoryview(content)
    while rest:
        connection.settimeout(_left(ends_at))
        rest = rest[connection.send(rest) :]


def _answer(http: h11.Connection, connection: socket.socket, ends_at: float, bytes_max: int) -> HttpAnswer:
    """Read the answer to its end: one that breaks off halfway may have been given by half a program."""
    status, headers, pieces, length = 0, {}, [], 0
    while True:
        event = http.next_event()
        if event is h11.NEED_DATA:
            connection.settimeout(_left(ends_at))
            http.receive_data(connection.recv(PIECE_BYTES))
        elif isinstance(event, h11.Response):
            status = event.status_code
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in event.headers}
        elif isinstance(event, h11.Data):
            length += len(event.data)
            if length > bytes_max:
                raise AnswerTooLong
            pieces.append(bytes(event.data))
        elif isinstance(event, h11.EndOfMessage):
            return HttpAnswer(status, headers, b"".join(pieces))


def _left(ends_at: float) -> float:
    """Return how much of the time is left. Raises TimeoutError if it is over."""
    seconds = ends_at - monotonic()
    if seconds <= 0:
        raise TimeoutError("not done in time")
    return seconds


@cache
def _tls() -> ssl.SSLContext:
    """Load the trusted certificates once, which takes longer than most exchanges."""
    return ssl.create_default_context()
