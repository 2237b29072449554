"""`lostpost web` as clients meet it: slow ones, greedy ones, and those that only want to know whether it lives."""

import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.kill import processes
from tests.races import servers
from tests.waiting import WAIT_SECONDS

pytestmark = [pytest.mark.process, pytest.mark.usefixtures("django_db_setup")]

HALF_A_HEADER = b"GET /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
NO_BODY = b"POST /oauth/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n"
CLIENTS_OF_EACH_KIND = 50


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    return tmp_path_factory.mktemp("web") / "web.log"


@pytest.fixture(scope="module")
def server(log, django_db_setup) -> Iterator[servers.Server]:
    """Two threads, for all tests together."""
    with servers.server(log, LOSTPOST_WEB_THREADS="2") as running:
        yield running


def say(server: servers.Server, words: bytes) -> bytes:
    """Send the words on a line of their own, and return all that is answered until the server closes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=WAIT_SECONDS) as line:
        line.sendall(words)
        answer = b""
        while more := line.recv(65536):
            answer += more
    return answer


@pytest.mark.parametrize("words", [b"", HALF_A_HEADER, NO_BODY], ids=["nothing", "half a header", "no body"])
def test_fifty_stalled_clients_block_nobody(server, words):
    with ExitStack() as lines:
        for _number in range(CLIENTS_OF_EACH_KIND):
            line = lines.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            line.sendall(words)

        assert server.send("GET", "/healthz", {}, None).status == 200
        assert server.send("GET", "/readyz", {}, None).status == 200
        assert server.send("GET", "/accounts/login/", {}, None).status == 200


@pytest.mark.parametrize("path", ["/accounts/login/", "/oauth/token", "/api/v1/scans"])
def test_a_body_over_the_limit_is_refused_before_it_is_sent(server, path):
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {150 * 2**20}\r\nExpect: 100-continue\r\n\r\n"

    answer = say(server, head.encode())

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"100 Continue" not in answer
    assert (b"problem+json" in answer) == (not path.startswith("/accounts/"))


def test_a_body_that_grows_over_the_limit_in_chunks_is_refused(server):
    head = b"POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"4000\r\n" + b"x" * 0x4000 + b"\r\n"

    answer = say(server, head + chunk * 20)  # All of it is sent, and the refusal can still be read.

    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_file_posted_to_a_page_is_not_stored(server):
    boundary = (
        b"--b\r\nContent-Disposition: form-data; name=login; filename=f\r\n\r\n" + b"x" * 10_000 + b"\r\n--b--\r\n"
    )
    headers = {"Content-Type": "multipart/form-data; boundary=b", "Content-Length": str(len(boundary))}

    assert server.send("POST", "/accounts/login/", headers, boundary).status == 403  # Its sender has no CSRF cookie.


def test_a_body_in_chunks_is_read_whole(server):
    line = server.line()
    line.request(
        "POST",
        "/oauth/token",
        iter([b"grant_type=", b"client_credentials"]),
        {"Content-Type": "application/x-www-form-urlencoded"},
        encode_chunked=True,
    )
    answer = line.getresponse()

    assert (answer.status, b"invalid_client" in answer.read()) == (401, True)
    line.close()


def test_a_line_stays_open_for_the_next_request_and_head_has_no_body(server):
    line = HTTPConnection("127.0.0.1", server.port, timeout=WAIT_SECONDS)

    for method in ("GET", "HEAD", "GET"):
        line.request(method, "/accounts/login/")
        answer = line.getresponse()
        assert answer.status == 200
        assert bool(answer.read()) == (method == "GET")
    line.close()


def test_two_hundred_clients_at_once_are_answered_or_refused_early_and_health_at_once(server):
    with ExitStack() as lines:
        begun = []
        for _number in range(200):
            line = HTTPConnection("127.0.0.1", server.port, timeout=WAIT_SECONDS)
            lines.callback(line.close)
            line.request("GET", "/accounts/login/")
            begun.append(line)

        began = time.monotonic()
        health = server.send("GET", "/healthz", {}, None)
        health_seconds = time.monotonic() - began
        answers = [line.getresponse() for line in begun]
        all_seconds = time.monotonic() - began

    assert health.status == 200
    assert health_seconds < all_seconds
    assert {answer.status for answer in answers} == {200, 503}
    assert all(answer.headers["Retry-After"] for answer in answers if answer.status == 503)


def test_a_killed_process_is_restarted_and_requests_begun_before_sigterm_are_answered(log):
    def children() -> list[int]:
        pid = running.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    with servers.server(log, LOSTPOST_WEB_THREADS="2") as running:
        # Given a process that is killed, then there is another
        (killed,) = children()
        os.kill(killed, signal.SIGKILL)
        processes.wait_for(lambda: children() not in ([], [killed]), what="another process", log=log)
        processes.wait_for(running.is_ready, what="ready again", log=log)

        # When a request has begun to come at SIGTERM, then it is answered before all ends
        with socket.create_connection(("127.0.0.1", running.port), timeout=WAIT_SECONDS) as line:
            line.sendall(NO_BODY)
            assert running.send("GET", "/healthz", {}, None).status == 200  # So the one before is known, too.
            running.process.send_signal(signal.SIGTERM)
            line.sendall(b"x" * 100)

            assert line.recv(65536).startswith(b"HTTP/1.1 4")
        assert running.process.wait(WAIT_SECONDS) == 0
