"""Send one POST to a checked address, with a deadline for the whole exchange, and read its answer to the end."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from contextlib import closing
from functools import cache
from time import monotonic
from urllib.parse import SplitResult

import h11

from lostpost.connectors.webhooks.address import reachable

DEADLINE_SECONDS = 15.0  # From looking the name up to the last byte of the answer.
ANSWER_BYTES_MAX = 64 * 1024  # It is not used; more is a page for people, or an attack.
PIECE_BYTES = 16 * 1024


class AnswerTooLong(Exception):
    """The answer went on and on."""


def post_webhook(parts: SplitResult, body: bytes, headers: Mapping[str, str]) -> int:
    """Send a body; return the status of the answer once it is complete. No redirect is followed.

    Raises: AddressRefused if the name resolves to a private address by now; OSError, TimeoutError among them;
    h11.ProtocolError if the answer is not HTTP or is cut off; AnswerTooLong.
    """
    ends_at = monotonic() + DEADLINE_SECONDS
    address, port = reachable(parts)
    request = h11.Request(
        method="POST",
        target=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
        headers=[("Host", parts.netloc), *headers.items(), ("Content-Length", str(len(body))), ("Connection", "close")],
    )
    http = h11.Connection(h11.CLIENT, max_incomplete_event_size=PIECE_BYTES)
    pieces = (http.send(event) or b"" for event in (request, h11.Data(data=body), h11.EndOfMessage()))
    with closing(_connected(parts, address, port, ends_at)) as connection:
        _send(connection, b"".join(pieces), ends_at)
        return _status(http, connection, ends_at)


def _connected(parts: SplitResult, address: str, port: int, ends_at: float) -> socket.socket:
    """Connect to the address that was checked, without resolving again; the certificate must be the name's."""
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


def _status(http: h11.Connection, connection: socket.socket, ends_at: float) -> int:
    """Read the answer to its end: one that breaks off halfway may have been given by half a program."""
    status, length = 0, 0
    while True:
        event = http.next_event()
        if event is h11.NEED_DATA:
            connection.settimeout(_left(ends_at))
            http.receive_data(connection.recv(PIECE_BYTES))
        elif isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.Data):
            length += len(event.data)
            if length > ANSWER_BYTES_MAX:
                raise AnswerTooLong
        elif isinstance(event, h11.EndOfMessage):
            return status


def _left(ends_at: float) -> float:
    """Return how much of the time is left. Raises TimeoutError if it is over."""
    seconds = ends_at - monotonic()
    if seconds <= 0:
        raise TimeoutError(f"not done within {DEADLINE_SECONDS:g} seconds")
    return seconds


@cache
def _tls() -> ssl.SSLContext:
    """Load the trusted certificates once, which takes longer than most deliveries."""
    return ssl.create_default_context()
