"""A machine that uses the API over a few connections at once; its own processor time is nobody's concern."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from threading import Lock
from typing import TYPE_CHECKING, Any, NamedTuple

from bench.server import Server, postgres_cpu_seconds

if TYPE_CHECKING:
    from lostpost.accounts.make_client import Credentials

CONNECTIONS = 4


class Request(NamedTuple):
    """One call of the API: `body` is JSON already, so that writing it is not timed."""

    method: str
    path: str
    body: bytes | None = None
    key: str = ""


class Load(NamedTuple):
    """What a number of requests took."""

    requests: int
    wall_seconds: float
    cpu_seconds: float  # Of the server's processes.
    database_seconds: float  # Of PostgreSQL's processes.

    @property
    def web_ms(self) -> float:
        """Of the web server's processes, for one request."""
        return 1000 * self.cpu_seconds / self.requests

    @property
    def database_ms(self) -> float:
        """Of PostgreSQL's processes, for one request."""
        return 1000 * self.database_seconds / self.requests

    @property
    def all_ms(self) -> float:
        """Both together."""
        return self.web_ms + self.database_ms


class Machine:
    """A client that has signed in."""

    def __init__(self, server: Server, credentials: Credentials) -> None:
        self.server = server
        basic = base64.b64encode(":".join(credentials).encode()).decode()
        form = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
        connection = self.connection()
        connection.request("POST", "/oauth/token", b"grant_type=client_credentials", form)
        self.token = json.loads(connection.getresponse().read())["access_token"]
        connection.close()

    def send(self, requests: Sequence[Request], *, warm_up: int, most_seconds: float) -> Load:
        """Send the requests over a few connections, each as soon as the one before was answered.

        The first `warm_up` ones are not counted, and what is not sent within `most_seconds` is left out.
        """
        self._send(iter(requests[:warm_up]), most_seconds)
        before = self.server.cpu_seconds(), postgres_cpu_seconds()
        count, wall_seconds = self._send(iter(requests[warm_up:]), most_seconds)
        after = self.server.cpu_seconds(), postgres_cpu_seconds()
        return Load(count, wall_seconds, after[0] - before[0], after[1] - before[1])

    def ask(self, connection: HTTPConnection, request: Request) -> bytes:
        """Send one request and return the body of the answer. Raises: RuntimeError if it is refused."""
        headers = {"Authorization": f"Bearer {self.token}"}
        if request.body is not None:
            headers["Content-Type"] = "application/json"
        if request.key:
            headers["Idempotency-Key"] = request.key
        connection.request(request.method, f"/api/v1{request.path}", request.body, headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status not in (200, 201):
            raise RuntimeError(f"{request.method} {request.path} was answered {answer.status}: {body[:500]!r}")
        return body

    def connection(self) -> HTTPConnection:
        """Give a connection that stays open."""
        return HTTPConnection("127.0.0.1", self.server.port, timeout=60)

    def _send(self, requests: Iterator[Request], most_seconds: float) -> tuple[int, float]:
        began = time.monotonic()
        lock = Lock()

        def following() -> Request | None:
            with lock:
                return next(requests, None) if time.monotonic() - began < most_seconds else None

        def work(_number: int) -> int:
            count, connection = 0, self.connection()
            while request := following():
                self.ask(connection, request)
                count += 1
            connection.close()
            return count

        with ThreadPoolExecutor(CONNECTIONS) as pool:
            count = sum(pool.map(work, range(CONNECTIONS)))
        return count, time.monotonic() - began


def as_json(value: Any) -> bytes:
    """Write a body."""
    return json.dumps(value).encode()
