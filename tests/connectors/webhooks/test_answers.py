"""Answers that break off, never end or come byte by byte: incomplete ones do not count, and deadlines hold."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from time import monotonic

import pytest

from lostpost.connectors.webhooks import post_webhook
from tests.connectors.webhooks.conftest import happen, work
from tests.waiting import WAIT_SECONDS

pytestmark = pytest.mark.django_db

DEADLINE_SECONDS = 0.4
OK = b"HTTP/1.1 200 OK\r\n"
Script = Callable[[], Iterable[bytes | float]]


class RawServer:
    """A server that reads a request and then sends given bytes, one by one or not at all."""

    def __init__(self) -> None:
        self.script: Script = tuple
        self.stopped = threading.Event()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/"
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self) -> None:
        while True:
            try:
                connection, _address = self.listener.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                connection.recv(65536)
                for piece in self.script():
                    if isinstance(piece, float):
                        if self.stopped.wait(piece):
                            break
                    else:
                        connection.sendall(piece)

    def close(self) -> None:
        self.stopped.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(WAIT_SECONDS)


@pytest.fixture
def server(hook, monkeypatch) -> Iterator[RawServer]:
    server = RawServer()
    type(hook).objects.update(url=server.url)
    monkeypatch.setattr(post_webhook, "DEADLINE_SECONDS", DEADLINE_SECONDS)
    yield server
    server.close()


def dripped(content: bytes) -> Script:
    return lambda: itertools.chain.from_iterable((bytes([each]), 0.05) for each in itertools.cycle(content))


@pytest.mark.parametrize(
    "answer",
    [
        [],
        [b"HTTP/1.1 20"],
        [OK],
        [OK + b"Content-Le"],
        [OK + b"Content-Length: 0\r\n"],
        [OK + b"Content-Length: 10\r\n\r\nhalf"],
        [OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhalf"],
        [OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"],
        [OK + b"Content-Length: many\r\n\r\n"],
        [b"220 mail.example ESMTP\r\n"],
        [OK + b"X: " + b"x" * 100_000 + b"\r\n\r\n"],
    ],
)
def test_an_incomplete_answer_is_no_delivery(anna, hook, server, answer):
    happen(anna.seller_id)
    server.script = lambda: answer

    failed = work(hook)

    assert (failed.delivered, failed.failures) == (0, 1)
    assert failed.problem.startswith(("The answer is not HTTP, or it broke off.", "The connection failed."))


@pytest.mark.parametrize(
    "answer",
    [
        [OK + b"Content-Length: 4\r\n\r\nfine"],
        [OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\nfine\r\n0\r\n\r\n"],
        [OK + b"\r\nuntil the connection ends"],
        [b"HTTP/1.1 100 Continue\r\n\r\n", OK + b"Content-Length: 0\r\n\r\n"],
        [b"HTTP/1.0 204 No Content\r\n\r\n"],
        [OK[:5], 0.01, OK[5:] + b"Content-Length: 2\r\n\r\n", 0.01, b"o", 0.01, b"k"],
    ],
)
def test_a_complete_answer_counts_in_any_encoding(anna, hook, server, answer, monkeypatch):
    monkeypatch.setattr(post_webhook, "DEADLINE_SECONDS", 20.0)
    happen(anna.seller_id)
    server.script = lambda: answer
    assert work(hook).delivered == 1


@pytest.mark.parametrize(
    "script",
    [
        lambda: [float(WAIT_SECONDS)],
        dripped(b"H"),
        dripped(b"HTTP/1.1 100 Continue\r\n\r\n"),
        lambda: itertools.chain([OK + b"Content-Length: 1000\r\n\r\n"], dripped(b"x")()),
        lambda: [OK + b"Content-Length: 4\r\n\r\nhal", float(WAIT_SECONDS)],
    ],
    ids=["silent", "dripped status", "dripped early answers", "dripped body", "all but a byte"],
)
def test_an_endless_answer_runs_into_the_deadline(anna, hook, server, script):
    happen(anna.seller_id)
    server.script = script
    began = monotonic()

    failed = work(hook)

    assert monotonic() - began < WAIT_SECONDS
    assert (failed.delivered, failed.failures) == (0, 1)
    assert failed.problem.startswith("Nobody answered in time.")


def test_an_answer_that_is_too_long_is_cut_off(anna, hook, server, monkeypatch):
    monkeypatch.setattr(post_webhook, "DEADLINE_SECONDS", 20.0)
    happen(anna.seller_id)
    server.script = lambda: itertools.chain([OK + b"\r\n"], itertools.repeat(b"x" * 8192))
    failed = work(hook)
    assert failed.problem == "The answer went on and on; an empty one is enough."
