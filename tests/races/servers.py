"""Servers of the program, each a process of its own on the tests' database, and requests sent to them at once."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from lostpost.accounts.make_client import Credentials
from tests.kill import processes
from tests.ports import free_port
from tests.programs import StartedProgram
from tests.waiting import WAIT_SECONDS

THREADS = 12  # Of a server: 20 requests at two of them are all begun before the first is done.


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: dict[str, str]
    content: bytes

    def json(self) -> Any:
        return json.loads(self.content)

    @property
    def code(self) -> str:
        """Of a problem."""
        assert self.headers["content-type"] == "application/problem+json", self
        assert self.json()["status"] == self.status
        code: str = self.json()["code"]
        return code


@dataclass(frozen=True, slots=True)
class Server:
    """One process that listens."""

    process: StartedProgram
    port: int
    log: Path

    def token(self, credentials: Credentials) -> str:
        """Sign in, as any machine must."""
        basic = base64.b64encode(":".join(credentials).encode()).decode()
        form = {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"}
        answer = self.send("POST", "/oauth/token", form, b"grant_type=client_credentials")
        assert answer.status == 200, answer
        token: str = answer.json()["access_token"]
        return token

    def send(
        self, method: str, path: str, headers: dict[str, str], body: bytes | None, line: HTTPConnection | None = None
    ) -> Answer:
        """Ask, and wait for the answer. Raises OSError or HTTPException where there comes none."""
        line = line or self.line()
        try:
            line.request(method, path, body, headers)
            got = line.getresponse()
            return Answer(got.status, {name.lower(): value for name, value in got.getheaders()}, got.read())
        finally:
            line.close()

    def line(self) -> HTTPConnection:
        line = HTTPConnection("127.0.0.1", self.port, timeout=WAIT_SECONDS)
        line.connect()
        return line

    def is_ready(self) -> bool:
        with suppress(OSError, HTTPException):
            return self.send("GET", "/readyz", {}, None).status == 200
        return False


@contextmanager
def server(log: Path, **more: str) -> Iterator[Server]:
    """Run `lostpost web` with one process of many threads, as one machine of several would; `more`: its variables."""
    port = free_port()
    variables = {
        "LOSTPOST_WEB_PROCESSES": "1",
        "LOSTPOST_WEB_THREADS": str(THREADS),
        "LOSTPOST_API_REQUESTS_PER_MINUTE": "1000000",
        **more,
    }
    with processes.started("lostpost.cli", "web", "--port", str(port), log=log, variables=variables) as process:
        running = Server(process, port, log)
        processes.wait_for(running.is_ready, what="ready", log=log)
        yield running


@dataclass(frozen=True, slots=True)
class Wish:
    """A request that changes something, with its idempotency key."""

    path: str
    body: Any
    key: str


@dataclass(frozen=True, slots=True)
class Program:
    """A program of a shop, signed in once; any server takes its token."""

    token: str

    def ask(self, at: Server, wish: Wish, line: HTTPConnection | None = None) -> Answer:
        headers = {**self._headers, "Content-Type": "application/json", "Idempotency-Key": wish.key}
        return at.send("POST", f"/api/v1{wish.path}", headers, json.dumps(wish.body).encode(), line)

    def get(self, at: Server, path: str) -> Any:
        answer = at.send("GET", f"/api/v1{path}", self._headers, None)
        assert answer.status == 200, answer
        return answer.json()

    def ask_at_once(self, servers: Sequence[Server], wishes: Sequence[Wish]) -> list[Answer]:
        """Ask for all at the same moment, of the servers in turn: each on a line that stands already."""
        barrier = threading.Barrier(len(wishes))

        def ask(place: int) -> Answer:
            at = servers[place % len(servers)]
            line = at.line()
            barrier.wait(WAIT_SECONDS)
            return self.ask(at, wishes[place], line)

        with ThreadPoolExecutor(len(wishes)) as threads:
            return list(threads.map(ask, range(len(wishes))))

    def ask_until_done(self, at: Server, wish: Wish) -> Answer:
        """Send a request, and while it is in progress, wait as the answer says and retry."""
        until = time.monotonic() + WAIT_SECONDS
        while (answer := self.ask(at, wish)).status == 409 and answer.code == "in-progress":
            assert time.monotonic() < until, "the key is held for ever"
            time.sleep(int(answer.headers["retry-after"]) / 5)  # Not as long as it says: tests are in a hurry.
        return answer

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}
