"""What a connection may take in time and room, held by the server's own thread: here with a program of three lines."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial

import pytest
from waitress import wasyncore

from lostpost.management.web_server import channel, lanes
from lostpost.management.web_server import server as web_server
from lostpost.management.web_server.server import Server
from tests.waiting import WAIT_SECONDS

HEAD = b"POST /page HTTP/1.1\r\nHost: here\r\nContent-Length: %d\r\n\r\n"
WHOLE = HEAD % 2 + b"ab"


class Site:
    """The server with a program that says why it refuses, or what it read."""

    def __init__(self, *, threads: int) -> None:
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.server = Server(self.answer, self.socket, threads=threads, trust_proxy=False)
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def answer(self, environ, start_response) -> list[bytes]:
        refusal = environ.get("lostpost.refusal", "")
        if not refusal and environ["PATH_INFO"] == "/page":
            self.may_answer.wait(WAIT_SECONDS)
        body = refusal.encode() or environ["wsgi.input"].read()
        start_response("503 Refused" if refusal else "200 OK", [("Content-Length", str(len(body)))])
        return [body]

    def run(self) -> None:
        while not self.ended.is_set():
            self.server.look_at_clock()
            wasyncore.loop(timeout=0.02, use_poll=True, map=self.server._map, count=1)

    def line(self) -> socket.socket:
        return socket.create_connection(self.socket.getsockname(), timeout=WAIT_SECONDS)

    def close(self) -> None:
        self.may_answer.set()
        wait_for(lambda: not self.server.task_dispatcher.requests.running)  # A thread may still use it.
        self.ended.set()
        self.thread.join(WAIT_SECONDS)
        wasyncore.close_all(self.server._map)
        self.socket.close()


@pytest.fixture
def site(monkeypatch) -> Iterator[Site]:
    monkeypatch.setattr(web_server, "LOOK_SECONDS", 0.02)
    with ExitStack() as stack:
        running = Site(threads=2)
        stack.callback(running.close)
        yield running


def wait_for(true: Callable[[], object]) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while not true():
        assert time.monotonic() < until
        time.sleep(0.01)


def all_of(line: socket.socket) -> bytes:
    """Return what is said until the server closes."""
    answer = b""
    while more := line.recv(65536):
        answer += more
    return answer


def drip(line: socket.socket) -> bytes:
    """Send a byte now and then, which puts no deadline off; return what is said."""
    line.settimeout(0.02)
    until, answer = time.monotonic() + WAIT_SECONDS, b""
    while time.monotonic() < until:
        try:
            line.send(b"x")
            more = line.recv(65536)
        except TimeoutError:
            continue
        except OSError:
            return answer
        answer += more
        if not more:
            return answer
    raise AssertionError("the server waits for ever")


def test_an_idle_connection_is_closed(site, monkeypatch):
    monkeypatch.setattr(channel, "IDLE_SECONDS", 0.1)

    with site.line() as line:
        assert all_of(line) == b""


def test_a_header_that_drips_is_cut_off(site, monkeypatch):
    monkeypatch.setattr(channel, "HEADER_SECONDS", 0.2)

    with site.line() as line:
        line.sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
        assert drip(line) == b""


def test_a_body_sent_byte_by_byte_is_refused(site, monkeypatch):
    monkeypatch.setattr(channel, "BODY_SECONDS", 0.2)

    with site.line() as line:
        line.sendall(HEAD % 100_000)
        answer = drip(line)

    assert answer.endswith(b"request-timeout")
    assert b"Connection: close" in answer


def large(environ, start_response) -> list[bytes]:
    """Answer with more than any buffer of the system takes."""
    start_response("200 OK", [])
    return [b"x" * 20_000_000]


def test_an_answer_that_is_not_read_is_given_up(site, monkeypatch):
    monkeypatch.setattr(channel, "SEND_SECONDS", 0.1)
    monkeypatch.setattr(site.server, "application", large)

    with site.line() as line:
        line.sendall(WHOLE)
        wait_for(lambda: site.server.active_channels)
        wait_for(lambda: not site.server.active_channels)


def test_the_longest_idle_connection_is_closed_for_a_new_one(site, monkeypatch):
    monkeypatch.setattr(web_server, "CONNECTIONS_MAX", 3)

    with ExitStack() as lines:
        first, *_others = [lines.enter_context(site.line()) for _number in range(3)]
        wait_for(lambda: len(site.server.active_channels) == 3)
        line = lines.enter_context(site.line())
        line.sendall(WHOLE)

        assert line.recv(65536).endswith(b"ab")
        assert first.recv(1) == b""


def test_bodies_that_grow_too_large_together_are_refused(site, monkeypatch):
    monkeypatch.setattr(channel, "BODY_BYTES_SMALL", 10)
    monkeypatch.setattr(channel, "BODIES_BYTES_MAX", 1000)

    with site.line() as first, site.line() as second:
        first.sendall(HEAD % 2000 + b"x" * 900)
        wait_for(lambda: site.server.body_bytes() == 900)
        second.sendall(HEAD % 2000 + b"x" * 900)
        assert all_of(second).endswith(b"busy")

        first.sendall(b"x" * 1100)
        assert first.recv(65536).startswith(b"HTTP/1.1 200")


def test_one_caller_leaves_a_thread_to_the_others(site):
    site.may_answer.clear()
    with ExitStack() as lines:
        for _number in range(4):  # As many as may wait beside, and more than there are threads.
            greedy = lines.enter_context(site.line())
            greedy.sendall(WHOLE.replace(b"Host: here", b"Host: here\r\nAuthorization: Bearer greedy"))
        wait_for(lambda: len(site.server.task_dispatcher.requests.waiting) == 3)

        other = lines.enter_context(site.line())
        other.sendall(WHOLE.replace(b"/page", b"/other"))
        assert other.recv(65536).endswith(b"ab")


def test_while_requests_wait_for_long_others_are_refused_at_once_and_health_is_answered(site, monkeypatch):
    monkeypatch.setattr(lanes, "EARLY_SECONDS", 0.0)
    site.may_answer.clear()
    with ExitStack() as lines:
        for number in range(3):
            held = lines.enter_context(site.line())
            held.sendall(WHOLE.replace(b"Host: here", b"Host: here\r\nAuthorization: Bearer %d" % number))
            wait_for(partial(holds, site, running=min(number + 1, 2), waiting=max(number - 1, 0)))

        late = lines.enter_context(site.line())
        late.sendall(WHOLE)
        assert late.recv(65536).endswith(b"busy")
        health = lines.enter_context(site.line())
        health.sendall(WHOLE.replace(b"/page", b"/healthz"))
        assert health.recv(65536).endswith(b"ab")


def holds(site: Site, *, running: int, waiting: int) -> bool:
    """Tell whether so many requests are being answered, and so many wait for a thread."""
    lane = site.server.task_dispatcher.requests
    return sum(lane.running.values()) == running and len(lane.waiting) == waiting


def test_a_request_that_waited_too_long_is_refused(site, monkeypatch):
    monkeypatch.setattr(lanes, "WAIT_SECONDS_MAX", 0.0)

    with site.line() as line:
        line.sendall(WHOLE)
        assert line.recv(65536).endswith(b"busy")
        line.sendall(WHOLE.replace(b"/page", b"/healthz"))  # The body was read: the line goes on.
        assert line.recv(65536).endswith(b"ab")
